/**
 * A circuit breaker (M. Nygard, "Release It!"): after so many failures in a row nothing is taken for a while, then one job
 * is tried. So a worker whose engine or results are broken does not burn the attempts of a whole queue.
 */

export interface Breaker {
  /** 0 while open, 1 while one job is tried, else Infinity. */
  allowance(now: number): number;
  succeeded(): void;
  /** True: it has just opened. */
  failed(now: number): boolean;
  readonly openUntil: number | undefined;
}

const baseMs = 1000;
const capMs = 30_000;

/** @param after failures in a row, asked for each time */
export function createBreaker(after: () => number): Breaker {
  let row = 0;
  let opened = 0;
  let openUntil: number | undefined;
  return {
    allowance(now) {
      if (openUntil === undefined) return Infinity;
      return now < openUntil ? 0 : 1;
    },
    succeeded() {
      row = 0;
      opened = 0;
      openUntil = undefined;
    },
    failed(now) {
      row += 1;
      const isTrial = openUntil !== undefined && now >= openUntil;
      if (!isTrial && (openUntil !== undefined || row < after())) return false;
      openUntil = now + Math.min(capMs, baseMs * 2 ** opened++);
      return true;
    },
    get openUntil() {
      return openUntil;
    },
  };
}
