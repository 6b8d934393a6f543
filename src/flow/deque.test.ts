/** The ring behind the gate keeps order through wrap and growth, and stays cheap when it is deep. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDeque } from './deque.ts';

test('behaves as an array under any pushes and shifts', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 300 }), (pushes) => {
      const deque = createDeque<number>();
      const model: number[] = [];
      pushes.forEach((push, i) => {
        if (push) {
          deque.push(i);
          model.push(i);
        } else expect(deque.shift()).toBe(model.shift());
        expect(deque.size).toBe(model.length);
      });
    }),
  );
});

test('holds 100,000 and gives them back in order', () => {
  const deque = createDeque<number>();
  for (let i = 0; i < 100_000; i++) deque.push(i);
  let sum = 0;
  for (let i = 0; i < 100_000; i++) if (deque.shift() === i) sum += 1;
  expect(sum).toBe(100_000);
  expect(deque.shift()).toBeUndefined();
});
