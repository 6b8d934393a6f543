/** Suppression and the way back to the source picture, as properties that must hold for any boxes and any fit. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fit } from '../core/engine.ts';
import { type Candidate, iou, suppress, toDetections, toSource } from './boxes.ts';

const coordinate = fc.double({ min: -50, max: 700, noNaN: true });
const candidate: fc.Arbitrary<Candidate> = fc
  .record({
    x: coordinate,
    y: coordinate,
    width: fc.double({ min: 0, max: 300, noNaN: true }),
    height: fc.double({ min: 0, max: 300, noNaN: true }),
    score: fc.double({ min: 0, max: 1, noNaN: true }),
    index: fc.nat(3),
  })
  .map(({ x, y, width, height, score, index }) => ({ x1: x, y1: y, x2: x + width, y2: y + height, score, index }));
const candidates = fc.array(candidate, { maxLength: 60 });

const fit: fc.Arbitrary<Fit> = fc
  .record({
    sourceWidth: fc.integer({ min: 1, max: 4000 }),
    sourceHeight: fc.integer({ min: 1, max: 4000 }),
    scaleX: fc.double({ min: 0.01, max: 10, noNaN: true }),
    scaleY: fc.double({ min: 0.01, max: 10, noNaN: true }),
    offsetX: fc.double({ min: -500, max: 500, noNaN: true }),
    offsetY: fc.double({ min: -500, max: 500, noNaN: true }),
  })
  .map((some) => ({ ...some, inputWidth: 640, inputHeight: 640 }));

describe('suppress', () => {
  it('keeps the best of each heap: kept boxes of a class overlap little, dropped ones much with a better one', () => {
    fc.assert(
      fc.property(candidates, fc.double({ min: 0, max: 1, noNaN: true }), (all, threshold) => {
        const kept = suppress(all, threshold);
        const rivals = (a: Candidate, b: Candidate) => a.index === b.index && iou(a, b) > threshold;
        kept.forEach((a, i) => kept.slice(i + 1).forEach((b) => expect(rivals(a, b)).toBe(false)));
        for (const lost of all.filter((each) => !kept.includes(each)))
          expect(kept.some((winner) => winner.score >= lost.score && rivals(winner, lost))).toBe(true);
        expect(kept.map(({ score }) => score)).toEqual(kept.map(({ score }) => score).sort((a, b) => b - a));
      }),
    );
  });

  it('once is enough, and the order of the input does not matter for distinct scores', () => {
    fc.assert(
      fc.property(candidates, (all) => {
        const distinct = all.map((each, i) => ({ ...each, score: (i + 1) / 1000 }));
        const kept = suppress(distinct, 0.5);
        expect(suppress(kept, 0.5)).toEqual(kept);
        expect(suppress(distinct.toReversed(), 0.5)).toEqual(kept);
      }),
    );
  });

  it('bounds its own work', () => {
    const many = Array.from({ length: 20_000 }, (_, i) => ({ x1: i, y1: 0, x2: i + 0.5, y2: 1, score: 0.5, index: 0 }));
    expect(suppress(many, 0.5)).toHaveLength(300);
  });
});

it('iou is 1 with itself, 0 apart, symmetric', () => {
  fc.assert(
    fc.property(candidate, candidate, (a, b) => {
      expect(iou(a, b)).toBe(iou(b, a));
      expect(iou(a, b)).toBeGreaterThanOrEqual(0);
      expect(iou(a, b)).toBeLessThanOrEqual(1 + 1e-9);
    }),
  );
  const square = { x1: 0, y1: 0, x2: 2, y2: 2, score: 1, index: 0 };
  expect(iou(square, square)).toBe(1);
  expect(iou(square, { ...square, x1: 1, x2: 3 })).toBeCloseTo(1 / 3);
  expect(iou(square, { ...square, x1: 2, x2: 4 })).toBe(0);
});

describe('toSource', () => {
  it('goes back the way that the picture came, for boxes inside it', () => {
    const inside = fc.tuple(...([0, 1, 2, 3] as const).map(() => fc.double({ min: 0, max: 1, noNaN: true })));
    fc.assert(
      fc.property(fit, inside, (f, [a = 0, b = 0, c = 0, d = 0]) => {
        const [left, right] = [Math.min(a, c) * f.sourceWidth, Math.max(a, c) * f.sourceWidth];
        const [top, bottom] = [Math.min(b, d) * f.sourceHeight, Math.max(b, d) * f.sourceHeight];
        fc.pre(right - left > 1e-3 && bottom - top > 1e-3);
        const box = toSource(
          {
            x1: left * f.scaleX + f.offsetX,
            y1: top * f.scaleY + f.offsetY,
            x2: right * f.scaleX + f.offsetX,
            y2: bottom * f.scaleY + f.offsetY,
            score: 1,
            index: 0,
          },
          f,
        );
        [left, top, right - left, bottom - top].forEach((value, i) => expect(box?.[i]).toBeCloseTo(value, 4));
      }),
    );
  });

  it('never leaves the picture, and drops what lies outside', () => {
    fc.assert(
      fc.property(fit, candidates, (f, all) => {
        for (const { box, score } of toDetections(all, 0.5, f, ['a'])) {
          const [x, y, width, height] = box;
          expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
          expect(Math.min(width, height)).toBeGreaterThan(0);
          expect(x + width).toBeLessThanOrEqual(f.sourceWidth + 1e-6);
          expect(y + height).toBeLessThanOrEqual(f.sourceHeight + 1e-6);
          expect(score).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});
