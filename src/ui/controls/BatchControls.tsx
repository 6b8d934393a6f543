/** Frames that run together, and the order in which results leave. */
import type { Settings } from '../../core/settings.ts';
import { one } from '../format.ts';
import { useStation, useVerbs } from '../StationContext.ts';
import { NumberField } from '../parts/NumberField.tsx';
import { Row } from '../parts/Row.tsx';
import { Segmented } from '../parts/Segmented.tsx';
import { SliderNumber } from '../parts/SliderNumber.tsx';

type Flow = Settings['flow'];

export function BatchControls() {
  const { batch, order } = useStation((state) => state.settings.flow);
  const why = useStation((state) => state.live?.notBatched);
  const mean = useStation((state) => state.live?.served?.batch);
  const verbs = useVerbs();
  const set = (change: Partial<Flow>) => verbs.change({ flow: change });
  return (
    <>
      <Row
        label="Batch"
        off={why !== undefined}
        note={why ?? (batch.maxSize > 1 && mean !== undefined ? `${one(mean)} frames in a run on average.` : undefined)}
      >
        <SliderNumber
          label="Frames that run together at most"
          value={why === undefined ? batch.maxSize : 1}
          min={1}
          max={16}
          fieldMax={64}
          disabled={why !== undefined}
          onChange={(maxSize) => set({ batch: { ...batch, maxSize: Math.round(maxSize) } })}
        />
      </Row>
      {batch.maxSize > 1 && why === undefined && (
        <Row label="Gather for" note="What comes first waits no longer than this for the others.">
          <NumberField
            label="A batch gathers for at most, ms"
            value={batch.maxDelayMs}
            min={0}
            max={60_000}
            unit="ms"
            onCommit={(maxDelayMs) => set({ batch: { ...batch, maxDelayMs: maxDelayMs ?? 5 } })}
          />
        </Row>
      )}
      <Row label="Order">
        <Segmented
          label="Order of results"
          value={order}
          options={[
            { value: 'completion', label: 'As ready' },
            { value: 'arrival', label: 'As arrived' },
          ]}
          onChange={(next) => set({ order: next })}
        />
      </Row>
    </>
  );
}
