/** Batches in virtual time: when they leave, what leaves them, and how they end. */
import fc from 'fast-check';
import { BehaviorSubject, concat, map, of, Subject } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, test } from 'vitest';
import { Delivery } from '../core/delivery.ts';
import type { BatchSettings } from '../core/gateSettings.ts';
import { batch } from './batch.ts';
import { deliver, nameOf } from './gate.fixture.ts';

/** Expects the batches of these arrivals as marbles, one frame = 1 ms. */
function expectBatches(
  arrivals: string,
  settings: BatchSettings,
  expected: string,
  batches: Record<string, string>,
  options: { unsubscribe?: string; changes?: readonly [string, Record<string, BatchSettings>] } = {},
): string[] {
  const ends: string[] = [];
  const scheduler = new TestScheduler((actual, wanted) => expect(actual).toEqual(wanted));
  scheduler.run(({ hot, cold, expectObservable }) => {
    const clock = { now: () => scheduler.now() };
    const wake = (_: unknown, at: number, ring: () => void) => {
      const undo = scheduler.schedule(ring, at - scheduler.now());
      return () => undo.unsubscribe();
    };
    const settings$ = concat(of(settings), cold(...(options.changes ?? (['', {}] as const))));
    const out = hot(arrivals).pipe(
      map((name) => {
        const delivery = deliver(name, clock.now());
        delivery.stamps.dequeued = clock.now();
        delivery.watch({
          settled: (_, outcome) => ends.push(`${outcome.kind === 'dropped' ? outcome.cause : outcome.kind} ${name}`),
        });
        return delivery;
      }),
      batch(settings$, { clock, wake }),
      map((all) => {
        // Without batching there is no moment of its own.
        for (const { stamps } of all) expect(Number.isNaN(stamps.batched) || stamps.batched === clock.now()).toBe(true);
        return all.map(nameOf).join('');
      }),
    );
    expectObservable(out, options.unsubscribe).toBe(expected, batches);
  });
  return ends;
}

describe('batch', () => {
  test('leaves when it is full', () => {
    expectBatches('abcde------|', { maxSize: 3, maxDelayMs: 5 }, '--x-----y--|', { x: 'abc', y: 'de' });
  });

  test('leaves when its first has waited the delay', () => {
    expectBatches(
      'a-b-------c|',
      { maxSize: 8, maxDelayMs: 4 },
      '----x-----y|'.replace('y', '-').replace('|', '(y|)'),
      {
        x: 'ab',
        y: 'c',
      },
    );
  });

  test('a size of one adds nothing: each leaves as it comes', () => {
    expectBatches('a-bc|', { maxSize: 1, maxDelayMs: 1000 }, 'x-yz|', { x: 'a', y: 'b', z: 'c' });
  });

  test('without a delay each leaves as it comes, whatever the size', () => {
    expectBatches('a-bc|', { maxSize: 8, maxDelayMs: 0 }, 'x-yz|', { x: 'a', y: 'b', z: 'c' });
  });

  test('settings act at once on what waits', () => {
    expectBatches(
      'abc--------|',
      { maxSize: 8, maxDelayMs: 50 },
      '-----(xy)--|',
      { x: 'ab', y: 'c' },
      { changes: ['-----s', { s: { maxSize: 2, maxDelayMs: 50 } }] },
    );
    expectBatches(
      'ab---------|',
      { maxSize: 8, maxDelayMs: 50 },
      '------x----|',
      { x: 'ab' },
      { changes: ['---s', { s: { maxSize: 8, maxDelayMs: 6 } }] },
    );
  });

  test('what waits ends as shutdown when nobody listens any more, or the stream errors', () => {
    expect(expectBatches('ab---', { maxSize: 8, maxDelayMs: 50 }, '-----', {}, { unsubscribe: '---!' })).toEqual([
      'shutdown a',
      'shutdown b',
    ]);
    expect(expectBatches('ab-#', { maxSize: 8, maxDelayMs: 50 }, '---#', {})).toEqual(['shutdown a', 'shutdown b']);
  });
});

test('one that comes because another was shut down is shut down too', () => {
  const source = new Subject<Delivery>();
  const ends: string[] = [];
  const send = (name: string, onSettle?: () => void) => {
    const delivery = deliver(name, 0, 0, onSettle);
    delivery.stamps.dequeued = 0;
    delivery.watch({ settled: () => ends.push(name) });
    source.next(delivery);
  };
  const settings$ = new BehaviorSubject<BatchSettings>({ maxSize: 4, maxDelayMs: 9 });
  const wake = () => () => {};
  const subscription = source.pipe(batch(settings$, { clock: { now: () => 0 }, wake })).subscribe();
  send('a', () => send('b'));
  subscription.unsubscribe();
  expect(ends.sort()).toEqual(['a', 'b']);
});

const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('arrive' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 9 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('takeBack' as const), pick: fc.nat() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('change' as const),
      to: fc.record({ maxSize: fc.integer({ min: 1, max: 6 }), maxDelayMs: fc.integer({ min: 0, max: 12 }) }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('leave', 'complete', 'error', 'leaveInNext' as const) }) },
);

test('whatever happens each delivery leaves once or ends once, in order, in time, never too many together', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let now = 0;
      const alarms = new Set<{ readonly at: number; readonly ring: () => void }>();
      const clock = { now: () => now };
      const wake = (_: unknown, at: number, ring: () => void) => {
        const alarm = { at, ring };
        alarms.add(alarm);
        return () => alarms.delete(alarm);
      };
      const settings$ = new BehaviorSubject<BatchSettings>({ maxSize: 3, maxDelayMs: 5 });
      const source = new Subject<Delivery>();
      const seen = new Map<number, string>();
      const wrong: string[] = [];
      const note = (id: number, how: string) => {
        if (seen.has(id)) wrong.push(`${id} ${seen.get(id)}, then ${how}`);
        seen.set(id, how);
      };
      const all: Delivery[] = [];
      let last = -1;
      let leaves = false;
      const subscription = source.pipe(batch(settings$, { clock, wake })).subscribe({
        next(deliveries) {
          if (deliveries.length === 0 || deliveries.length > settings$.value.maxSize) wrong.push('size');
          for (const { id, stamps } of deliveries) {
            if (id <= last) wrong.push('order');
            last = id;
            if (now - stamps.dequeued > settings$.value.maxDelayMs) wrong.push('late');
            note(id, 'left');
          }
          if (leaves) subscription.unsubscribe();
        },
        error() {},
      });
      let ended = false;
      for (const act of steps) {
        switch (act.do) {
          case 'arrive': {
            if (ended || subscription.closed) break;
            const id = all.length;
            const delivery = new Delivery({ id, source: 's', payload: 0, bytes: 0, scheduled: now, arrived: now });
            delivery.stamps.dequeued = now;
            delivery.watch({ settled: () => note(id, 'settled') });
            all.push(delivery);
            source.next(delivery);
            break;
          }
          case 'wait':
            // One by one: an alarm that is late would be the clock's fault.
            for (let ms = 0; ms < act.ms; ms++) {
              now += 1;
              for (const alarm of [...alarms]) if (alarm.at <= now && alarms.delete(alarm)) alarm.ring();
            }
            break;
          case 'takeBack': {
            const waiting = all.filter(({ id }) => !seen.has(id));
            waiting[act.pick % Math.max(1, waiting.length)]?.settle({ kind: 'dropped', cause: 'cancelled' }, now);
            break;
          }
          case 'change':
            // What waited under the old settings may be beyond the new ones, and leaves in the same call.
            if (all.filter(({ id }) => !seen.has(id)).length < act.to.maxSize && act.to.maxDelayMs > 9)
              settings$.next(act.to);
            break;
          case 'leaveInNext':
            leaves = true;
            break;
          case 'leave':
            subscription.unsubscribe();
            break;
          case 'complete':
            ended = true;
            source.complete();
            break;
          case 'error':
            ended = true;
            source.error(new Error('gone'));
            break;
        }
        expect(wrong).toEqual([]);
        expect(alarms.size).toBeLessThanOrEqual(1);
      }
      subscription.unsubscribe();
      expect(wrong).toEqual([]);
      expect(seen.size).toBe(all.length);
      expect(alarms.size).toBe(0);
      expect(settings$.observed).toBe(false);
    }),
    { numRuns: 2000 },
  );
});
