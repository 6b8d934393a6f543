/**
 * Steady state: three spans in a row within 10 % for throughput and latency (the rule of Triton's perf_analyzer).
 * A capacity or a comparison that is read before it is reached measures the start, not the station.
 */
import type { Second } from './second.ts';

const spans = 3;
const tolerance = 0.1;

/**
 * @param past seconds of the window, oldest first
 * @param since the last answer
 * @returns since when the run has been steady, ms on the clock; undefined: it is not
 */
export function steadySince(past: readonly Second[], windowS: number, since: number | undefined): number | undefined {
  const length = Math.max(1, Math.min(5, Math.floor(windowS / spans)));
  if (past.length < spans * length) return undefined;
  const recent = past.slice(-spans * length);
  const throughput: number[] = [];
  const latency: number[] = [];
  for (let i = 0; i < spans; i++) {
    const seconds = recent.slice(i * length, (i + 1) * length);
    const completed = seconds.reduce((sum, second) => sum + second.completed, 0);
    if (completed === 0) return undefined;
    throughput.push(completed);
    latency.push(seconds.reduce((sum, second) => sum + second.responseSum, 0) / completed);
  }
  return within(throughput) && within(latency) ? (since ?? recent[0]?.at) : undefined;
}

function within(values: readonly number[]): boolean {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.every((value) => Math.abs(value - mean) <= tolerance * mean);
}
