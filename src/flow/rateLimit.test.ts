import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRateLimit } from './rateLimit.ts';

/** What passes of arrivals at these times. */
function passed(ratePerS: number, times: readonly number[]): number[] {
  const limit = createRateLimit(ratePerS);
  return times.filter((now) => {
    if (limit.allowance(now) < 1) return false;
    limit.take(now);
    return true;
  });
}

describe('rate limit', () => {
  test('a regular stream at the limit passes whole, at twice the limit every second one', () => {
    const times = Array.from({ length: 100 }, (_, i) => 1e12 + i * 20);
    expect(passed(50, times)).toHaveLength(100);
    // The burst lets one more through at the beginning.
    expect(passed(25, times)).toHaveLength(51);
  });

  test('after a rest two may come at once, and no more', () => {
    const limit = createRateLimit(10);
    expect(limit.allowance(5000)).toBe(2);
    limit.take(5000);
    limit.take(5000);
    expect(limit.allowance(5000)).toBe(0);
    expect(limit.nextAt()).toBe(5100);
    expect(limit.allowance(5100)).toBe(1);
  });

  test('over any span no more pass than rate x span and the burst', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.5, max: 5000, noNaN: true }),
        fc.array(fc.double({ min: 0, max: 50, noNaN: true }), { maxLength: 200 }),
        (rate, gaps) => {
          let now = 0;
          const through = passed(
            rate,
            gaps.map((gap) => (now += gap)),
          );
          for (let a = 0; a < through.length; a++)
            for (let b = a; b < through.length; b++) {
              const spanMs = (through[b] ?? 0) - (through[a] ?? 0);
              expect(b - a + 1).toBeLessThanOrEqual((spanMs * rate) / 1000 + 2 + 1e-6);
            }
        },
      ),
      { numRuns: 200 },
    );
  });

  test('a clock that goes back an hour holds the stream until it has caught up, not for ever', () => {
    const limit = createRateLimit(10);
    limit.take(3_600_000);
    expect(limit.allowance(0)).toBe(0);
    expect(limit.nextAt()).toBe(3_600_000);
    expect(limit.allowance(3_600_200)).toBe(2);
  });
});
