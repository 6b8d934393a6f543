/**
 * Counts every delivery exactly, per source and in total, and integrates the live counters over time.
 * The sums that the page shows are these integers; nothing is inferred.
 */
import type { Clock } from '../core/clock.ts';
import type { Delivery } from '../core/delivery.ts';
import type { Outcome } from '../core/outcome.ts';
import { type Counts, emptyCounts } from '../core/snapshot.ts';

/** Time integrals of the live counters: counter x ms since the ledger began. */
export interface Integrals {
  readonly queued: number;
  readonly inFlight: number;
  /** ms during which the queue stood at its limit. */
  readonly atLimit: number;
}

export interface Ledger {
  offered(delivery: Delivery): void;
  admitted(delivery: Delivery): void;
  dequeued(delivery: Delivery): void;
  settled(delivery: Delivery, outcome: Outcome): void;
  missed(source: string, count: number): void;
  counts(): Counts;
  sources(): Record<string, Counts>;
  integrals(): Integrals;
  setQueueLimit(limit: number): void;
}

export function createLedger(clock: Clock): Ledger {
  const total = emptyCounts();
  const bySource = new Map<string, Counts>();
  const sums = { queued: 0, inFlight: 0, atLimit: 0 };
  let queueLimit = Infinity;
  let last = clock.now();

  const of = (source: string): Counts => {
    let counts = bySource.get(source);
    if (counts === undefined) {
      counts = emptyCounts();
      bySource.set(source, counts);
    }
    return counts;
  };

  function integrate(): void {
    const now = clock.now();
    const ms = now - last;
    if (ms <= 0) return;
    sums.queued += total.queued * ms;
    sums.inFlight += total.inFlight * ms;
    if (queueLimit > 0 && total.queued >= queueLimit) sums.atLimit += ms;
    last = now;
  }

  return {
    offered({ source }) {
      total.offered += 1;
      of(source).offered += 1;
    },
    admitted({ source }) {
      integrate();
      for (const counts of [total, of(source)]) {
        counts.admitted += 1;
        counts.queued += 1;
      }
    },
    dequeued({ source }) {
      integrate();
      for (const counts of [total, of(source)]) {
        counts.queued -= 1;
        counts.inFlight += 1;
      }
    },
    settled({ source, stamps }, outcome) {
      integrate();
      for (const counts of [total, of(source)]) {
        if (outcome.kind === 'dropped') counts.dropped[outcome.cause] += 1;
        else counts[outcome.kind] += 1;
        if (Number.isNaN(stamps.enqueued)) counts.refused += 1;
        else if (Number.isNaN(stamps.dequeued)) counts.queued -= 1;
        else counts.inFlight -= 1;
      }
    },
    missed(source, count) {
      total.missed += count;
      of(source).missed += count;
    },
    counts: () => ({ ...total, dropped: { ...total.dropped } }),
    sources: () =>
      Object.fromEntries([...bySource].map(([id, counts]) => [id, { ...counts, dropped: { ...counts.dropped } }])),
    integrals() {
      integrate();
      return { ...sums };
    },
    setQueueLimit(limit) {
      integrate();
      queueLimit = limit;
    },
  };
}
