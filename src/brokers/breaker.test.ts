import { expect, it } from 'vitest';
import { createBreaker } from './breaker.ts';

it('opens after failures in a row, lets one try after a while, and waits longer each time', () => {
  const breaker = createBreaker(() => 3);
  expect([breaker.failed(0), breaker.failed(0), breaker.allowance(0)]).toEqual([false, false, Infinity]);
  expect(breaker.failed(0)).toBe(true);
  expect([breaker.allowance(999), breaker.allowance(1000)]).toEqual([0, 1]);
  // What was under way when it opened changes nothing.
  expect(breaker.failed(500)).toBe(false);
  expect(breaker.failed(1000)).toBe(true);
  expect([breaker.allowance(2999), breaker.allowance(3000)]).toEqual([0, 1]);
  breaker.succeeded();
  expect(breaker.allowance(3000)).toBe(Infinity);
});

it('does not count failures that a success parts', () => {
  const breaker = createBreaker(() => 2);
  for (let i = 0; i < 10; i++) {
    expect(breaker.failed(i)).toBe(false);
    breaker.succeeded();
  }
});
