/** Mean average precision against cases whose value is known by hand. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Detection } from '../core/result.ts';
import type { TruthObject } from '../core/truth.ts';
import { type JudgedFrame, meanAveragePrecision } from './meanAveragePrecision.ts';

const object = (label: string, x: number, visibility = 1): TruthObject => ({ label, box: [x, 0, 10, 10], visibility });
const found = (label: string, x: number, score: number): Detection => ({ label, score, box: [x, 0, 10, 10] });
const frame = (truth: TruthObject[], detections: Detection[]): JudgedFrame => ({ truth, found: detections });

test('everything found exactly is 1, nothing found is 0', () => {
  const truth = [object('star', 0), object('ring', 50)];
  expect(meanAveragePrecision([frame(truth, [found('star', 0, 0.9), found('ring', 50, 0.2)])])).toMatchObject({
    map50: 1,
    map: 1,
    objects: 2,
  });
  expect(meanAveragePrecision([frame(truth, [])])).toMatchObject({ map50: 0, map: 0 });
});

test('half of the objects found: the levels of recall up to one half', () => {
  const { map50 } = meanAveragePrecision([frame([object('a', 0), object('a', 50)], [found('a', 0, 0.9)])]);
  expect(map50).toBeCloseTo(51 / 101, 12);
});

test('a false one before a right one halves the precision, after it costs nothing', () => {
  const truth = [object('a', 0)];
  expect(meanAveragePrecision([frame(truth, [found('a', 80, 0.9), found('a', 0, 0.5)])]).map50).toBeCloseTo(0.5, 12);
  expect(meanAveragePrecision([frame(truth, [found('a', 80, 0.1), found('a', 0, 0.5)])]).map50).toBe(1);
});

test('a second answer to the same object is false; the other class does not help', () => {
  const truth = [object('a', 0), object('a', 100)];
  const twice = [found('a', 0, 0.9), found('a', 0, 0.8), found('a', 100, 0.7)];
  // Recall 0.5 at precision 1, recall 1 at precision 2/3.
  expect(meanAveragePrecision([frame(truth, twice)]).map50).toBeCloseTo((51 + (50 * 2) / 3) / 101, 12);
  expect(meanAveragePrecision([frame([object('a', 0)], [found('b', 0, 1)])]).map50).toBe(0);
});

test('overlap decides: 9 of 11 shared is right up to 0.8', () => {
  const { map50, map } = meanAveragePrecision([frame([object('a', 0)], [found('a', 1, 1)])]);
  expect(map50).toBe(1);
  // 90 / 110 = 0.818: right at 0.5, 0.55 ... 0.8, which are 7 of 10.
  expect(map).toBeCloseTo(0.7, 12);
});

test('what can hardly be seen is not asked for, and an answer to it is not false', () => {
  const truth = [object('a', 0), object('a', 50, 0.1)];
  const result = meanAveragePrecision([frame(truth, [found('a', 50, 0.9), found('a', 0, 0.5)])]);
  expect(result).toMatchObject({ map50: 1, objects: 1 });
});

test('without objects there is nothing to be right about', () => {
  expect(meanAveragePrecision([frame([], [found('a', 0, 1)])]).map50).toBeNaN();
});

test('the order of frames and detections does not matter; map is never above map50', () => {
  const labels = fc.constantFrom('a', 'b');
  const place = fc.integer({ min: 0, max: 40 });
  const frames = fc.array(
    fc.record({
      truth: fc.array(fc.tuple(labels, place), { maxLength: 4 }),
      found: fc.array(fc.tuple(labels, place), { maxLength: 4 }),
    }),
    { minLength: 1, maxLength: 6 },
  );
  fc.assert(
    fc.property(frames, (list) => {
      let next = 0;
      const made = list.map(({ truth, found: detections }) =>
        frame(
          truth.map(([label, x]) => object(label, x)),
          detections.map(([label, x]) => found(label, x, 1 / ++next)),
        ),
      );
      const turned = made.toReversed().map((each) => ({ ...each, found: each.found.toReversed() }));
      const result = meanAveragePrecision(made);
      expect(meanAveragePrecision(turned)).toEqual(result);
      if (!Number.isNaN(result.map50)) expect(result.map).toBeLessThanOrEqual(result.map50 + 1e-12);
    }),
  );
});
