/**
 * A rate limiter that spaces arrivals: at most `ratePerS` over any long time, two at once at most.
 * The generic cell rate algorithm (ITU-T I.371) keeps one number instead of a bucket that must be refilled.
 */
export interface RateLimit {
  /** How many may come now; 0..2. */
  allowance(now: number): number;
  /** When the next one may come, ms on the clock of `now`. */
  nextAt(): number;
  /** One has come. */
  take(now: number): void;
}

/** Of a period: a regular stream at exactly the limit keeps passing although its clock trembles. */
const burstPeriods = 1;

/** @param ratePerS above 0; Infinity lets everything pass */
export function createRateLimit(ratePerS: number): RateLimit {
  const periodMs = 1000 / ratePerS;
  const toleranceMs = periodMs * burstPeriods;
  /** Theoretical arrival time: when the next one is due if all came evenly. */
  let due = -Infinity;
  return {
    allowance(now) {
      if (periodMs === 0) return Infinity;
      // Time that was not used is no credit beyond the burst. Of three numbers around `due` the difference is what counts.
      const early = Math.max(due, now) - now;
      return early > toleranceMs ? 0 : 1 + Math.floor((toleranceMs - early) / periodMs);
    },
    nextAt: () => due - toleranceMs,
    take(now) {
      due = Math.max(due, now) + periodMs;
    },
  };
}
