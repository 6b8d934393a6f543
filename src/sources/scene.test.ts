import { BehaviorSubject, Subject } from 'rxjs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Delivery } from '../core/delivery.ts';
import type { Payload } from '../core/payload.ts';
import { defaultSettings, type Settings } from '../core/settings.ts';
import { createScene } from './scene.ts';

// Waiting for shared memory has no fake timers; without it the pacer uses setTimeout.
beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('SharedArrayBuffer', undefined);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function open(ratePerS: number, first: number, clock = { now: () => Date.now() }) {
  const settings$ = new BehaviorSubject<Settings['source']>({ ...defaultSettings.source, ratePerS });
  const demand = new BehaviorSubject(first);
  const deliveries: Delivery<Payload>[] = [];
  let missed = 0;
  const closing = new Subject<void>();
  const subscription = createScene(settings$, {
    id: 'scene',
    clock,
    onState: () => {},
    onMissed: (count) => {
      missed += count;
    },
  })
    .open(demand)
    .subscribe((delivery) => deliveries.push(delivery));
  return { settings$, demand, deliveries, missed: () => missed, subscription, closing };
}

test('arrivals follow the plan, each with its intended time', () => {
  const { deliveries } = open(100, Infinity);
  vi.advanceTimersByTime(1000);
  expect(deliveries.length).toBeGreaterThanOrEqual(99);
  const gaps = deliveries.slice(1).map((d, i) => d.stamps.scheduled - (deliveries[i]?.stamps.scheduled ?? 0));
  for (const gap of gaps) expect(gap).toBeCloseTo(10, 6);
});

test('an arrival that becomes due between two looks at the clock does not wait for demand that is there', () => {
  // Browsers wake a little early, so this moment is met often: every look at the clock finds it later.
  let looks = 0;
  const clock = { now: () => Date.now() + looks++ * 0.3 };
  const { deliveries, missed } = open(100, Infinity, clock);
  vi.advanceTimersByTime(1000);
  const late = deliveries.map(({ stamps }) => stamps.arrived - stamps.scheduled);
  expect(deliveries.length).toBeGreaterThanOrEqual(99);
  expect(missed()).toBe(0);
  expect(Math.max(...late)).toBeLessThan(20);
});

test('it never gives more than was asked for, and what the plan left behind is counted as missed', () => {
  const { deliveries, demand, missed } = open(100, 3);
  vi.advanceTimersByTime(500);
  expect(deliveries).toHaveLength(3);
  expect(missed()).toBe(0);
  demand.next(2);
  expect(deliveries).toHaveLength(5);
  vi.advanceTimersByTime(5000);
  expect(deliveries).toHaveLength(5);
  demand.next(1000);
  // Everything planned so far was delivered, is missed, or is due within the last second and comes now.
  expect(deliveries.length + missed()).toBeGreaterThanOrEqual(549);
  expect(deliveries.length + missed()).toBeLessThanOrEqual(551);
  expect(missed()).toBeGreaterThanOrEqual(440);
});

test('the rate changes while it runs', () => {
  const { deliveries, settings$ } = open(10, Infinity);
  vi.advanceTimersByTime(1000);
  const before = deliveries.length;
  settings$.next({ ...defaultSettings.source, ratePerS: 100 });
  vi.advanceTimersByTime(1000);
  expect(deliveries.length - before).toBeGreaterThan(95);
});
