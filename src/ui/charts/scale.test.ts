import fc from 'fast-check';
import { expect, test } from 'vitest';
import { calmScale, roundScale, spreadLabels } from './scale.ts';

test('round scales hold their data with two to six labels', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1e4, noNaN: true }),
      fc.double({ min: 0.01, max: 1e4, noNaN: true }),
      (min, span) => {
        const scale = roundScale(min, min + span);
        expect(scale.min).toBeLessThanOrEqual(min + 1e-6 * (1 + min));
        expect(scale.max).toBeGreaterThanOrEqual((min + span) * (1 - 1e-6));
        expect(scale.splits.length).toBeGreaterThanOrEqual(2);
        expect(scale.splits.length).toBeLessThanOrEqual(6);
      },
    ),
  );
  expect(roundScale(0, 62).splits).toEqual([0, 20, 40, 60, 80]);
});

test('a scale stays while the data fit', () => {
  const first = roundScale(0, 62);
  expect(calmScale(first, 0, 70)).toBe(first);
  expect(calmScale(first, 0, 90)).not.toBe(first);
  expect(calmScale(first, 0, 10)).not.toBe(first);
});

test('labels keep their distance and their order', () => {
  expect(spreadLabels([50, 51, 52], 14, 0, 200)).toEqual([50, 64, 78]);
  expect(spreadLabels([198, 199], 14, 0, 200)).toEqual([186, 200]);
});
