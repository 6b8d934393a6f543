/** A histogram of durations that is only recorded into and read: what a work queue keeps of its jobs. */
import type { Percentiles } from '../core/snapshot.ts';
import { Histogram } from './histogram.ts';
import { samplesFor } from './validity.ts';

export interface Times {
  record(ms: number): void;
  /** Above 60 s all are 60 s. */
  read(): Percentiles;
}

export function createTimes(): Times {
  const histogram = new Histogram();
  let told: Percentiles | undefined;
  return {
    record(ms) {
      histogram.record(ms);
      told = undefined;
    },
    read() {
      if (told !== undefined) return told;
      const [p50 = 0, p95 = 0, p99 = 0, max = 0] = histogram.percentiles([0.5, 0.95, 0.99, 1]);
      const n = histogram.count;
      const valid = (q: number) => n >= samplesFor(q);
      told = { n, p50, p95, p99, max, valid: { p50: valid(0.5), p95: valid(0.95), p99: valid(0.99) } };
      return told;
    },
  };
}
