/** Load plans keep their rate: constant without drift, Poisson with the mean and spread of exponential gaps. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSchedule } from './createSchedule.ts';

describe('constant', () => {
  test('equal gaps, the first one gap after the start', () => {
    const schedule = createSchedule({ arrivals: 'constant', ratePerS: 4, seed: 0, startAt: 100 });
    expect([schedule.next(), schedule.next(), schedule.next()]).toEqual([350, 600, 850]);
  });

  test('has not drifted after a million arrivals', () => {
    const schedule = createSchedule({ arrivals: 'constant', ratePerS: 30, seed: 0, startAt: 0 });
    for (let i = 1; i < 1_000_000; i++) schedule.next();
    expect(schedule.next()).toBeCloseTo(1_000_000_000 / 30, 5);
  });
});

describe('poisson', () => {
  test('gaps have mean and standard deviation 1 / rate', () => {
    const schedule = createSchedule({ arrivals: 'poisson', ratePerS: 50, seed: 3, startAt: 1000 });
    const n = 50_000;
    let last = 1000;
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < n; i++) {
      const at = schedule.next();
      sum += at - last;
      squares += (at - last) ** 2;
      last = at;
    }
    const mean = sum / n;
    expect(Math.abs(mean - 20)).toBeLessThan((5 * 20) / Math.sqrt(n));
    expect(Math.abs(Math.sqrt(squares / n - mean ** 2) - 20)).toBeLessThan(0.6);
  });

  test('any seed and rate: never goes back, and the same seed gives the same plan', () => {
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0.1, max: 5000, noNaN: true }), (seed, ratePerS) => {
        const plan = () => {
          const schedule = createSchedule({ arrivals: 'poisson', ratePerS, seed, startAt: 0 });
          return Array.from({ length: 100 }, () => schedule.next());
        };
        const times = plan();
        expect(times).toEqual([...times].sort((a, b) => a - b));
        expect(times.every(Number.isFinite)).toBe(true);
        expect(plan()).toEqual(times);
      }),
    );
  });
});
