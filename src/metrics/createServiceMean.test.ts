/** The mean of one engine's frames: cold ones stay out, another engine begins anew. */
import { expect, test } from 'vitest';
import { createServiceMean } from './createServiceMean.ts';

const [first, second] = [{}, {}];

test('means the frames of one engine, without its first second and a half', () => {
  const mean = createServiceMean();
  for (let at = 0; at <= 1400; at += 100) mean.add(first, at, 90, 1);
  expect(mean.read(first, 1500, 30)).toBeUndefined();
  mean.add(first, 1600, 20, 10);
  mean.add(first, 3100, 40, 20);
  expect(mean.read(first, 3200, 30)).toEqual({ frames: 2, meanMs: 30, runMs: 15, batch: 1 });
});

test('a frame that began while it was cold stays out, however late it ends', () => {
  const mean = createServiceMean();
  mean.add(first, 100, 100, 1);
  mean.add(first, 4000, 3000, 1);
  mean.add(first, 6000, 2000, 1);
  expect(mean.read(first, 6000, 30)).toEqual({ frames: 1, meanMs: 2000, runMs: 1, batch: 1 });
});

test('another engine begins anew, seconds leave the window, and a restart forgets', () => {
  const mean = createServiceMean();
  mean.add(first, 0, 1, 1);
  mean.add(first, 2000, 10, 1);
  mean.add(first, 9000, 30, 1);
  expect(mean.read(first, 9000, 5)).toEqual({ frames: 1, meanMs: 30, runMs: 1, batch: 1 });
  expect(mean.read(second, 9000, 5)).toBeUndefined();
  mean.restart();
  expect(mean.read(first, 9000, 30)).toBeUndefined();
  mean.add(first, 9500, 50, 1);
  expect(mean.read(first, 9500, 30)).toEqual({ frames: 1, meanMs: 50, runMs: 1, batch: 1 });
  mean.add(second, 9600, 5, 1);
  expect(mean.read(first, 9600, 30)).toBeUndefined();
});
