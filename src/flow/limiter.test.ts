import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LimiterSettings } from '../core/gateSettings.ts';
import { createLimiter } from './limiter.ts';

const aimd: LimiterSettings = { kind: 'aimd', min: 1, max: 16, targetMs: 20 };
const gradient: LimiterSettings = { kind: 'gradient', min: 1, max: 16, targetMs: undefined };

/** An engine of `servers` that takes 10 ms a frame, always asked for as many as the limit allows; the limits it went through. */
function drive(settings: LimiterSettings, servers: number, rounds: number): number[] {
  const limiter = createLimiter(settings, 1);
  const limits: number[] = [];
  let now = 0;
  for (let round = 0; round < rounds; round++) {
    const inFlight = limiter.limit;
    const latencyMs = 10 * Math.max(1, inFlight / servers);
    for (let i = 0; i < inFlight; i++)
      limiter.sample({ at: now, latencyMs, serviceMs: 10, inFlight, now: now + latencyMs });
    now += latencyMs;
    limits.push(limiter.limit);
  }
  return limits;
}
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('limiters', () => {
  test('fixed is what it is given', () => {
    expect(createLimiter({ ...aimd, kind: 'fixed' }, 7).limit).toBe(7);
  });

  test('aimd climbs to where latency passes its target, and saws below it', () => {
    const limits = drive(aimd, 4, 400).slice(100);
    // Latency is 20 ms at 8 in flight.
    expect(Math.max(...limits)).toBeLessThanOrEqual(9);
    expect(mean(limits)).toBeGreaterThan(6);
  });

  test('aimd without a target takes three mean service times for one', () => {
    const limits = drive({ ...aimd, targetMs: undefined }, 4, 400).slice(100);
    expect(Math.max(...limits)).toBeLessThanOrEqual(13);
    expect(mean(limits)).toBeGreaterThan(9);
  });

  test('gradient uses all servers and does not pile up before them', () => {
    const limits = drive(gradient, 4, 1000).slice(200);
    expect(mean(limits)).toBeGreaterThanOrEqual(4);
    expect(mean(limits)).toBeLessThan(16);
  });

  test('a limit that is not in use does not grow', () => {
    for (const settings of [aimd, gradient]) {
      const limiter = createLimiter({ ...settings, min: 4 }, 1);
      for (let i = 0; i < 500; i++) limiter.sample({ at: i, latencyMs: 10, serviceMs: 10, inFlight: 1, now: i + 10 });
      expect(limiter.limit).toBe(4);
    }
  });

  test('latency of nought, none at all, or from a clock that jumped, moves nothing', () => {
    for (const settings of [aimd, gradient]) {
      const limiter = createLimiter({ ...settings, min: 3 }, 1);
      for (const latencyMs of [0, -5, Number.NaN, Infinity])
        limiter.sample({ at: 0, latencyMs, serviceMs: latencyMs, inFlight: 3, now: latencyMs });
      expect(limiter.limit).toBe(3);
    }
  });

  test('whatever it is told, the limit is whole and within its bounds', () => {
    const sample = fc.record({
      at: fc.double({ noNaN: true, min: -1e6, max: 1e6 }),
      latencyMs: fc.oneof(fc.double(), fc.double({ min: 0.01, max: 1000, noNaN: true })),
      serviceMs: fc.double(),
      inFlight: fc.integer({ min: 1, max: 64 }),
      now: fc.double({ noNaN: true, min: -1e6, max: 1e6 }),
    });
    const bounds = fc.tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 8, max: 64 }));
    const kinds = fc.constantFrom('aimd', 'gradient' as const);
    fc.assert(
      fc.property(
        kinds,
        bounds,
        fc.option(fc.double({ min: 0.1, max: 100, noNaN: true }), { nil: undefined }),
        fc.array(sample, { maxLength: 100 }),
        (kind, [min, max], targetMs, samples) => {
          const limiter = createLimiter({ kind, min, max, targetMs }, 1);
          for (const each of samples) {
            limiter.sample(each);
            expect(Number.isInteger(limiter.limit)).toBe(true);
            expect(limiter.limit).toBeGreaterThanOrEqual(min);
            expect(limiter.limit).toBeLessThanOrEqual(max);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});
