/** The sums hold for a count that adds up, and say by how much another is off. */
import { expect, test } from 'vitest';
import { emptyCounts } from '../core/snapshot.ts';
import { checkConservation } from './checkConservation.ts';

const counts = () => ({
  ...emptyCounts(),
  offered: 20,
  refused: 3,
  admitted: 17,
  completed: 5,
  failed: 2,
  released: 1,
  dropped: { ...emptyCounts().dropped, newest: 3, oldest: 1, superseded: 1, expired: 1, cancelled: 1, shutdown: 1 },
  queued: 2,
  inFlight: 2,
  missed: 100,
});

test('adds up; missed frames stand outside', () => {
  expect(checkConservation(counts())).toEqual({ holds: true, offBy: 0 });
});

test('tells what is lost, at the gate or behind it', () => {
  expect(checkConservation({ ...counts(), inFlight: 1 })).toEqual({ holds: false, offBy: 1 });
  expect(checkConservation({ ...counts(), refused: 5 })).toEqual({ holds: false, offBy: -2 });
});
