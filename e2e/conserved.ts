/** The one sum that every browser test ends with: both equations of DESIGN.md section 1, in exact integers. */
import { expect } from '@playwright/test';
import type { Counts, Snapshot } from '../src/core/snapshot.ts';

export function expectConserved(snapshot: Snapshot): void {
  balance('total', snapshot.counts);
  for (const [id, counts] of Object.entries(snapshot.sources)) balance(id, counts);
}

function balance(name: string, counts: Counts): void {
  const { offered, refused, admitted, completed, failed, dropped, released, queued, inFlight } = counts;
  const { newest, ...later } = dropped;
  const droppedLater = Object.values(later).reduce((sum, count) => sum + count, 0);
  const text = `${name}: ${JSON.stringify(counts)}`;
  const all = [offered, refused, admitted, completed, failed, released, queued, inFlight, newest, droppedLater];
  expect(
    all.every((count) => Number.isInteger(count) && count >= 0),
    `whole and not negative, ${text}`,
  ).toBe(true);
  expect(refused, `refused is the drop cause newest, ${text}`).toBe(newest);
  expect(refused + admitted, `offered = refused + admitted, ${text}`).toBe(offered);
  expect(
    completed + failed + droppedLater + released + queued + inFlight,
    `admitted = completed + failed + dropped + released + queued + in flight, ${text}`,
  ).toBe(admitted);
}
