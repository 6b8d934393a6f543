import { expect, test } from 'vitest';
import { rotate } from './rotate.ts';

test('turns clockwise, and four quarter turns are none', () => {
  const picture = { buffer: new Uint32Array([1, 2, 3, 4, 5, 6]).buffer, width: 3, height: 2 };
  const pixels = (of: typeof picture) => [of.width, of.height, ...new Uint32Array(of.buffer)];
  expect(pixels(rotate(picture, 90))).toEqual([2, 3, 4, 1, 5, 2, 6, 3]);
  expect(pixels(rotate(picture, 180))).toEqual([3, 2, 6, 5, 4, 3, 2, 1]);
  expect(pixels(rotate(picture, 270))).toEqual([2, 3, 3, 6, 2, 5, 1, 4]);
  expect(rotate(picture, 0)).toBe(picture);
  expect(pixels(rotate(rotate(picture, 90), 270))).toEqual(pixels(picture));
});
