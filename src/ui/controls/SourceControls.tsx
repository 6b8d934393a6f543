/** Where frames come from, and what the source says of itself. */
import { lazy, Suspense } from 'react';
import type { Settings } from '../../core/settings.ts';
import { isWorkKind } from '../../core/work.ts';
import { kindsInOrder, kindWords } from '../sourceKinds.ts';
import { useSelected } from '../selected.ts';
import { useStation, useVerbs } from '../StationContext.ts';
import { LinkButton } from '../parts/Button.tsx';
import { Choice } from '../parts/Choice.tsx';
import { NumberField } from '../parts/NumberField.tsx';
import { Row } from '../parts/Row.tsx';
import { Segmented } from '../parts/Segmented.tsx';
import { AddressForm } from './AddressForm.tsx';
import { AtTheEnd, ChooseFiles, PlaybackControls } from './PlaybackControls.tsx';
import { DeviceChoice } from './DeviceChoice.tsx';
import { FrameSize } from './FrameSize.tsx';
import { ProtocolChoice } from './ProtocolChoice.tsx';
import { type PartProps, Rate } from './Rate.tsx';
import { SceneControls } from './SceneControls.tsx';
import { Section } from './Section.tsx';
import { SoundControls } from './SoundControls.tsx';
import { mostSources, SourceList } from './SourceList.tsx';
import { SourceFacts } from './SourceFacts.tsx';

const QueueSource = lazy(() =>
  import('./QueueSource.tsx').then(({ QueueSource: default_ }) => ({ default: default_ })),
);

const kinds = kindsInOrder.map((value) => ({ value, label: kindWords[value].label, note: kindWords[value].note }));

export function SourceControls() {
  const source = useSelected();
  const several = useStation((state) => state.settings.sources.length);
  const verbs = useVerbs();
  const set = (change: Partial<Settings['source']>) => verbs.change({ source: change });
  return (
    <Section
      title="Source"
      action={several < mostSources && <LinkButton onClick={() => verbs.addSource()}>Add a source</LinkButton>}
    >
      <SourceList />
      <Row label="Kind">
        <Choice
          label="Kind of source"
          value={source.kind}
          options={kinds}
          onChange={(kind) => verbs.changeKind(kind)}
        />
      </Row>
      {source.kind === 'scene' && <SceneControls source={source} set={set} />}
      {source.kind === 'camera' && <Camera source={source} set={set} />}
      {source.kind === 'video' && <PlaybackControls source={source} choose="Choose a video" />}
      {(source.kind === 'images' || source.kind === 'files') && (
        <>
          <Row label="Pace">
            <Segmented
              label="Pace"
              value={source.speed === 0 ? 'served' : 'rate'}
              options={[
                { value: 'rate', label: 'At a rate' },
                { value: 'served', label: 'As served' },
              ]}
              onChange={(pace) => set({ speed: pace === 'rate' ? 1 : 0 })}
            />
          </Row>
          {source.speed !== 0 && <Rate source={source} set={set} />}
          <AtTheEnd source={source} />
          <ChooseFiles label="Choose files" many />
        </>
      )}
      {(source.kind === 'websocket' || source.kind === 'mjpeg') && (
        <AddressForm key={source.kind} kind={source.kind} url={source.url} />
      )}
      {source.kind === 'websocket' && (
        <ProtocolChoice protocol={source.protocol} onChange={(protocol) => set({ protocol })} />
      )}
      {isWorkKind(source.kind) && (
        <Suspense>
          <QueueSource key={source.id + source.kind} source={source} />
        </Suspense>
      )}
      {source.kind === 'audio' && <SoundControls source={source} />}
      {source.kind === 'constant' && <Constant source={source} set={set} />}
      <SourceFacts kind={source.kind} />
    </Section>
  );
}

function Camera({ source, set }: PartProps) {
  return (
    <>
      <DeviceChoice kind="camera" deviceId={source.deviceId} onChange={(deviceId) => set({ deviceId })} />
      <Row label="Resolution">
        <FrameSize source={source} set={set} />
      </Row>
    </>
  );
}

function Constant({ source, set }: PartProps) {
  return (
    <>
      <Rate source={source} set={set} />
      <Row label="Value">
        <NumberField
          label="Value"
          value={source.value}
          min={-1e9}
          max={1e9}
          step={0.1}
          onCommit={(value) => set({ value: value ?? 0 })}
        />
      </Row>
    </>
  );
}
