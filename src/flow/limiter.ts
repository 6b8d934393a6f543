/**
 * Limiters of concurrency: how many deliveries the engine should hold, told by how long it held the last ones.
 * More in the engine than it can serve at once only waits there, and that wait is what `aimd` and `gradient` look for.
 */
import type { LimiterSettings } from '../core/gateSettings.ts';

export interface LatencySample {
  /** When the delivery went in, and how long it was inside, ms. */
  readonly at: number;
  readonly latencyMs: number;
  /** The part of it that was its own service; NaN where it was not run. */
  readonly serviceMs: number;
  /** Deliveries inside when it came back, itself included. */
  readonly inFlight: number;
  readonly now: number;
}

export interface Limiter {
  /** Whole, within min..max. */
  readonly limit: number;
  sample(sample: LatencySample): void;
}

/** `fixed` has the limit it is given, whatever comes. */
export function createLimiter(settings: LimiterSettings, fixed: number): Limiter {
  switch (settings.kind) {
    case 'fixed':
      return { limit: fixed, sample() {} };
    case 'aimd':
      return createAimd(settings);
    case 'gradient':
      return createGradient(settings);
  }
}

/** A latency of nought or none at all tells nothing: a clock that stood still must not open or close the engine. */
const tells = ({ latencyMs }: LatencySample) => latencyMs > 0 && Number.isFinite(latencyMs);

/** Without a target a delivery may be inside for so many mean service times. */
const targetServices = 3;
const meanGain = 1 / 64;

/**
 * Additive increase, multiplicative decrease (Chiu and Jain, 1989): one more for each round in which the limit was in
 * use and latency within the target; a tenth less, once a round, when it was not.
 */
function createAimd({ min, max, targetMs }: LimiterSettings): Limiter {
  let limit = min;
  let meanServiceMs = NaN;
  let loweredAt = -Infinity;
  return {
    get limit() {
      return Math.floor(limit);
    },
    sample(sample) {
      if (!tells(sample)) return;
      const { at, latencyMs, serviceMs, inFlight, now } = sample;
      if (serviceMs > 0)
        meanServiceMs = Number.isNaN(meanServiceMs)
          ? serviceMs
          : meanServiceMs + (serviceMs - meanServiceMs) * meanGain;
      // Not the least latency: of a service that varies it says nothing.
      if (latencyMs > (targetMs ?? targetServices * meanServiceMs)) {
        // What went in before the last decrease tells of the limit before it.
        if (at < loweredAt) return;
        loweredAt = now;
        limit = Math.max(min, limit * 0.9);
      } else if (inFlight * 2 >= limit) limit = Math.min(max, limit + 1 / limit);
    },
  };
}

/**
 * The gradient of latency (Netflix concurrency-limits, GradientLimit): limit x (least / newest latency) + room to grow,
 * smoothed; half as much again as the least is tolerated. The least is measured anew every so many samples at half the
 * limit, as a long-term mean would follow the queue that it is to reveal.
 */
function createGradient({ min, max }: LimiterSettings): Limiter {
  const tolerance = 1.5;
  const smoothing = 0.2;
  const probeEvery = 1000;
  let limit = min;
  let least = Infinity;
  let seen = 0;
  let probedAt = -Infinity;
  return {
    get limit() {
      return Math.floor(limit);
    },
    sample(sample) {
      if (!tells(sample)) return;
      const { at, latencyMs, inFlight, now } = sample;
      seen += 1;
      if (seen % probeEvery === 0) {
        least = Infinity;
        limit = Math.max(min, limit / 2);
        probedAt = now;
      }
      // What went in before the limit was halved tells of the queue before.
      if (at < probedAt) return;
      least = Math.min(least, latencyMs);
      if (inFlight < limit / 2) return;
      const gradient = Math.max(0.5, Math.min(1, (tolerance * least) / latencyMs));
      const next = limit * gradient + 1;
      limit = Math.max(min, Math.min(max, limit * (1 - smoothing) + next * smoothing));
    },
  };
}
