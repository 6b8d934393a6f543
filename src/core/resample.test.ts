import { expect, test } from 'vitest';
import { resample } from './resample.ts';

const picture = (width: number, height: number, gray: (x: number, y: number) => number) => {
  const pixels = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) pixels.fill(gray(x, y), (y * width + x) * 4, (y * width + x) * 4 + 4);
  return { buffer: pixels.buffer, width, height };
};

test('the same size is the same picture', () => {
  const source = picture(5, 4, (x, y) => x * 40 + y);
  expect([...new Uint8Array(resample(source, 5, 4).buffer)]).toEqual([...new Uint8Array(source.buffer)]);
});

test('a ramp stays a ramp, and the recycled buffer is used', () => {
  const into = new ArrayBuffer(1000);
  const { buffer, width } = resample(
    picture(4, 2, (x) => x * 60),
    8,
    2,
    into,
  );
  expect(buffer).toBe(into);
  const row = Array.from({ length: width }, (_, x) => new Uint8Array(buffer)[x * 4]);
  expect(row).toEqual([0, 15, 45, 75, 105, 135, 165, 180]);
});
