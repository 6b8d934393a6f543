/** The rarer limits: bytes, rate, the limiter that moves the slots, shedding, and the objective. */
import { useState } from 'react';
import type { Policy, Settings, SourceKind } from '../../core/settings.ts';
import { plain } from '../format.ts';
import { useStation, useVerbs } from '../StationContext.ts';
import { Choice } from '../parts/Choice.tsx';
import { NumberField } from '../parts/NumberField.tsx';
import { Row } from '../parts/Row.tsx';
import { SliderNumber } from '../parts/SliderNumber.tsx';
import { Expander } from './Expander.tsx';
import css from './controls.module.css';

type Flow = Settings['flow'];

const limiters = [
  { value: 'fixed', label: 'Fixed', note: 'As many as In flight says.' },
  { value: 'aimd', label: 'AIMD', note: 'One more while latency is good, a tenth less when it is not.' },
  { value: 'gradient', label: 'Gradient', note: 'By how far latency is above the least that was seen.' },
] as const;

const megabyte = 1e6;

export function LimitControls({ policy, kind }: { readonly policy: Policy; readonly kind: SourceKind }) {
  const flow = useStation((state) => state.settings.flow);
  const sessions = useStation((state) => state.snapshot.engine.sessions);
  const limit = useStation((state) => state.live?.inFlightLimit);
  const verbs = useVerbs();
  const [open, setOpen] = useState(false);
  const set = (change: Partial<Flow>) => verbs.change({ flow: change });
  const { limiter, codel } = flow;
  const weightless = kind === 'scene';
  const lossless = policy === 'block';
  return (
    <Expander title="More limits" fact={factOf(flow)} open={open} onToggle={setOpen}>
      <Row
        label="Bytes"
        off={weightless}
        note={
          weightless
            ? 'A recipe has no bytes: it is painted in the engine.'
            : 'That may wait in a queue, beside the items.'
        }
      >
        <NumberField
          label="Bytes that may wait, MB"
          disabled={weightless}
          value={flow.capacityBytes === null ? null : flow.capacityBytes / megabyte}
          min={0.001}
          max={1_000_000}
          step={1}
          unit="MB"
          empty="any"
          onCommit={(mb) => set({ capacityBytes: mb === null ? null : Math.max(1, Math.round(mb * megabyte)) })}
        />
      </Row>
      <Row label="Rate limit" note="Of each source; Block paces it, every other policy refuses.">
        <NumberField
          label="Rate limit, frames per second"
          value={flow.rateLimit}
          min={0.01}
          max={100_000}
          unit="/s"
          empty="none"
          onCommit={(rateLimit) => set({ rateLimit })}
        />
      </Row>
      <Row
        label="Limiter"
        note={
          limiter.kind === 'fixed'
            ? undefined
            : `Now ${limit ?? 0} in flight.${sessions < 2 ? ' With one session more than two only wait inside.' : ''}`
        }
      >
        <Choice
          label="Limiter of the slots"
          value={limiter.kind}
          options={limiters}
          onChange={(kind) => set({ limiter: { ...limiter, kind } })}
        />
      </Row>
      {limiter.kind !== 'fixed' && (
        <Row label="From, to">
          <div className={css['two']}>
            <NumberField
              label="Least limit"
              value={limiter.min}
              min={1}
              max={limiter.max}
              onCommit={(min) => set({ limiter: { ...limiter, min: Math.round(min ?? 1) } })}
            />
            <NumberField
              label="Largest limit"
              value={limiter.max}
              min={limiter.min}
              max={64}
              onCommit={(max) => set({ limiter: { ...limiter, max: Math.round(max ?? 16) } })}
            />
          </div>
        </Row>
      )}
      {limiter.kind === 'aimd' && (
        <Row label="Latency" note="In the engine; above it the limit falls.">
          <NumberField
            label="Latency that lowers the limit, ms"
            value={limiter.targetMs}
            min={0.1}
            max={60_000}
            unit="ms"
            empty="3 × mean"
            onCommit={(targetMs) => set({ limiter: { ...limiter, targetMs } })}
          />
        </Row>
      )}
      <Row
        label="Shed above"
        off={lossless}
        note={
          lossless
            ? 'Block loses nothing: nothing is shed.'
            : 'CoDel: sheds the oldest when the wait stays above this for an interval.'
        }
      >
        <div className={css['two']}>
          <NumberField
            label="Wait that sheds, ms"
            disabled={lossless}
            value={codel.targetMs}
            min={0.1}
            max={60_000}
            unit="ms"
            empty="off"
            onCommit={(targetMs) => set({ codel: { ...codel, targetMs } })}
          />
          <NumberField
            label="Interval of shedding, ms"
            value={codel.intervalMs}
            min={1}
            max={600_000}
            unit="ms"
            disabled={lossless || codel.targetMs === null}
            onCommit={(intervalMs) => set({ codel: { ...codel, intervalMs: intervalMs ?? 100 } })}
          />
        </div>
      </Row>
      <Row
        label="Misses"
        off={flow.deadlineMs === null}
        note={flow.deadlineMs === null ? 'Set a deadline first.' : 'More than this in a second is a breach.'}
      >
        <SliderNumber
          label="Deadline misses allowed, percent"
          value={flow.maxMissRatio * 100}
          min={0}
          max={20}
          fieldMax={100}
          step={0.5}
          unit="%"
          disabled={flow.deadlineMs === null}
          onChange={(share) => set({ maxMissRatio: share / 100 })}
        />
      </Row>
    </Expander>
  );
}

/** What is in force, in a few words. */
function factOf({ capacityBytes, rateLimit, limiter, codel }: Flow): string {
  const facts = [
    capacityBytes === null ? '' : `${plain(capacityBytes / megabyte)} MB`,
    rateLimit === null ? '' : `${plain(rateLimit)}/s`,
    limiter.kind === 'fixed' ? '' : limiters.find(({ value }) => value === limiter.kind)?.label,
    codel.targetMs === null ? '' : 'CoDel',
  ].filter((fact) => fact !== '');
  return facts.length === 0 ? 'none' : facts.join(', ');
}
