/**
 * Load plans: intended arrival times, decided before anything runs.
 * Response counts from them, so that a station which falls behind cannot hide the waiting.
 */
import { createRandom } from '../createRandom.ts';

export interface ScheduleOptions {
  readonly arrivals: 'constant' | 'poisson';
  readonly ratePerS: number;
  readonly seed: number;
  /** The first arrival comes one gap after this, ms. */
  readonly startAt: number;
}

/** `next()` is the next intended time, ms. Constant: equal gaps; Poisson: exponential gaps, -ln(1 - u) / rate. */
export function createSchedule({ arrivals, ratePerS, seed, startAt }: ScheduleOptions): { next(): number } {
  const gapMs = 1000 / ratePerS;
  if (arrivals === 'constant') {
    let i = 0;
    // Multiplied, not added up: no drift after a million arrivals.
    return { next: () => startAt + ++i * gapMs };
  }
  const random = createRandom(seed);
  let at = startAt;
  return {
    next() {
      at += -Math.log(1 - random()) * gapMs;
      return at;
    },
  };
}
