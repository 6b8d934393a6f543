/** The smallest samples at 99 % confidence, as the field knows them. */
import { expect, test } from 'vitest';
import { samplesFor } from './validity.ts';

test('p50 to p99.9 need 7, 44, 90, 459, 4603', () => {
  expect([0.5, 0.9, 0.95, 0.99, 0.999].map(samplesFor)).toEqual([7, 44, 90, 459, 4603]);
});

test('one sample fewer would not do', () => {
  for (const q of [0.5, 0.9, 0.95, 0.99, 0.999]) {
    expect(1 - q ** samplesFor(q)).toBeGreaterThanOrEqual(0.99);
    expect(1 - q ** (samplesFor(q) - 1)).toBeLessThan(0.99);
  }
});
