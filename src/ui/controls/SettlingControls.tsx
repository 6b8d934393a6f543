/** What becomes of jobs: attempts, waits, where results and dead letters go. In the place of Flow while a queue is worked. */
import { useState } from 'react';
import type { Settings } from '../../core/settings.ts';
import { Choice } from '../parts/Choice.tsx';
import { Row } from '../parts/Row.tsx';
import { SliderNumber } from '../parts/SliderNumber.tsx';
import { useSelected } from '../selected.ts';
import { useStation, useVerbs } from '../StationContext.ts';
import { Section } from './Section.tsx';
import css from './controls.module.css';

export function SettlingControls() {
  const settling = useStation((state) => state.settings.settling);
  const { kind, queue } = useSelected();
  const verbs = useVerbs();
  const set = (change: Partial<Settings['settling']>) => verbs.change({ settling: change });
  const longest = settling.maxBackoffMs / 1000;
  const first = settling.backoffMs / 1000;
  return (
    <Section title="Settling">
      <Row label="Attempts">
        <SliderNumber
          label="Failures after which a job is a dead letter"
          value={settling.maxAttempts}
          min={1}
          max={20}
          fieldMax={100}
          onChange={(maxAttempts) => set({ maxAttempts: Math.round(maxAttempts) })}
        />
      </Row>
      <Row label="Backoff">
        <Choice
          label="How the wait before the next attempt grows"
          value={settling.backoff}
          options={[
            { value: 'exponential', label: `Full jitter, ${first} – ${longest} s`, note: 'Doubles with each attempt.' },
            { value: 'fixed', label: `Full jitter, ${first} s`, note: 'The same for each attempt.' },
          ]}
          onChange={(backoff) => set({ backoff })}
        />
      </Row>
      <Name
        label="Results to"
        value={settling.results}
        placeholder={`${queue || 'QUEUE'}.results`}
        onChange={(results) => set({ results })}
      />
      <Name
        label="Dead to"
        value={settling.dead}
        placeholder={`${queue || 'QUEUE'}.dead`}
        onChange={(dead) => set({ dead })}
      />
      {kind === 'nats' && (
        <Row label="Ack wait" note="Of a consumer that Weir makes.">
          <SliderNumber
            label="Ack wait, s"
            value={settling.ackWaitMs / 1000}
            min={1}
            max={120}
            fieldMax={3600}
            unit="s"
            onChange={(seconds) => set({ ackWaitMs: Math.round(seconds) * 1000 })}
          />
        </Row>
      )}
      <Name
        label="Image hosts"
        value={settling.hosts}
        placeholder="none"
        onChange={(hosts) => set({ hosts })}
        note="Hosts, parted by spaces, at which a job may name its image."
      />
    </Section>
  );
}

/** Taken on Enter or on leaving: half a name is no destination. */
function Name({
  label,
  value,
  placeholder,
  note,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly placeholder: string;
  readonly note?: string;
  readonly onChange: (value: string) => void;
}) {
  const [draft, setDraft] = useState<string>();
  const commit = () => {
    if (draft !== undefined && draft.trim() !== value) onChange(draft.trim());
    setDraft(undefined);
  };
  return (
    <Row label={label} note={note}>
      <input
        className={css['text']}
        type="text"
        spellCheck={false}
        autoComplete="off"
        aria-label={label}
        placeholder={placeholder}
        value={draft ?? value}
        maxLength={1000}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === 'Enter') commit();
        }}
      />
    </Row>
  );
}
