import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTiming } from './timing.ts';

test('a regular camera misses nothing, and the fastest way gives the intended time', () => {
  const timing = createTiming();
  for (let i = 0; i < 100; i++) {
    const hop = i === 50 ? 1 : 3;
    const { missed } = timing.next(i * 33, 1000 + i * 33 + hop);
    expect(missed).toBe(0);
  }
  expect(timing.next(3300, 4305).scheduled).toBe(3300 + 1001);
});

test('a gap of k intervals is k - 1 missed frames', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 50 }), fc.integer({ min: 5, max: 100 }), (k, interval) => {
      const timing = createTiming();
      for (let i = 0; i < 20; i++) timing.next(i * interval, i * interval);
      const at = (19 + k) * interval;
      expect(timing.next(at, at).missed).toBe(k - 1);
    }),
  );
});
