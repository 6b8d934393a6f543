/** The generator gives the numbers that its author's code gives, and they are uniform. */
import { expect, test } from 'vitest';
import { createRandom } from './createRandom.ts';

test('gives the reference sequence', () => {
  const random = createRandom(1);
  expect([random(), random(), random()]).toEqual([0.6270739405881613, 0.002735721180215478, 0.5274470399599522]);
});

test('the same seed gives the same run; another seed, another', () => {
  const draw = (seed: number) => Array.from({ length: 5 }, createRandom(seed));
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
});

test('is uniform: mean and every tenth within 5 sigma', () => {
  const random = createRandom(42);
  const n = 100_000;
  const tenths = new Array<number>(10).fill(0);
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const value = random();
    sum += value;
    tenths[Math.floor(value * 10)] = (tenths[Math.floor(value * 10)] ?? 0) + 1;
  }
  expect(Math.abs(sum / n - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / n));
  for (const count of tenths) expect(Math.abs(count - n / 10)).toBeLessThan(5 * Math.sqrt(n * 0.09));
});
