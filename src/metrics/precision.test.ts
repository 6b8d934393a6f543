/** Percentiles of a million samples against the sorted list, and what half an hour of history weighs. */
import { serialize } from 'node:v8';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../core/createRandom.ts';
import { Delivery } from '../core/delivery.ts';
import { createMetrics } from './createMetrics.ts';
import { Histogram } from './histogram.ts';

const samples = 1_000_000;

const distributions: Readonly<Record<string, (random: () => number) => number>> = {
  exponential: (random) => -Math.log(1 - random()) * 20,
  uniform: (random) => 0.5 + random() * 200,
  bimodal: (random) => (random() < 0.1 ? 55 : 5) * (0.9 + 0.2 * random()),
  'heavy tail': (random) => Math.min(59_000, 2 / (1 - random()) ** 0.8),
};

describe('a million samples', () => {
  for (const [name, draw] of Object.entries(distributions))
    test(`${name}: p50, p99 and p99.9 to three significant digits, and merging two halves is recording all`, () => {
      const random = createRandom(7);
      const values = new Float64Array(samples);
      const [all, even, odd] = [new Histogram(), new Histogram(), new Histogram()];
      for (let i = 0; i < samples; i++) {
        const ms = draw(random);
        values[i] = ms;
        all.record(ms);
        (i % 2 === 0 ? even : odd).record(ms);
      }
      values.sort();
      for (const q of [0.5, 0.99, 0.999]) {
        const exact = values[Math.ceil(q * samples) - 1] ?? 0;
        // A thousandth, and the half microsecond to which durations are rounded.
        expect(Math.abs(all.percentile(q) - exact), `q ${q}`).toBeLessThanOrEqual(exact / 1000 + 0.0005);
      }
      even.merge(odd);
      expect(even.count).toBe(all.count);
      expect(Buffer.from(even.counts.buffer).equals(Buffer.from(all.counts.buffer))).toBe(true);
    });
});

test('half an hour of slices at 500 frames a second weighs at most 20 MB', { timeout: 60_000 }, () => {
  let now = 0;
  const metrics = createMetrics({ clock: { now: () => now }, windowS: 600, deadlineMs: 100 });
  const random = createRandom(3);
  const slices: unknown[] = [];
  for (let id = 0; id < 1800 * 500; id++) {
    now += 2;
    const response = -Math.log(1 - random()) * 60;
    const delivery = new Delivery({ id, source: 's', payload: 0, bytes: 0, scheduled: now - response, arrived: now });
    metrics.observer.offered(delivery);
    delivery.stamps.enqueued = now;
    metrics.observer.admitted(delivery);
    delivery.stamps.dequeued = now;
    metrics.observer.dequeued(delivery);
    Object.assign(delivery.stamps, {
      began: now,
      prepared: now,
      started: now,
      ran: now,
      returned: now,
      decoded: now,
      settled: now,
    });
    metrics.observer.settled(delivery, { kind: 'completed' });
    if (id % 500 === 0) slices.push(...metrics.takeSeconds(now));
  }
  slices.push(...metrics.takeSeconds(now));
  expect(slices.length).toBeGreaterThanOrEqual(1799);
  expect(serialize(slices).byteLength).toBeLessThan(20_000_000);
});
