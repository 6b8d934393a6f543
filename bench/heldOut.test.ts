/** What the detector is judged by, it has not been trained on: the seeds of both are computed and compared. */
import { expect, test } from 'vitest';
import { mixSeed } from '../src/core/mixSeed.ts';
import { heldOutSeed } from './heldOut.ts';

/** training/run.sh: scenes for training, and those for a look after some passes. */
const trained = [
  { first: 0, count: 18_000 },
  { first: 3_000_000_000, count: 500 },
];

test('no scene that the detector is judged by was among those of its training', () => {
  const judged = Array.from({ length: 4000 }, (_, n) => mixSeed(heldOutSeed, n));
  const seen = judged.filter((seed) => trained.some(({ first, count }) => seed >= first && seed < first + count));
  expect(new Set(judged).size).toBe(judged.length);
  expect(seen).toEqual([]);
});
