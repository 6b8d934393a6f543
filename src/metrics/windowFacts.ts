/** The numbers of a trailing window from its seconds: sums first, then one division, so that nothing is averaged twice. */
import { type DropCause, dropCauses } from '../core/outcome.ts';
import {
  type Age,
  emptyCounts,
  type Jitter,
  type OfferedPercentiles,
  type Percentiles,
  type Snapshot,
  type Stages,
} from '../core/snapshot.ts';
import type { Histogram } from './histogram.ts';
import type { Integrals } from './ledger.ts';
import { littleError } from './little.ts';
import { type LatencyKind, latencyKinds, noStages, type Second, stageNames } from './second.ts';
import { samplesFor } from './validity.ts';

export interface WindowFacts {
  readonly ratesPerS: Snapshot['ratesPerS'];
  readonly latencyMs: Snapshot['latencyMs'];
  /** Means over the completed with a response time, so that they sum to its mean; `present` over those that were drawn. */
  readonly stagesMs: Stages;
  readonly dropsPerS: Record<DropCause, number>;
  readonly failedPerS: number;
  /** (late + dropped + failed) / ended, 0..1: of those that ended within the window, so that both are the same frames. */
  readonly missRatio: number;
  readonly jitterMs: Jitter;
  readonly ageMs: Age;
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
  /** Since the last completion. */
  readonly stallMs: number;
}

export function windowFacts({ spanMs, seconds, histograms, area, steadyMs, stallMs }: WindowInput): WindowFacts {
  const sum = {
    offered: 0,
    admitted: 0,
    completed: 0,
    good: 0,
    failed: 0,
    dropped: 0,
    presented: 0,
    misses: 0,
    responseSum: 0,
    responseSquares: 0,
    ageArea: 0,
    agedMs: 0,
    residenceSum: 0,
    residences: 0,
  };
  const stages = noStages();
  const dropsPerS: Record<DropCause, number> = emptyCounts().dropped;
  const maxMs: Record<LatencyKind, number> = { response: 0, service: 0, queueing: 0, gap: 0 };
  let agePeak = 0;
  for (const second of seconds) {
    sum.offered += second.offered;
    sum.admitted += second.admitted;
    sum.completed += second.completed;
    sum.good += second.good;
    sum.failed += second.failed;
    sum.presented += second.presented;
    sum.misses += second.misses;
    sum.responseSum += second.responseSum;
    sum.responseSquares += second.responseSquares;
    sum.ageArea += second.ageArea;
    sum.agedMs += second.agedMs;
    agePeak = Math.max(agePeak, second.agePeak);
    sum.residenceSum += second.residenceSum;
    sum.residences += second.residences;
    for (const cause of dropCauses) {
      sum.dropped += second.dropped[cause];
      dropsPerS[cause] += (second.dropped[cause] * 1000) / spanMs;
    }
    for (const stage of stageNames) stages[stage] += second.stages[stage];
    for (const kind of latencyKinds) maxMs[kind] = Math.max(maxMs[kind], second.maxMs[kind]);
  }
  for (const stage of stageNames)
    stages[stage] /= Math.max(1, stage === 'present' ? sum.presented : histograms.response.count);
  const ended = sum.completed + sum.failed + sum.dropped;
  const response = percentilesOf(histograms.response, maxMs.response);
  const gap = percentilesOf(histograms.gap, maxMs.gap);
  const mean = sum.responseSum / Math.max(1, response.n);
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
      response,
      service: percentilesOf(histograms.service, maxMs.service),
      queueing: percentilesOf(histograms.queueing, maxMs.queueing),
      offered: ofOffered(histograms.response, maxMs.response, ended),
    },
    stagesMs: stages,
    dropsPerS,
    failedPerS: perS(sum.failed),
    missRatio: sum.misses / Math.max(1, ended),
    jitterMs: {
      deviation: Math.sqrt(Math.max(0, sum.responseSquares / Math.max(1, response.n) - mean * mean)),
      spread: response.p99 - response.p50,
      gapP99: gap.p99,
      longestStall: Math.max(gap.max, stallMs),
    },
    ageMs: { mean: sum.agedMs > 0 ? sum.ageArea / sum.agedMs : undefined, peak: sum.agedMs > 0 ? agePeak : undefined },
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

/**
 * Percentiles over all that ended: the rank of the q-th among `ended`, found among the completed, which are the smallest,
 * as every other one counts as infinite. Null where that rank was not served.
 */
function ofOffered(histogram: Histogram, max: number, ended: number): OfferedPercentiles {
  const completed = histogram.count;
  const at = (q: number) => {
    const rank = Math.max(1, Math.ceil(q * ended * (1 - Number.EPSILON)));
    return ended === 0 || rank > completed ? null : Math.min(max, histogram.percentile(rank / completed));
  };
  const valid = (q: number) => ended >= samplesFor(q);
  return {
    n: ended,
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    valid: { p50: valid(0.5), p95: valid(0.95), p99: valid(0.99) },
  };
}
