/** How a chosen recording plays: where it is, how fast, what happens at its end, and which file it is. */
import type { Settings } from '../../core/settings.ts';
import { useSourceState } from '../selected.ts';
import { useVerbs } from '../StationContext.ts';
import { Button } from '../parts/Button.tsx';
import { Choice } from '../parts/Choice.tsx';
import { Row } from '../parts/Row.tsx';
import { Segmented } from '../parts/Segmented.tsx';
import { SliderNumber } from '../parts/SliderNumber.tsx';

interface PartProps {
  readonly source: Settings['source'];
}

const speeds = [
  { value: '0.25', label: 'Quarter' },
  { value: '0.5', label: 'Half' },
  { value: '1', label: 'As recorded' },
  { value: '2', label: 'Double' },
  { value: '4', label: 'Fourfold' },
  { value: '0', label: 'As fast as served' },
];

export function PlaybackControls({ source, choose }: PartProps & { readonly choose: string }) {
  const verbs = useVerbs();
  const value = String(source.speed);
  const options = speeds.some((speed) => speed.value === value)
    ? speeds
    : [{ value, label: `${value} times` }, ...speeds];
  return (
    <>
      <Position />
      <Row label="Speed">
        <Choice
          label="Speed"
          value={value}
          options={options}
          onChange={(speed) => verbs.change({ source: { speed: Number(speed) } })}
        />
      </Row>
      <AtTheEnd source={source} />
      <ChooseFiles label={choose} />
    </>
  );
}

/** Moved by the recording, and by the person who drags it. */
function Position() {
  const state = useSourceState();
  const verbs = useVerbs();
  const open = state?.status === 'open' ? state : undefined;
  const durationS = open?.durationS ?? 0;
  return (
    <Row label="Position">
      <SliderNumber
        label="Position, seconds"
        value={Math.round((open?.positionS ?? 0) * 10) / 10}
        min={0}
        max={Math.max(0.1, Math.floor(durationS * 10) / 10)}
        step={0.1}
        unit="s"
        disabled={durationS === 0}
        onChange={(startS) => verbs.change({ source: { startS } })}
      />
    </Row>
  );
}

export function AtTheEnd({ source }: PartProps) {
  const verbs = useVerbs();
  return (
    <Row label="At the end">
      <Segmented
        label="At the end"
        value={source.loop ? 'loop' : 'stop'}
        options={[
          { value: 'loop', label: 'Again' },
          { value: 'stop', label: 'Stop' },
        ]}
        onChange={(value) => verbs.change({ source: { loop: value === 'loop' } })}
      />
    </Row>
  );
}

export function ChooseFiles({ label, many = false }: { readonly label: string; readonly many?: boolean }) {
  const verbs = useVerbs();
  return (
    <Row label={many ? 'Files' : 'File'}>
      <Button onClick={() => verbs.pickFiles()}>{label}</Button>
    </Row>
  );
}
