/** What the source and the eye experience: percentiles of the offered, misses, jitter, stalls, the age of what is shown. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Delivery } from '../core/delivery.ts';
import type { Outcome } from '../core/outcome.ts';
import { createMetrics } from './createMetrics.ts';

function setUp(deadlineMs: number | null = null) {
  let now = 0;
  const metrics = createMetrics({ clock: { now: () => now }, windowS: 30, deadlineMs });
  let id = 0;
  return {
    metrics,
    to: (ms: number) => {
      now = ms;
    },
    /** A frame that ends now, after `responseMs`. */
    end(outcome: Outcome, responseMs = 1, own?: number) {
      const init = {
        id: id++,
        source: 's',
        payload: 0,
        bytes: 0,
        scheduled: now - responseMs,
        arrived: now - responseMs,
      };
      const delivery = new Delivery(own === undefined ? init : { ...init, deadlineMs: own });
      delivery.watch({ settled: (one, how) => metrics.observer.settled(one, how) });
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
      });
      delivery.settle(outcome, now);
      return delivery;
    },
  };
}
const completed: Outcome = { kind: 'completed' };
const dropped: Outcome = { kind: 'dropped', cause: 'oldest' };
const failed: Outcome = { kind: 'failed', error: { code: 'bad-output', message: '' } };

describe('percentiles of the offered', () => {
  test('are those of a list in which what was not served is infinite', () => {
    const times = fc.array(fc.option(fc.integer({ min: 1, max: 2000 }), { nil: undefined }), {
      minLength: 1,
      maxLength: 200,
    });
    fc.assert(
      fc.property(times, (all) => {
        const { metrics, end } = setUp();
        for (const ms of all) end(ms === undefined ? dropped : completed, ms);
        const sorted = all.map((ms) => ms ?? Infinity).sort((a, b) => a - b);
        const { offered } = metrics.window(0).latencyMs;
        expect(offered.n).toBe(all.length);
        for (const [name, q] of [
          ['p50', 0.5],
          ['p95', 0.95],
          ['p99', 0.99],
        ] as const) {
          const exact = sorted[Math.ceil(q * all.length - 1e-9) - 1] ?? Infinity;
          if (exact === Infinity) expect(offered[name]).toBeNull();
          else expect(Math.abs((offered[name] ?? 0) / exact - 1)).toBeLessThan(0.001);
        }
      }),
    );
  });

  test('one drop in fifty leaves p95 and takes p99', () => {
    const { metrics, end } = setUp();
    for (let i = 0; i < 500; i++) end(i % 50 === 0 ? dropped : completed, 20);
    const { offered, response } = metrics.window(0).latencyMs;
    expect(offered.p95).toBeCloseTo(20, 1);
    expect(offered.p99).toBeNull();
    expect(offered.valid).toEqual({ p50: true, p95: true, p99: true });
    expect(response.p99).toBeCloseTo(20, 1);
  });
});

describe('misses', () => {
  test('are late, dropped and failed among those that ended', () => {
    const { metrics, end, to } = setUp(50);
    for (const ms of [10, 50, 51, 90]) end(completed, ms);
    end(dropped);
    end(failed);
    expect(metrics.window(0).missRatio).toBeCloseTo(4 / 6, 9);
    to(1000);
    expect(metrics.takeSeconds(1000).map(({ misses }) => misses)).toEqual([4]);
  });

  test('a deadline of its own counts before the one of all, and without any only the lost miss', () => {
    const { metrics, end } = setUp(50);
    end(completed, 40, 30);
    end(completed, 80, 100);
    expect(metrics.window(0).missRatio).toBe(0.5);
    const free = setUp(null);
    free.end(completed, 5000);
    free.end(dropped);
    expect(free.metrics.window(0).missRatio).toBe(0.5);
  });
});

describe('jitter', () => {
  test('is the standard deviation, the spread, the gaps and the longest stall', () => {
    const { metrics, end, to } = setUp();
    const responses = [10, 12, 14, 20, 44];
    for (const [i, ms] of responses.entries()) {
      to(100 * i + (i === 4 ? 300 : 0));
      end(completed, ms);
    }
    const mean = 20;
    const variance = responses.reduce((sum, ms) => sum + (ms - mean) ** 2, 0) / 5;
    const { jitterMs } = metrics.window(700);
    expect(jitterMs.deviation).toBeCloseTo(Math.sqrt(variance), 9);
    expect(jitterMs.spread).toBeCloseTo(30, 1);
    expect(jitterMs.longestStall).toBeCloseTo(400, 0);
    // A stall that lasts is one already.
    expect(metrics.window(2700).jitterMs.longestStall).toBe(2000);
  });

  test('a pause is no stall', () => {
    const { metrics, end, to } = setUp();
    end(completed);
    metrics.rest();
    to(60_000);
    metrics.resume();
    end(completed);
    to(60_050);
    end(completed);
    expect(metrics.window(60_050).jitterMs.longestStall).toBeCloseTo(50, 0);
  });
});

describe('age of information', () => {
  test('grows while nothing new is shown; mean over time, and the peak just before the next', () => {
    const { metrics, end, to } = setUp();
    const show = (at: number, responseMs: number) => {
      to(at);
      const delivery = end(completed, responseMs);
      delivery.stamps.presented = at;
      metrics.presented(delivery);
    };
    show(100, 20);
    show(200, 40);
    show(500, 20);
    // 100 ms from 20 to 120, then 300 ms from 40 to 340.
    const { ageMs } = metrics.window(500);
    expect(ageMs.peak).toBe(340);
    expect(ageMs.mean).toBeCloseTo((70 * 100 + 190 * 300) / 400, 9);
    // A stall counts while it lasts, and not in the second that ends it.
    to(20_500);
    expect(metrics.window(20_500).ageMs.peak).toBe(20_020);
    metrics.blank();
    to(60_500);
    expect(metrics.window(60_500).ageMs).toEqual({ mean: undefined, peak: undefined });
    expect(metrics.sinceStart(60_500).ageMs.peak).toBe(20_020);
  });
});

describe('clocks that jump', () => {
  test('back by an hour: time stands still until it has caught up, and every sum holds', () => {
    const { metrics, end, to } = setUp();
    to(3_600_000);
    end(completed);
    to(0);
    end(completed);
    end(dropped);
    const facts = metrics.window(0);
    expect(metrics.counts()).toMatchObject({ offered: 3, completed: 2 });
    expect(facts.spanMs).toBeGreaterThan(0);
    expect(facts.jitterMs.longestStall).toBeGreaterThanOrEqual(0);
    expect(metrics.takeSeconds(0).length).toBeLessThanOrEqual(3601);
  });

  test('ahead by an hour: empty seconds, and numbers that are finite', () => {
    const { metrics, end, to } = setUp();
    end(completed);
    to(3_600_000);
    end(completed);
    const facts = metrics.window(3_600_000);
    const numbers = [...Object.values(facts.ratesPerS), ...Object.values(facts.jitterMs), facts.missRatio];
    expect(numbers.every(Number.isFinite)).toBe(true);
    expect(metrics.counts().completed).toBe(2);
  });
});
