/** Where the picture lands in the input, and the way back: exact to a pixel for any sizes. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Prepare } from '../core/card.ts';
import { createPreparer } from './preparer.ts';
import { planResize } from './resizePlan.ts';

const base: Prepare = {
  input: 'x',
  width: 8,
  height: 8,
  fit: 'letterbox',
  color: 'rgb',
  layout: 'nhwc',
  type: 'float32',
  scale: 1,
  mean: [0, 0, 0],
  std: [1, 1, 1],
  pad: 7,
};

describe('a letterbox', () => {
  const side = fc.integer({ min: 1, max: 2000 });
  it('is undone exactly: its edges are those of the picture, in the middle and in the corner', () => {
    fc.assert(
      fc.property(
        side,
        side,
        side,
        side,
        fc.constantFrom('middle' as const, 'corner' as const),
        (w, h, width, height, place) => {
          const { fit, left, top, columns, rows } = planResize(w, h, { ...base, width, height, place });
          const back = (x: number, y: number) => [(x - fit.offsetX) / fit.scaleX, (y - fit.offsetY) / fit.scaleY];
          expect(back(left, top)).toEqual([expect.closeTo(0), expect.closeTo(0)]);
          expect(back(left + columns, top + rows)).toEqual([expect.closeTo(w), expect.closeTo(h)]);
          if (place === 'corner') expect([left, top]).toEqual([0, 0]);
          // The middle is one to a pixel.
          else expect(Math.abs(width - columns - 2 * left) <= 1 && Math.abs(height - rows - 2 * top) <= 1).toBe(true);
          expect(left + columns <= width && top + rows <= height).toBe(true);
        },
      ),
    );
  });
});

it('shrinking in halves takes the means of cells, and of a picture that cannot be halved the nearest pixels', async () => {
  const preparer = await createPreparer(readFileSync(new URL('./prepare.wasm', import.meta.url)));
  const [w, h] = [24, 12];
  const pixels = new Uint8Array(w * h * 4).map((_, i) => (i * 37) % 251);
  const picture = { buffer: pixels.buffer, width: w, height: h };
  const at = (x: number, y: number, c: number) => pixels[(y * w + x) * 4 + c] ?? NaN;
  const prepared = (height: number) =>
    Array.from(preparer.prepare(picture, { ...base, height, fit: 'stretch', shrink: 'halves' }).data, Number);
  // 3 to 1 across, 1.5 to 1 down: not halved, because the height would be too small.
  const whole = prepared(8);
  // 3 to 1 both ways: halved once, so cells of 2 x 2, and 1.5 to 1 is left.
  const halved = prepared(4);
  const mean = (cx: number, cy: number, c: number) =>
    (at(cx * 2, cy * 2, c) + at(cx * 2 + 1, cy * 2, c) + at(cx * 2, cy * 2 + 1, c) + at(cx * 2 + 1, cy * 2 + 1, c)) / 4;
  for (let x = 0; x < 8; x++)
    for (let c = 0; c < 3; c++) {
      // Row 0 lies a quarter of the way from the first to the second; each column on the middle of three.
      const expected = at(x * 3 + 1, 0, c) * 0.75 + at(x * 3 + 1, 1, c) * 0.25;
      expect(whole[x * 3 + c]).toBeCloseTo(expected, 3);
      const cellX = (x + 0.5) * 1.5 - 0.5;
      const [left, share] = [Math.floor(cellX), cellX % 1];
      const row = (cy: number) => mean(left, cy, c) * (1 - share) + mean(Math.min(11, left + 1), cy, c) * share;
      expect(halved[x * 3 + c]).toBeCloseTo(row(0) * 0.75 + row(1) * 0.25, 3);
    }
});
