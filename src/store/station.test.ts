import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { emptySnapshot } from '../core/emptySnapshot.ts';
import type { LiveFacts, SecondSlice, Telemetry } from '../core/telemetry.ts';
import { createStation } from './station.ts';

const noDrops = { newest: 0, oldest: 0, superseded: 0, expired: 0, shed: 0, cancelled: 0, shutdown: 0 };

function telemetry(now: number, more: Partial<Telemetry> = {}): Telemetry {
  const live: LiveFacts = {
    now,
    elapsedMs: now,
    ageMs: undefined,
    utilisation: 0,
    queueLimit: 1,
    inFlightLimit: 1,
    inFlightMean: 0,
    littleError: undefined,
    steadyMs: undefined,
    windowMs: 0,
    missRatio: 0,
    utilisationLaw: undefined,
    dropsPerS: noDrops,
    failedPerS: 0,
    resultText: '',
    frameErrors: [],
    sources: { scene: { status: 'idle' } },
    losses: 0,
    heapBytes: 0,
    checked: { frames: 0, notNumbers: 0, allZero: 0 },
  };
  return {
    snapshot: { ...emptySnapshot, state: 'running' },
    live,
    seconds: [],
    events: [],
    restarted: false,
    ...more,
  };
}

function second(at: number): SecondSlice {
  return {
    at,
    offered: 1,
    completed: 1,
    failed: 0,
    dropped: noDrops,
    queuedMean: 0,
    inFlightMean: 0,
    atLimit: 0,
    misses: 0,
    queueLimit: 0,
    inFlightLimit: 0,
    p50: undefined,
    p95: undefined,
    p99: undefined,
    cellMs: new Float32Array(0),
    cellCount: new Uint32Array(0),
  };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('ten batches a second change what React sees at most four times, and the newest is always shown', () => {
  const store = createStation(() => Date.now());
  let changes = 0;
  store.subscribe(() => changes++);
  for (let i = 0; i < 20; i++) {
    store.getState().applyTelemetry(telemetry(i * 100));
    vi.advanceTimersByTime(100);
  }
  expect(changes).toBeLessThanOrEqual(9);
  vi.advanceTimersByTime(300);
  expect(store.getState().live?.now).toBe(1900);
});

test('a restart forgets earlier seconds', () => {
  const store = createStation();
  store.getState().applyTelemetry(telemetry(0, { seconds: [second(0), second(1000)] }));
  store.getState().applyTelemetry(telemetry(1, { restarted: true, seconds: [second(2000)] }));
  expect(store.getState().timeline.seconds.map(({ at }) => at)).toEqual([2000]);
});

test('the timeline keeps half an hour', () => {
  const store = createStation();
  for (let i = 0; i < 2000; i++) store.getState().timeline.append([second(i * 1000)], []);
  expect(store.getState().timeline.seconds).toHaveLength(1800);
  expect(store.getState().timeline.seconds[0]?.at).toBe(200_000);
});

test('three toasts at most, and the same words once', () => {
  const { addToast } = createStation().getState();
  const store = createStation();
  for (const title of ['a', 'b', 'b', 'c', 'd']) store.getState().addToast({ kind: 'error', title, text: '' });
  expect(store.getState().toasts.map(({ title }) => title)).toEqual(['b', 'c', 'd']);
  expect(addToast({ kind: 'notice', title: 'x', text: '' })).toBe(1);
});
