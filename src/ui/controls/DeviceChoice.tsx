/** A picker of cameras or microphones; their names appear once the person has allowed one. */
import { useEffect } from 'react';
import type { MediaDevice } from '../../core/commands.ts';
import { useSourceState } from '../selected.ts';
import { useStation, useVerbs } from '../StationContext.ts';
import { Choice } from '../parts/Choice.tsx';
import { Row } from '../parts/Row.tsx';

export function DeviceChoice({
  kind,
  deviceId,
  onChange,
}: {
  readonly kind: MediaDevice['kind'];
  readonly deviceId: string;
  readonly onChange: (deviceId: string) => void;
}) {
  const devices = useStation((state) => state.devices);
  const status = useSourceState()?.status;
  const verbs = useVerbs();
  useEffect(() => verbs.listDevices(), [verbs, status]);
  const options = [
    { value: '', label: "Browser's choice" },
    ...devices
      .filter((device) => device.kind === kind && device.deviceId !== '')
      .map((device) => ({ value: device.deviceId, label: device.label.slice(0, 60) })),
  ];
  if (!options.some((option) => option.value === deviceId))
    options.push({ value: deviceId, label: `A ${kind} that is not here` });
  return (
    <Row label="Device">
      <Choice
        label={kind === 'camera' ? 'Camera' : 'Microphone'}
        value={deviceId}
        options={options}
        onChange={onChange}
      />
    </Row>
  );
}
