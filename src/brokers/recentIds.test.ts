import { expect, it } from 'vitest';
import { automaticPrefetch } from './prefetch.ts';
import { createRecentIds } from './recentIds.ts';

it('remembers the newest ids, and one that came again as new', () => {
  const recent = createRecentIds(2);
  recent.add('a');
  recent.add('b');
  recent.add('a');
  recent.add('c');
  expect(['a', 'b', 'c'].map((id) => recent.has(id))).toEqual([true, false, true]);
});

it('holds as many jobs as hide the way to the broker, 2 to 16', () => {
  expect(automaticPrefetch(1, 0, 0)).toBe(2);
  expect(automaticPrefetch(2, 10, 10)).toBe(3);
  expect(automaticPrefetch(2, 25, 10)).toBe(5);
  expect(automaticPrefetch(2, 1000, 1)).toBe(16);
});
