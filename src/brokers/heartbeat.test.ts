import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createHeartbeat } from './heartbeat.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('beats in time, knows how late it was, and tells sleep from a slow timer', async () => {
  let offset = 0;
  let everyMs = 1000;
  const told: string[] = [];
  const clock = { now: () => Date.now() + offset };
  const heartbeat = createHeartbeat({
    clock,
    everyMs: () => everyMs,
    beat: () => told.push('beat'),
    tooLateMs: () => 3000,
    overslept: () => told.push('overslept'),
  });
  await vi.advanceTimersByTimeAsync(2000);
  expect(told).toEqual(['beat', 'beat']);
  expect(heartbeat.worstLagMs(clock.now())).toBe(0);
  // The clock goes on while no timer does.
  offset += 2500;
  await vi.advanceTimersByTimeAsync(1000);
  expect(told.at(-1)).toBe('beat');
  expect(heartbeat.worstLagMs(clock.now())).toBe(2500);
  offset += 10_000;
  await vi.advanceTimersByTimeAsync(1000);
  expect(told.at(-1)).toBe('overslept');
  // A minute later it is forgotten.
  await vi.advanceTimersByTimeAsync(61_000);
  expect(heartbeat.worstLagMs(clock.now())).toBe(0);
  everyMs = 100;
  heartbeat.restart();
  const before = told.length;
  await vi.advanceTimersByTimeAsync(250);
  expect(told.length).toBe(before + 2);
  heartbeat.stop();
  const count = told.length;
  await vi.advanceTimersByTimeAsync(5000);
  expect(told.length).toBe(count);
});
