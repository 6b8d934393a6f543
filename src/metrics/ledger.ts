/**
 * Counts every delivery exactly, per source and in total, and integrates the live counters over time.
 * The sums that the page shows are these integers; nothing is inferred.
 */
import type { Clock } from '../core/clock.ts';
import type { Delivery, FlowObserver } from '../core/delivery.ts';
import type { Outcome } from '../core/outcome.ts';
import { type Counts, emptyCounts } from '../core/snapshot.ts';

/** Time integrals of the live counters since the ledger began: count x ms. */
export interface Integrals {
  readonly queued: number;
  readonly inFlight: number;
  /** ms during which the queue stood at its limit. */
  readonly atLimit: number;
}

export interface Ledger extends FlowObserver {
  /** A copy. */
  snapshot(): Counts;
  sources(): Record<string, Counts>;
  /** Up to `at`, ms on the clock, which must not lie before the newest event. */
  integrals(at: number): Integrals;
  /** Places of the queue; 0: there is no queue, so it is never at its limit. */
  setQueueLimit(limit: number): void;
}

export function createLedger(clock: Clock): Ledger {
  const total = emptyCounts();
  const bySource = new Map<string, Counts>();
  let queued = 0;
  let inFlight = 0;
  let atLimit = 0;
  let queueLimit = 0;
  let last = clock.now();

  function of(source: string): Counts {
    let counts = bySource.get(source);
    if (counts === undefined) {
      counts = emptyCounts();
      bySource.set(source, counts);
    }
    return counts;
  }

  function integrate(now: number): void {
    const ms = now - last;
    if (ms <= 0) return;
    queued += total.queued * ms;
    inFlight += total.inFlight * ms;
    if (queueLimit > 0 && total.queued >= queueLimit) atLimit += ms;
    last = now;
  }

  return {
    offered({ source }) {
      total.offered += 1;
      of(source).offered += 1;
    },
    admitted({ source }) {
      integrate(clock.now());
      admit(total);
      admit(of(source));
    },
    dequeued({ source }) {
      integrate(clock.now());
      dequeue(total);
      dequeue(of(source));
    },
    settled(delivery, outcome) {
      integrate(clock.now());
      end(total, delivery, outcome);
      end(of(delivery.source), delivery, outcome);
    },
    missed(source, count) {
      total.missed += count;
      of(source).missed += count;
    },
    snapshot: () => copy(total),
    sources: () => Object.fromEntries([...bySource].map(([id, counts]) => [id, copy(counts)])),
    integrals(at) {
      integrate(at);
      return { queued, inFlight, atLimit };
    },
    setQueueLimit(limit) {
      integrate(clock.now());
      queueLimit = limit;
    },
  };
}

function admit(counts: Counts): void {
  counts.admitted += 1;
  counts.queued += 1;
}

function dequeue(counts: Counts): void {
  counts.queued -= 1;
  counts.inFlight += 1;
}

/** The stamps say where it was: refused at the gate, in the queue, or in flight. */
function end(counts: Counts, { stamps }: Delivery, outcome: Outcome): void {
  if (outcome.kind === 'dropped') counts.dropped[outcome.cause] += 1;
  else counts[outcome.kind] += 1;
  if (Number.isNaN(stamps.enqueued)) counts.refused += 1;
  else if (Number.isNaN(stamps.dequeued)) counts.queued -= 1;
  else counts.inFlight -= 1;
}

const copy = (counts: Counts): Counts => ({ ...counts, dropped: { ...counts.dropped } });
