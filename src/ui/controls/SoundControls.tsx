/** Sound: from where, at what rate the model was trained, and how much of it is one window. */
import type { Settings } from '../../core/settings.ts';
import { useVerbs } from '../StationContext.ts';
import { NumberField } from '../parts/NumberField.tsx';
import { Row } from '../parts/Row.tsx';
import { Segmented } from '../parts/Segmented.tsx';
import { DeviceChoice } from './DeviceChoice.tsx';
import { PlaybackControls } from './PlaybackControls.tsx';

export function SoundControls({ source }: { readonly source: Settings['source'] }) {
  const verbs = useVerbs();
  const set = (change: Partial<Settings['source']>) => verbs.change({ source: change });
  return (
    <>
      <Row label="From">
        <Segmented
          label="Sound from"
          value={source.input}
          options={[
            { value: 'microphone', label: 'Microphone' },
            { value: 'file', label: 'File' },
          ]}
          onChange={(input) => set({ input })}
        />
      </Row>
      {source.input === 'microphone' ? (
        <DeviceChoice kind="microphone" deviceId={source.deviceId} onChange={(deviceId) => set({ deviceId })} />
      ) : (
        <PlaybackControls source={source} choose="Choose a sound file" />
      )}
      <Row label="Sample rate">
        <NumberField
          label="Sample rate"
          value={source.sampleRate}
          min={1000}
          max={192_000}
          step={1000}
          unit="Hz"
          onCommit={(rate) => set({ sampleRate: Math.round(rate ?? 16_000) })}
        />
      </Row>
      <Row label="Window">
        <NumberField
          label="Samples of a window"
          value={source.windowSamples}
          min={16}
          max={1_048_576}
          unit="samples"
          onCommit={(samples) => set({ windowSamples: Math.round(samples ?? 512) })}
        />
      </Row>
      <Row label="Context">
        <NumberField
          label="Samples of the sound before, in front of each window"
          value={source.contextSamples}
          min={0}
          max={1_048_576}
          unit="samples"
          onCommit={(samples) => set({ contextSamples: Math.round(samples ?? 0) })}
        />
      </Row>
    </>
  );
}
