/** Words of boxes: in the frame, never across the edge of their box, off each other where there is room. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { crosses, overlaps, placeLabel, type Place } from './placeLabel.ts';

const area = { left: 0, top: 0, width: 448, height: 252 };

it('a word lies in the frame and off the edges of its box, wherever the box is', () => {
  const side = fc.integer({ min: 1, max: 200 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 440 }), fc.integer({ min: 0, max: 250 }), side, side, (left, top, w, h) => {
      const box = { left, top, width: Math.min(w, 448 - left), height: Math.min(h, 252 - top) };
      const place = placeLabel(box, 80, 16, area, []);
      expect(place.left >= 0 && place.top >= 0 && place.left + 80 <= 448 && place.top + 16 <= 252).toBe(true);
      expect(crosses(place, box)).toBe(false);
    }),
  );
});

it('words make room for each other', () => {
  const box = { left: 100, top: 100, width: 90, height: 90 };
  const taken: Place[] = [];
  for (let i = 0; i < 4; i++) {
    const place = placeLabel(box, 60, 16, area, taken);
    expect(taken.some((other) => overlaps(place, other))).toBe(false);
    taken.push(place);
  }
});
