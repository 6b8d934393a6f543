/** The intervals on data whose answer is known. */
import { expect, test } from 'vitest';
import { ratioInterval, shareInterval, slope } from './statistics.ts';

test('the ratio interval holds its value, and shrinks to it when all ratios agree', () => {
  const { value, low, high } = ratioInterval([0.9, 1.1, 1, 0.95, 1.05]);
  expect(value).toBeCloseTo(0.997, 2);
  expect(low).toBeLessThan(value);
  expect(high).toBeGreaterThan(value);
  expect(ratioInterval([2, 2, 2])).toEqual({ value: 2, low: 2, high: 2 });
  expect(() => ratioInterval([1, 0])).toThrow();
});

test('a share of one is not certain', () => {
  const { value, low, high } = shareInterval(1000, 1000);
  expect([value, high]).toEqual([1, 1]);
  expect(low).toBeCloseTo(0.9962, 3);
});

test('the slope of a line is found, and no slope is told from noise', () => {
  expect(slope([0, 1, 2, 3].map((x) => [x, 2 * x + 1])).slope).toBeCloseTo(2);
  const flat = slope(Array.from({ length: 100 }, (_, x) => [x, x % 2]));
  expect(Math.abs(flat.slope)).toBeLessThan(flat.half);
});
