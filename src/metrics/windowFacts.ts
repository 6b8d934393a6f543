/** The numbers of a trailing window from its seconds: sums first, then one division, so that nothing is averaged twice. */
import { type DropCause, dropCauses } from '../core/outcome.ts';
import { emptyCounts, type Percentiles, type Snapshot, type Stages } from '../core/snapshot.ts';
import type { Histogram } from './histogram.ts';
import type { Integrals } from './ledger.ts';
import { littleError } from './little.ts';
import { type LatencyKind, noStages, type Second, stageNames } from './second.ts';
import { samplesFor } from './validity.ts';

export interface WindowFacts {
  readonly ratesPerS: Snapshot['ratesPerS'];
  readonly latencyMs: Snapshot['latencyMs'];
  /** Means over the completed with a response time, so that they sum to its mean; `present` over those that were drawn. */
  readonly stagesMs: Stages;
  readonly dropsPerS: Record<DropCause, number>;
  readonly failedPerS: number;
  /** (late + dropped + failed) / offered, 0..1. */
  readonly missRatio: number;
  /** Time mean. */
  readonly inFlightMean: number;
  /** |L - lambda W| / L; undefined below a window of 100 W. */
  readonly littleError: number | undefined;
  /** For how long throughput and latency have been steady, ms; undefined: not steady. */
  readonly steadyMs: number | undefined;
  /** Over how long these numbers are taken. */
  readonly spanMs: number;
}

export interface WindowInput {
  readonly spanMs: number;
  readonly seconds: readonly Second[];
  readonly histograms: Readonly<Record<LatencyKind, Histogram>>;
  /** What the integrals of the live counters grew by within the window. */
  readonly area: Integrals;
  readonly steadyMs: number | undefined;
}

export function windowFacts({ spanMs, seconds, histograms, area, steadyMs }: WindowInput): WindowFacts {
  const sum = {
    offered: 0,
    admitted: 0,
    completed: 0,
    good: 0,
    failed: 0,
    dropped: 0,
    presented: 0,
    residenceSum: 0,
    residences: 0,
  };
  const stages = noStages();
  const dropsPerS: Record<DropCause, number> = emptyCounts().dropped;
  const maxMs: Record<LatencyKind, number> = { response: 0, service: 0, queueing: 0 };
  for (const second of seconds) {
    sum.offered += second.offered;
    sum.admitted += second.admitted;
    sum.completed += second.completed;
    sum.good += second.good;
    sum.failed += second.failed;
    sum.presented += second.presented;
    sum.residenceSum += second.residenceSum;
    sum.residences += second.residences;
    for (const cause of dropCauses) {
      sum.dropped += second.dropped[cause];
      dropsPerS[cause] += (second.dropped[cause] * 1000) / spanMs;
    }
    for (const stage of stageNames) stages[stage] += second.stages[stage];
    maxMs.response = Math.max(maxMs.response, second.maxMs.response);
    maxMs.service = Math.max(maxMs.service, second.maxMs.service);
    maxMs.queueing = Math.max(maxMs.queueing, second.maxMs.queueing);
  }
  for (const stage of stageNames)
    stages[stage] /= Math.max(1, stage === 'present' ? sum.presented : histograms.response.count);
  const perS = (count: number) => (count * 1000) / spanMs;
  return {
    ratesPerS: {
      offered: perS(sum.offered),
      admitted: perS(sum.admitted),
      completed: perS(sum.completed),
      dropped: perS(sum.dropped),
      goodput: perS(sum.good),
    },
    latencyMs: {
      response: percentilesOf(histograms.response, maxMs.response),
      service: percentilesOf(histograms.service, maxMs.service),
      queueing: percentilesOf(histograms.queueing, maxMs.queueing),
    },
    stagesMs: stages,
    dropsPerS,
    failedPerS: perS(sum.failed),
    // Ended within the window over offered within it: at its edges the two are not the same frames.
    missRatio: Math.min(1, (sum.completed - sum.good + sum.dropped + sum.failed) / Math.max(1, sum.offered)),
    inFlightMean: area.inFlight / spanMs,
    littleError: littleError({
      spanMs,
      meanInSystem: (area.queued + area.inFlight) / spanMs,
      admitted: sum.admitted,
      residenceMs: sum.residenceSum / sum.residences,
    }),
    steadyMs,
    spanMs,
  };
}

/** @param max the exact largest value, ms; the histogram knows it to three digits and up to 60 s only */
function percentilesOf(histogram: Histogram, max: number): Percentiles {
  const n = histogram.count;
  // The end of a cell may lie above the largest value in it.
  const [p50 = 0, p95 = 0, p99 = 0] = histogram.percentiles([0.5, 0.95, 0.99]).map((ms) => Math.min(ms, max));
  const valid = (q: number) => n >= samplesFor(q);
  return { n, p50, p95, p99, max, valid: { p50: valid(0.5), p95: valid(0.95), p99: valid(0.99) } };
}
