/** A gathered second as a column of the time charts: heat-map cells and percentiles over the shortest valid span. */
import type { SecondSlice } from '../core/telemetry.ts';
import { cellEndMs, cellStartMs } from './histogram.ts';
import type { Second } from './second.ts';
import { samplesFor } from './validity.ts';

/** @param past all seconds of the window, this one last */
export function closeSecond(second: Second, past: readonly Second[]): SecondSlice {
  const cells = new Map<number, number>();
  for (const cell of second.response.view()) {
    const ms = cellStartMs(cell);
    // Finer below 10 ms, coarser above 100: the chart draws cells of 2 ms, or taller ones on a tall axis.
    const start = ms < 10 ? Math.floor(ms * 10) / 10 : ms < 100 ? Math.floor(ms) : Math.floor(ms / 10) * 10;
    cells.set(start, (cells.get(start) ?? 0) + 1);
  }
  const sorted = [...cells].sort(([a], [b]) => a - b);
  return {
    at: second.at,
    offered: second.offered,
    completed: second.completed,
    failed: second.failed,
    dropped: { ...second.dropped },
    queuedMean: second.area.queued / second.ms,
    inFlightMean: second.area.inFlight / second.ms,
    atLimit: Math.min(1, second.area.atLimit / second.ms),
    p50: trailing(past, 0.5),
    p95: trailing(past, 0.95),
    p99: trailing(past, 0.99),
    cellMs: Float32Array.from(sorted, ([ms]) => ms),
    cellCount: Uint32Array.from(sorted, ([, count]) => count),
  };
}

/** Percentile over the shortest trailing span that holds enough samples; undefined when the whole window has too few. */
function trailing(past: readonly Second[], q: number): number | undefined {
  const needed = samplesFor(q);
  let n = 0;
  let from = past.length;
  while (n < needed && from > 0) n += past[--from]?.response.length ?? 0;
  if (n < needed) return undefined;
  const all = new Uint16Array(n);
  let at = 0;
  for (const second of past.slice(from)) {
    all.set(second.response.view(), at);
    at += second.response.length;
  }
  all.sort();
  return cellEndMs(all[Math.max(1, Math.ceil(q * n)) - 1] ?? 0);
}
