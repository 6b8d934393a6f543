import { BehaviorSubject, Subject } from 'rxjs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Delivery, SourceState } from '../core/delivery.ts';
import type { Payload } from '../core/payload.ts';
import { defaultSettings } from '../core/settings.ts';
import { createImages, type ImageFile } from './images.ts';
import type { Place } from './place.ts';

beforeEach(() => {
  vi.useFakeTimers();
  // Waits on shared memory do not follow fake timers.
  vi.stubGlobal('SharedArrayBuffer', undefined);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const file = (name: string, read?: () => Promise<ArrayBuffer>): ImageFile => ({
  name,
  size: 3,
  arrayBuffer: read ?? (async () => new Uint8Array([0xff, 0xd8, 0xff]).buffer),
});

function open(files: readonly ImageFile[], loop = false, place: Place = { at: undefined }) {
  const settings$ = new BehaviorSubject({ ...defaultSettings.source, ratePerS: 10, loop });
  const demand = new Subject<number>();
  const deliveries: Delivery<Payload>[] = [];
  const states: SourceState[] = [];
  let ended: unknown = 'no';
  const source = createImages(files, settings$, place, {
    id: 'images',
    clock: { now: () => Date.now() },
    onState: (state) => states.push(state),
    onMissed: () => {},
  });
  const subscription = source.open(demand).subscribe({
    next: (delivery) => deliveries.push(delivery),
    complete: () => (ended = 'completed'),
    error: (error: unknown) => (ended = error),
  });
  return { demand, deliveries, states, subscription, ended: () => ended };
}

const formats = (deliveries: readonly Delivery<Payload>[]) =>
  deliveries.map(({ payload }) => (payload.kind === 'encoded' ? payload.format : payload.kind));

test('never gives more than was asked for, keeps its rate, and ends after the last file', async () => {
  const run = open([file('a.jpg'), file('b.jpg'), file('c.jpg')]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(run.deliveries).toHaveLength(0);
  run.demand.next(2);
  await vi.advanceTimersByTimeAsync(1000);
  expect(run.deliveries.map(({ id }) => id)).toEqual([0, 1]);
  const [first, second] = run.deliveries.map(({ stamps }) => stamps.scheduled);
  expect((second ?? 0) - (first ?? 0)).toBeCloseTo(100, 0);
  run.demand.next(5);
  await vi.advanceTimersByTimeAsync(1000);
  expect(formats(run.deliveries)).toEqual(['jpeg', 'jpeg', 'jpeg']);
  expect(run.ended()).toBe('completed');
  expect(run.states.at(-1)?.status).toBe('ended');
});

test('a wait of the consumer moves the plan instead of making a backlog', async () => {
  const run = open([file('a.jpg')], true);
  run.demand.next(1);
  await vi.advanceTimersByTimeAsync(5000);
  run.demand.next(3);
  await vi.advanceTimersByTimeAsync(120);
  expect(run.deliveries).toHaveLength(3);
  expect(run.deliveries[1]?.stamps.scheduled).toBeGreaterThanOrEqual((run.deliveries[0]?.stamps.scheduled ?? 0) + 5000);
  run.subscription.unsubscribe();
  await vi.advanceTimersByTimeAsync(1000);
  expect(run.deliveries).toHaveLength(3);
});

test('a file that cannot be read is a frame that fails, not the end', async () => {
  const run = open([file('gone.jpg', () => Promise.reject(new Error('NotReadableError'))), file('b.jpg')]);
  run.demand.next(9);
  await vi.advanceTimersByTimeAsync(500);
  expect(formats(run.deliveries)).toEqual(['broken', 'jpeg']);
});

test('goes on where a pause left it', async () => {
  const place: Place = { at: undefined };
  const first = open([file('a.jpg'), file('b.jpg'), file('c.jpg')], false, place);
  first.demand.next(3);
  await vi.advanceTimersByTimeAsync(1000);
  // The third still stood in the queue.
  first.deliveries[2]?.settle({ kind: 'dropped', cause: 'shutdown' }, Date.now());
  first.subscription.unsubscribe();
  const second = open([file('a.jpg'), file('b.jpg'), file('c.jpg')], false, place);
  second.demand.next(9);
  await vi.advanceTimersByTimeAsync(1000);
  expect(second.deliveries.map(({ id }) => id)).toEqual([2]);
  expect(second.ended()).toBe('completed');
  expect(place.at).toBeUndefined();
});

test('without files it says what to do', () => {
  expect(open([]).ended()).toMatchObject({ code: 'cancelled', message: expect.stringContaining('drop them') });
});
