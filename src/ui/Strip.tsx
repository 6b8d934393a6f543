/** Every frame accounted for: both equations, always, in exact integers, and two checks of the measurement itself. */
import Check from 'lucide-react/icons/check';
import X from 'lucide-react/icons/x';
import type { DropCause } from '../core/outcome.ts';
import type { Counts } from '../core/snapshot.ts';
import type { WorkCounts } from '../core/work.ts';
import { selectedOf } from './selected.ts';
import { policyInForce, traitsOf } from '../core/sourceTraits.ts';
import { clockTime, count, percent } from './format.ts';
import { Button } from './parts/Button.tsx';
import { useIsWork, useWork } from './queue/useWork.ts';
import { useStation, useVerbs } from './StationContext.ts';
import css from './Strip.module.css';

const usualCause = {
  latest: 'superseded',
  dropOldest: 'oldest',
  dropNewest: undefined,
  skip: undefined,
  block: undefined,
} as const;
const causes = [
  'superseded',
  'oldest',
  'expired',
  'shed',
  'cancelled',
  'shutdown',
] as const satisfies readonly DropCause[];

/** What is missing on the right side of both equations; 0 when they hold. */
export function imbalance(counts: Counts): number {
  const gate = counts.offered - counts.refused - counts.admitted;
  const dropped = causes.reduce((sum, cause) => sum + counts.dropped[cause], 0);
  const rest = counts.completed + counts.failed + dropped + counts.released + counts.queued + counts.inFlight;
  return Math.abs(gate) + Math.abs(counts.admitted - rest);
}

export function Strip() {
  const isWork = useIsWork();
  const work = useWork();
  return isWork && work !== undefined ? <WorkStrip counts={work.counts} /> : <FrameStrip />;
}

/** Of a work queue: each delivery by the broker has ended once, or is here. */
function WorkStrip({ counts }: { readonly counts: WorkCounts }) {
  const { received, acknowledged, retried, deadLettered, released, unacked, duplicates } = counts;
  const off = Math.abs(received - acknowledged - retried - deadLettered - released - unacked);
  return (
    <footer className={`panel ${css['strip']}`} aria-label="Counts" data-testid="counts" data-balanced={off === 0}>
      <div className={css['equations']}>
        {off === 0 ? (
          <Check
            className={received > 0 ? css['good'] : css['none']}
            size={16}
            aria-label="The sum agrees"
            role="img"
          />
        ) : (
          <>
            <X className={css['bad']} size={16} aria-label="The sum does not agree" role="img" />
            <b className={css['bad']}>off by {count(off)}</b>
          </>
        )}
        <span className={css['equation']} data-testid="counts-received">
          <Term name="received" value={received} />
          <i>=</i>
          <Term name="acknowledged" value={acknowledged} token="--completed" />
          <Plus name="retried" value={retried} token="--queued" />
          <Plus name="dead-lettered" value={deadLettered} token="--failed" />
          <Plus name="released" value={released} token="--released" />
          <Plus name="unacked" value={unacked} token="--queued" />
        </span>
      </div>
      <span className={css['spacer']} />
      <span className={css['check']}>
        At least once: <b>{count(duplicates)}</b> {duplicates === 1 ? 'duplicate' : 'duplicates'} recognised
      </span>
    </footer>
  );
}

function FrameStrip() {
  const counts = useStation((state) => state.snapshot.counts);
  const littleError = useStation((state) => state.live?.littleError);
  const steadyMs = useStation((state) => state.live?.steadyMs);
  const usual = useStation(
    (state) => usualCause[policyInForce(state.settings.flow.policy, traitsOf(selectedOf(state.settings, undefined)))],
  );
  const verbs = useVerbs();
  const off = imbalance(counts);
  const started = counts.offered > 0;
  const shown = causes.filter((cause) => counts.dropped[cause] > 0 || cause === usual);
  return (
    <footer
      className={`panel ${css['strip']}`}
      aria-label="Counts"
      data-testid="counts"
      data-balanced={off === 0}
      data-many={shown.length > 2 || undefined}
    >
      <div className={css['equations']}>
        {off === 0 ? (
          <Check className={started ? css['good'] : css['none']} size={16} aria-label="The sums agree" role="img" />
        ) : (
          <>
            <X className={css['bad']} size={16} aria-label="The sums do not agree" role="img" />
            <b className={css['bad']}>off by {count(off)}</b>
            <Button onClick={() => verbs.export('trace')}>Save the trace</Button>
          </>
        )}
        <span className={css['equation']}>
          <Term name="offered" value={counts.offered} />
          <i>=</i>
          <Term name="refused" value={counts.refused} />
          <i>+</i>
          <Term name="admitted" value={counts.admitted} />
        </span>
        <span className={css['rule']} />
        <span className={css['equation']} data-testid="counts-admitted">
          <Term name="admitted" value={counts.admitted} />
          <i>=</i>
          <Term name="completed" value={counts.completed} token="--completed" />
          {shown.map((cause) => (
            <Plus key={cause} name={cause} value={counts.dropped[cause]} token="--dropped" />
          ))}
          <Plus name="failed" value={counts.failed} token="--failed" />
          {counts.released > 0 && <Plus name="released" value={counts.released} token="--released" />}
          <Plus name="queued" value={counts.queued} token="--queued" />
          <Plus name="in flight" value={counts.inFlight} token="--queued" />
        </span>
      </div>
      <span className={css['spacer']} />
      <span className={css['check']} data-bad={(littleError ?? 0) > 0.05 || undefined}>
        {littleError === undefined ? (
          started ? (
            'Little’s law: n too small'
          ) : (
            ''
          )
        ) : (
          <>
            Little’s law <b>{percent(littleError, 1)}</b> off
          </>
        )}
      </span>
      <span className={css['rule']} />
      <span className={css['check']}>
        {steadyMs === undefined ? (
          started ? (
            'Not steady'
          ) : (
            'Counts start with the first frame'
          )
        ) : (
          <>
            Steady for <b>{clockTime(steadyMs)}</b>
          </>
        )}
      </span>
    </footer>
  );
}

interface TermProps {
  readonly name: string;
  readonly value: number;
  readonly token?: string;
}

function Term({ name, value, token }: TermProps) {
  return (
    <span className={css['term']} data-zero={value === 0 || undefined} data-term={name} data-value={value}>
      {token !== undefined && <i className={css['swatch']} style={{ color: `var(${token})` }} />}
      {name} <b>{count(value)}</b>
    </span>
  );
}

function Plus(props: TermProps) {
  return (
    <span className={css['plus']}>
      <i>+</i>
      <Term {...props} />
    </span>
  );
}
