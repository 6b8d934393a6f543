/** A closed second as a column of the time charts: heat-map cells, and percentiles over the shortest valid span. */
import type { SecondSlice } from '../core/telemetry.ts';
import { cellStartUs, Histogram } from './histogram.ts';
import type { ClosedSecond } from './second.ts';
import type { SparseHistogram } from './sparse.ts';
import { samplesFor } from './validity.ts';
import type { Limits } from './window.ts';

/** @param past closed seconds of the window, oldest first; the last one becomes the slice */
export function closeSecond(past: readonly ClosedSecond[], limits: Limits): SecondSlice | undefined {
  const second = past.at(-1);
  if (second === undefined) return undefined;
  const [p50, p95, p99] = trailing(past, [0.5, 0.95, 0.99]);
  return {
    at: second.at,
    offered: second.offered,
    completed: second.completed,
    failed: second.failed,
    dropped: second.dropped,
    queuedMean: second.area.queued / 1000,
    inFlightMean: second.area.inFlight / 1000,
    atLimit: second.area.atLimit / 1000,
    misses: second.misses,
    queueLimit: limits.queue,
    inFlightLimit: limits.inFlight,
    p50,
    p95,
    p99,
    ...heatCells(second.latencies.response),
  };
}

/** 0.1 ms wide below 10 ms, 1 ms below 100, 10 ms above: finer than any cell that the chart draws there. */
function heatCells({ cells, counts }: SparseHistogram): Pick<SecondSlice, 'cellMs' | 'cellCount'> {
  const starts: number[] = [];
  const sums: number[] = [];
  for (let i = 0; i < cells.length; i++) {
    const us = cellStartUs(cells[i] ?? 0);
    const width = us < 10_000 ? 100 : us < 100_000 ? 1000 : 10_000;
    const start = (us - (us % width)) / 1000;
    if (starts.at(-1) !== start) {
      starts.push(start);
      sums.push(0);
    }
    sums[sums.length - 1] = (sums.at(-1) ?? 0) + (counts[i] ?? 0);
  }
  return { cellMs: Float32Array.from(starts), cellCount: Uint32Array.from(sums) };
}

const scratch = new Histogram();

/** Each percentile (q ascending) over the shortest trailing span with enough samples; undefined: the window has too few. */
function trailing(past: readonly ClosedSecond[], qs: readonly number[]): (number | undefined)[] {
  scratch.reset();
  let from = past.length;
  return qs.map((q) => {
    const needed = samplesFor(q);
    while (scratch.count < needed && from > 0) {
      const second = past[--from];
      if (second !== undefined) scratch.addSparse(second.latencies.response);
    }
    return scratch.count < needed ? undefined : scratch.percentile(q);
  });
}
