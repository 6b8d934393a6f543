import { BehaviorSubject, Subject } from 'rxjs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Delivery, SourceState } from '../core/delivery.ts';
import type { Payload } from '../core/payload.ts';
import { defaultSettings, type Settings } from '../core/settings.ts';
import type { Place } from './place.ts';
import { createRecordingSource, type Part } from './recording.ts';

beforeEach(() => {
  vi.useFakeTimers();
  // Waits on shared memory do not follow fake timers.
  vi.stubGlobal('SharedArrayBuffer', undefined);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Ten parts of a tenth of a second; the id of a part is its number. */
const count = 10;

function open(change: Partial<Settings['source']> = {}, place: Place = { at: undefined }, broken = false) {
  const settings$ = new BehaviorSubject({ ...defaultSettings.source, loop: false, ...change });
  const demand = new Subject<number>();
  const deliveries: Delivery<Payload>[] = [];
  const states: SourceState[] = [];
  let ended: unknown = 'no';
  let held = 0;
  const part = (i: number): Part => {
    held += 1;
    const taken = async () => {
      await Promise.resolve();
      held -= 1;
      return {
        payload: { kind: 'scene', seed: i, t: 0, width: 1, height: 1, difficulty: 0, motion: 1 } as const,
        bytes: 0,
      };
    };
    return { atS: i / 10, lengthS: 0.1, taken: taken() };
  };
  const source = createRecordingSource(
    {
      file: new File([], 'a.mp4'),
      open: async () => {
        if (broken) throw new Error('moov atom not found');
        return {
          facts: 'a.mp4',
          durationS: 1,
          async *parts(fromS) {
            for (let i = Math.floor(fromS * 10 + 1e-9); i < count; i++) yield part(i);
          },
          end() {},
        };
      },
      none: 'none',
      damaged: 'It is damaged.',
    },
    settings$,
    place,
    {
      id: 'video',
      clock: { now: () => Date.now() },
      onState: (state) => states.push(state),
      onMissed: () => {},
    },
  );
  const subscription = source.open(demand).subscribe({
    next: (delivery) => deliveries.push(delivery),
    complete: () => (ended = 'completed'),
    error: (error: unknown) => (ended = error),
  });
  return {
    settings$,
    demand,
    deliveries,
    states,
    subscription,
    ended: () => ended,
    held: () => held,
    parts: () => deliveries.map(({ payload }) => (payload.kind === 'scene' ? payload.seed : -1)),
    times: () => deliveries.map(({ stamps }) => stamps.scheduled),
  };
}

const all = Array.from({ length: count }, (_, i) => i);

test('plays every part once at its own time, then ends and holds nothing', async () => {
  const run = open();
  run.demand.next(99);
  await vi.advanceTimersByTimeAsync(5000);
  expect(run.parts()).toEqual(all);
  const [first = 0, ...rest] = run.times();
  rest.forEach((time, i) => expect(time - first).toBeCloseTo((i + 1) * 100, 3));
  expect(run.ended()).toBe('completed');
  expect(run.held()).toBe(0);
  expect(run.states.at(-1)?.status).toBe('ended');
});

test('waits for demand without making a backlog', async () => {
  const run = open();
  run.demand.next(2);
  await vi.advanceTimersByTimeAsync(3000);
  expect(run.parts()).toEqual([0, 1]);
  run.demand.next(2);
  await vi.advanceTimersByTimeAsync(3000);
  expect(run.parts()).toEqual([0, 1, 2, 3]);
  const [, second = 0, third = 0, fourth = 0] = run.times();
  expect(third - second).toBeGreaterThan(2500);
  expect(fourth - third).toBeCloseTo(100, 3);
});

test('a change of speed keeps every part and neither stands still nor hurries', async () => {
  const run = open({ speed: 1 });
  run.demand.next(99);
  await vi.advanceTimersByTimeAsync(450);
  run.settings$.next({ ...run.settings$.value, speed: 0.5 });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(run.parts()).toEqual(all);
  const gaps = run.times().map((time, i) => time - (run.times()[i - 1] ?? time));
  for (const gap of gaps.slice(6)) expect(gap).toBeCloseTo(200, 3);
});

test('speed 0 is as fast as it is served', async () => {
  const run = open({ speed: 0 });
  run.demand.next(99);
  await vi.advanceTimersByTimeAsync(1);
  expect(run.parts()).toEqual(all);
});

test('a change of the start jumps there, also while it waits, and a loop begins at 0', async () => {
  const run = open({ loop: true });
  run.demand.next(3);
  await vi.advanceTimersByTimeAsync(1000);
  run.settings$.next({ ...run.settings$.value, startS: 0.8 });
  run.demand.next(4);
  await vi.advanceTimersByTimeAsync(1000);
  expect(run.parts()).toEqual([0, 1, 2, 8, 9, 0, 1]);
  run.subscription.unsubscribe();
  await vi.advanceTimersByTimeAsync(1000);
  expect(run.held()).toBe(0);
});

test.each([0.5, 1, 4])(
  'at speed %d the first part of a round comes as long after the last as any other',
  async (speed) => {
    const run = open({ loop: true, speed });
    run.demand.next(2 * count);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(run.parts()).toEqual([...all, ...all]);
    const [first = 0, ...rest] = run.times();
    rest.forEach((time, i) => expect(time - first).toBeCloseTo(((i + 1) * 100) / speed, 3));
    run.subscription.unsubscribe();
  },
);

test('a start beyond the end loops from 0, and ends without a loop', async () => {
  const looped = open({ loop: true, startS: 50 });
  looped.demand.next(2);
  await vi.advanceTimersByTimeAsync(1000);
  expect(looped.parts()).toEqual([0, 1]);
  const single = open({ startS: 50 });
  single.demand.next(2);
  await vi.advanceTimersByTimeAsync(1000);
  expect(single.ended()).toBe('completed');
});

test('goes on where a pause left it, without a part twice', async () => {
  const place: Place = { at: undefined };
  const first = open({}, place);
  first.demand.next(6);
  await vi.advanceTimersByTimeAsync(1000);
  // Two still stood in the queue.
  for (const delivery of first.deliveries.slice(4)) delivery.settle({ kind: 'dropped', cause: 'shutdown' }, Date.now());
  first.subscription.unsubscribe();
  const second = open({}, place);
  second.demand.next(99);
  await vi.advanceTimersByTimeAsync(2000);
  expect([...first.parts().slice(0, 4), ...second.parts()]).toEqual(all);
  expect(place.at).toBeUndefined();
});

test('a damaged file ends with its sentence', async () => {
  const run = open({}, undefined, true);
  await vi.advanceTimersByTimeAsync(10);
  expect(run.ended()).toMatchObject({ code: 'cannot-decode', message: 'It is damaged.' });
});
