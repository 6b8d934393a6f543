/** What happens when frames come faster than they are served. */
import type { Policy, Settings } from '../../core/settings.ts';
import { policyInForce, traitsOf } from '../../core/sourceTraits.ts';
import { useSelected } from '../selected.ts';
import { useStation, useVerbs } from '../StationContext.ts';
import { LinkButton } from '../parts/Button.tsx';
import { Choice } from '../parts/Choice.tsx';
import { NumberField } from '../parts/NumberField.tsx';
import { Row } from '../parts/Row.tsx';
import { SliderNumber } from '../parts/SliderNumber.tsx';
import { BatchControls } from './BatchControls.tsx';
import { LimitControls } from './LimitControls.tsx';
import { policyNames } from './policies.ts';
import { Section } from './Section.tsx';
import css from './controls.module.css';

const notes: Readonly<Record<Policy, string>> = {
  latest: 'A newer frame replaces the one that waits.',
  dropOldest: 'The frame that waited longest leaves.',
  dropNewest: 'The frame that comes is refused.',
  skip: 'No queue: refuse while the engine is busy.',
  block: 'Ask for a frame only when there is room; loses nothing.',
};

export function FlowControls() {
  const flow = useStation((state) => state.settings.flow);
  const source = useSelected();
  const sessions = useStation((state) => state.snapshot.engine.sessions || state.settings.engine.sessions || 1);
  const inFlightLimit = useStation((state) => state.live?.inFlightLimit);
  const verbs = useVerbs();
  const set = (change: Partial<Settings['flow']>) => verbs.change({ flow: change });

  const traits = traitsOf(source);
  const policy = policyInForce(flow.policy, traits);
  const options = [
    {
      value: 'auto' as const,
      label: `Auto`,
      note: `What suits the source; here ${policyNames[traits.defaultPolicy].toLowerCase()}.`,
    },
    ...(['latest', 'dropOldest', 'dropNewest', 'skip', 'block'] as const).map((value) => ({
      value,
      label: policyNames[value],
      note: notes[value],
    })),
  ];
  const fixedCapacity = policy === 'latest' ? 1 : policy === 'skip' ? 0 : undefined;
  const adaptive = flow.limiter.kind !== 'fixed';
  const slots =
    flow.maxInFlight ?? inFlightLimit ?? (policy === 'latest' || policy === 'skip' ? sessions : sessions + 1);
  const whenFullNote =
    flow.policy === 'auto'
      ? `Here: ${policyNames[policy].toLowerCase()}.`
      : flow.policy === 'block' && !traits.pausable
        ? `This source cannot wait. ${policyNames[policy]} is in force.${source.kind === 'websocket' ? ' With the protocol weir.v1 it can.' : ''}`
        : undefined;
  return (
    <Section title="Flow">
      <Row label="When full" note={whenFullNote}>
        <Choice label="When full" value={flow.policy} options={options} onChange={(next) => set({ policy: next })} />
      </Row>
      <Row
        label="Capacity"
        off={fixedCapacity !== undefined}
        note={
          fixedCapacity === 1 ? 'Keep latest always has one.' : fixedCapacity === 0 ? 'Skip has no queue.' : undefined
        }
      >
        <SliderNumber
          label="Capacity of the queue"
          value={fixedCapacity ?? flow.capacity}
          min={fixedCapacity === 0 ? 0 : 1}
          max={64}
          fieldMax={1_000_000}
          disabled={fixedCapacity !== undefined}
          onChange={(capacity) => set({ capacity: Math.round(capacity) })}
        />
      </Row>
      <Row
        label="In flight"
        off={adaptive}
        note={
          adaptive
            ? 'The limiter below moves it.'
            : backToAuto(flow.maxInFlight === null, () => set({ maxInFlight: null }))
        }
      >
        <SliderNumber
          label="Frames in the engine"
          disabled={adaptive}
          value={slots}
          min={1}
          max={8}
          fieldMax={64}
          onChange={(maxInFlight) => set({ maxInFlight: Math.round(maxInFlight) })}
        />
      </Row>
      <Row label="Open" note={backToAuto(flow.maxOpen === null, () => set({ maxOpen: null }))}>
        <SliderNumber
          label="Frames between queue and settlement"
          value={flow.maxOpen ?? slots + 2}
          min={1}
          max={16}
          fieldMax={1024}
          onChange={(maxOpen) => set({ maxOpen: Math.round(maxOpen) })}
        />
      </Row>
      <OptionalMs
        label="Max age"
        value={flow.maxAgeMs}
        off={policy === 'block' ? 'Block loses nothing: nothing expires.' : undefined}
        onChange={(maxAgeMs) => set({ maxAgeMs })}
      />
      <OptionalMs label="Deadline" value={flow.deadlineMs} onChange={(deadlineMs) => set({ deadlineMs })} />
      <BatchControls />
      <LimitControls policy={policy} kind={source.kind} />
    </Section>
  );
}

/** Nothing while automatic; otherwise the way back. */
function backToAuto(isAuto: boolean, onReset: () => void) {
  return isAuto ? undefined : <LinkButton onClick={onReset}>Back to automatic</LinkButton>;
}

const presets = [16, 33, 50, 66, 100, 200, 500, 1000];

function OptionalMs({
  label,
  value,
  off,
  onChange,
}: {
  readonly label: string;
  readonly value: number | null;
  /** Why it does not act. */
  readonly off?: string | undefined;
  readonly onChange: (value: number | null) => void;
}) {
  const choices = value === null || presets.includes(value) ? presets : [...presets, value].sort((a, b) => a - b);
  return (
    <Row label={label} off={off !== undefined} note={off}>
      <div className={css['split']}>
        <Choice
          label={label}
          disabled={off !== undefined}
          value={value ?? 0}
          options={[{ value: 0, label: 'Off' }, ...choices.map((ms) => ({ value: ms, label: `${ms} ms` }))]}
          onChange={(next) => onChange(next === 0 ? null : next)}
        />
        <NumberField
          label={`${label}, ms`}
          value={value}
          min={1}
          max={600_000}
          empty="off"
          disabled={off !== undefined}
          onCommit={(next) => onChange(next)}
        />
      </div>
    </Row>
  );
}
