/**
 * How long to wait before a lost connection is tried again: uniform in 0 … min(cap, base * 2^attempt), so that a thousand
 * pages do not come back at the same moment (AWS Architecture Blog, "Exponential Backoff And Jitter", 2015).
 */
const baseMs = 500;
const capMs = 15_000;

/** @param attempt failed attempts in a row, from 0 */
export function fullJitterMs(attempt: number, random: () => number = Math.random): number {
  return random() * Math.min(capMs, baseMs * 2 ** attempt);
}
