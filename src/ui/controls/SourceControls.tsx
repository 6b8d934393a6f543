/** Where frames come from, and what the source says of itself. */
import { useEffect, useState } from 'react';
import type { Settings, SourceKind } from '../../core/settings.ts';
import { useStation, useVerbs } from '../StationContext.ts';
import { Button } from '../parts/Button.tsx';
import { Choice } from '../parts/Choice.tsx';
import { NumberField } from '../parts/NumberField.tsx';
import { Row } from '../parts/Row.tsx';
import { Segmented } from '../parts/Segmented.tsx';
import { SliderNumber } from '../parts/SliderNumber.tsx';
import { Section } from './Section.tsx';
import { SourceFacts } from './SourceFacts.tsx';
import css from './controls.module.css';

const kinds = [
  { value: 'scene', label: 'Synthetic scene', note: 'Moving shapes at any rate; needs nothing else.' },
  { value: 'camera', label: 'Camera', note: 'A camera of this machine; the browser asks first.' },
  { value: 'video', label: 'Video file', note: 'Decoded in the worker; it waits for the model.' },
  { value: 'images', label: 'Image files', note: 'Pictures or .npy arrays of this computer; they wait.' },
  { value: 'websocket', label: 'WebSocket', note: 'One message is one image or .npy array.' },
] as const satisfies readonly { value: SourceKind; label: string; note: string }[];

const frames = ['320x240', '640x360', '640x480', '1280x720', '1920x1080'];

export function SourceControls() {
  const source = useStation((state) => state.settings.source);
  const verbs = useVerbs();
  const set = (change: Partial<Settings['source']>) => verbs.change({ source: change });
  return (
    <Section title="Source">
      <Row label="Kind">
        <Choice label="Kind of source" value={source.kind} options={kinds} onChange={(kind) => set({ kind })} />
      </Row>
      {source.kind === 'scene' && <Scene source={source} set={set} />}
      {source.kind === 'camera' && <Camera source={source} set={set} />}
      {source.kind === 'video' && <Video source={source} set={set} />}
      {source.kind === 'images' && <Images source={source} set={set} />}
      {source.kind === 'websocket' && <WebSocketAddress url={source.url} />}
      <SourceFacts kind={source.kind} />
    </Section>
  );
}

interface PartProps {
  readonly source: Settings['source'];
  readonly set: (change: Partial<Settings['source']>) => void;
}

function Scene({ source, set }: PartProps) {
  return (
    <>
      <Row label="Rate">
        <SliderNumber
          label="Rate, frames per second"
          value={source.ratePerS}
          min={1}
          max={120}
          fieldMax={2000}
          unit="/s"
          onChange={(ratePerS) => set({ ratePerS })}
        />
      </Row>
      <Row label="Arrivals">
        <Segmented
          label="Arrivals"
          value={source.arrivals}
          options={[
            { value: 'constant', label: 'Constant' },
            { value: 'poisson', label: 'Poisson' },
          ]}
          onChange={(arrivals) => set({ arrivals })}
        />
      </Row>
      <Row label="Frame, seed">
        <div className={css['frame']}>
          <FrameSize source={source} set={set} />
          <NumberField
            label="Seed"
            value={source.seed}
            min={0}
            max={0xffffffff}
            onCommit={(seed) => set({ seed: Math.round(seed ?? 0) })}
          />
        </div>
      </Row>
    </>
  );
}

const speeds = [
  { value: '0.25', label: 'Quarter' },
  { value: '0.5', label: 'Half' },
  { value: '1', label: 'As recorded' },
  { value: '2', label: 'Double' },
  { value: '4', label: 'Fourfold' },
  { value: '0', label: 'As fast as served' },
];

function Video({ source, set }: PartProps) {
  const verbs = useVerbs();
  const value = String(source.speed);
  const options = speeds.some((speed) => speed.value === value)
    ? speeds
    : [{ value, label: `${value} times` }, ...speeds];
  return (
    <>
      <Row label="Speed">
        <Choice label="Speed" value={value} options={options} onChange={(speed) => set({ speed: Number(speed) })} />
      </Row>
      <AtTheEnd source={source} set={set} />
      <Row label="File">
        <Button onClick={() => verbs.pickFiles()}>Choose a video</Button>
      </Row>
    </>
  );
}

function AtTheEnd({ source, set }: PartProps) {
  return (
    <Row label="At the end">
      <Segmented
        label="At the end"
        value={source.loop ? 'loop' : 'stop'}
        options={[
          { value: 'loop', label: 'Again' },
          { value: 'stop', label: 'Stop' },
        ]}
        onChange={(value) => set({ loop: value === 'loop' })}
      />
    </Row>
  );
}

function Images({ source, set }: PartProps) {
  const verbs = useVerbs();
  return (
    <>
      <Row label="Rate">
        <SliderNumber
          label="Rate, files per second"
          value={source.ratePerS}
          min={1}
          max={120}
          fieldMax={2000}
          unit="/s"
          onChange={(ratePerS) => set({ ratePerS })}
        />
      </Row>
      <AtTheEnd source={source} set={set} />
      <Row label="Files">
        <Button onClick={() => verbs.pickFiles()}>Choose files</Button>
      </Row>
    </>
  );
}

function Camera({ source, set }: PartProps) {
  const cameras = useStation((state) => state.cameras);
  const status = useStation((state) => state.live?.source.status);
  const verbs = useVerbs();
  // Names of cameras appear once the person has allowed one.
  useEffect(() => verbs.listCameras(), [verbs, status]);
  const options = [
    { value: '', label: "Browser's choice" },
    ...cameras
      .filter((camera) => camera.deviceId !== '')
      .map((camera) => ({ value: camera.deviceId, label: camera.label.slice(0, 60) })),
  ];
  if (!options.some((option) => option.value === source.deviceId)) {
    options.push({ value: source.deviceId, label: 'A camera that is not here' });
  }
  return (
    <>
      <Row label="Device">
        <Choice label="Camera" value={source.deviceId} options={options} onChange={(deviceId) => set({ deviceId })} />
      </Row>
      <Row label="Resolution">
        <FrameSize source={source} set={set} />
      </Row>
    </>
  );
}

function FrameSize({ source, set }: PartProps) {
  const value = `${source.width}x${source.height}`;
  const values = frames.includes(value) ? frames : [value, ...frames];
  return (
    <Choice
      label="Frame size"
      value={value}
      options={values.map((size) => ({ value: size, label: size.replace('x', ' × ') }))}
      onChange={(size) => {
        const [width = 0, height = 0] = size.split('x').map(Number);
        set({ width, height });
      }}
    />
  );
}

function WebSocketAddress({ url }: { readonly url: string }) {
  const verbs = useVerbs();
  const [draft, setDraft] = useState<string>();
  const shown = draft ?? url;
  const wrong = shown !== '' && !/^wss?:\/\/[^/\s]+/i.test(shown);
  const connect = () => {
    if (wrong) return;
    verbs.change({ source: { kind: 'websocket', url: shown.trim() } });
    setDraft(undefined);
    verbs.start();
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        connect();
      }}
    >
      <div className={css['address']}>
        <input
          className={css['text']}
          type="text"
          inputMode="url"
          spellCheck={false}
          autoComplete="off"
          aria-label="WebSocket address"
          aria-invalid={wrong}
          placeholder="Empty: the demo feed"
          value={shown}
          maxLength={2000}
          onChange={(event) => setDraft(event.target.value)}
        />
        <Button type="submit" disabled={wrong}>
          Connect
        </Button>
      </div>
      {wrong && <p className={css['fact']}>An address starts with ws:// or wss:// and a host.</p>}
    </form>
  );
}
