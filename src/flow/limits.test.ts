/** The gate's rarer limits in virtual time: bytes, rate, own deadlines, shedding; and what ought not to happen but does. */
import { BehaviorSubject, from, Observable, Subject, Subscription, take, tap } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { Delivery } from '../core/delivery.ts';
import type { Payload } from '../core/payload.ts';
import { type AllSettings, base, createLog, gateAlone, nameOf } from './gate.fixture.ts';

const payload: Payload = { kind: 'scene', seed: 0, t: 0, width: 1, height: 1, difficulty: 0, motion: 1 };

/** A gate held by hand, with a clock that stands until it is moved. */
function hold(settings: Partial<AllSettings>) {
  let now = 1000;
  const alarms = new Set<{ readonly at: number; readonly ring: () => void }>();
  const log: string[] = [];
  const served: Delivery<Payload>[] = [];
  let asked = 0;
  const arrivals = new Subject<Delivery<Payload>>();
  const settings$ = new BehaviorSubject<AllSettings>({ ...base, ...settings });
  const subscription = gateAlone(
    {
      pausable: true,
      open: (demand) =>
        new Observable((subscriber) => {
          subscriber.add(demand.subscribe((value) => void (asked = value)));
          subscriber.add(arrivals.subscribe(subscriber));
        }),
    },
    settings$,
    {
      clock: { now: () => now },
      observer: createLog(log),
      wake(_, at, ring) {
        const alarm = { at, ring };
        alarms.add(alarm);
        return () => alarms.delete(alarm);
      },
    },
  ).subscribe((delivery) => served.push(delivery));
  return {
    served,
    /** How many more it would take now. */
    asked: () => asked,
    subscription,
    alarms,
    endings: () => log.filter((line) => !/^(offered|admitted|dequeued)/.test(line)),
    names: () => served.map(nameOf).join(''),
    set: (change: Partial<AllSettings>) => settings$.next({ ...settings$.value, ...change }),
    send(name: string, bytes = 0, deadlineMs?: number) {
      asked -= 1;
      const init = { id: name.charCodeAt(0), source: 's', payload, bytes, scheduled: now, arrived: now };
      arrivals.next(new Delivery<Payload>(deadlineMs === undefined ? init : { ...init, deadlineMs }));
    },
    finish: () => served.find(({ outcome }) => outcome === undefined)?.settle({ kind: 'completed' }, now),
    to(time: number) {
      now = time;
      for (const alarm of [...alarms]) if (alarm.at <= now && alarms.delete(alarm)) alarm.ring();
    },
  };
}

describe('bytes', () => {
  test('dropOldest makes room for them, dropNewest refuses what does not fit', () => {
    const oldest = hold({ policy: 'dropOldest', capacity: 9, capacityBytes: 10 });
    for (const name of 'abcd') oldest.send(name, 4);
    expect(oldest.endings()).toEqual(['oldest b']);
    const newest = hold({ policy: 'dropNewest', capacity: 9, capacityBytes: 10 });
    for (const name of 'abcd') newest.send(name, 4);
    newest.send('e', 2);
    expect(newest.endings()).toEqual(['newest d']);
  });

  test('what alone is larger than all of it never waits, and costs nobody a place', () => {
    const { send, endings, names } = hold({ policy: 'dropOldest', capacity: 9, capacityBytes: 10 });
    send('a', 50);
    send('b', 4);
    send('c', 11);
    expect(names()).toBe('a');
    expect(endings()).toEqual(['newest c']);
  });

  test('a lower limit is obeyed at once; block asks one by one and keeps what it was given', () => {
    const { send, set, endings } = hold({ policy: 'dropOldest', capacity: 9 });
    for (const name of 'abcd') send(name, 4);
    set({ capacityBytes: 5 });
    expect(endings()).toEqual(['oldest b', 'oldest c']);
    const block = hold({ policy: 'block', capacity: 9, capacityBytes: 10 });
    expect(block.asked()).toBe(1);
    for (const name of 'abc') block.send(name, 8);
    // One is inside, two wait with 16 bytes: nothing more is asked for, nothing is lost.
    expect(block.asked()).toBe(0);
    expect(block.endings()).toEqual([]);
    block.finish();
    expect(block.asked()).toBe(1);
  });
});

describe('rate limit', () => {
  test('a lossy policy refuses what comes too fast', () => {
    const { send, endings, to } = hold({ policy: 'dropOldest', capacity: 9, rateLimit: 10 });
    for (const name of 'abc') send(name);
    to(1100);
    send('d');
    to(1150);
    send('e');
    expect(endings()).toEqual(['newest c', 'newest e']);
  });

  test('block is paced: it asks when the next one may come', () => {
    const { send, asked, to, endings, alarms, subscription } = hold({ policy: 'block', capacity: 9, rateLimit: 10 });
    expect(asked()).toBe(2);
    send('a');
    send('b');
    expect(asked()).toBe(0);
    to(1099);
    expect(asked()).toBe(0);
    to(1100);
    expect(asked()).toBe(1);
    expect(endings()).toEqual([]);
    send('c');
    expect(alarms.size).toBe(1);
    subscription.unsubscribe();
    expect(alarms.size).toBe(0);
  });
});

test('a delivery expires by its own deadline before that of all', () => {
  const { send, to, finish, endings } = hold({ policy: 'dropOldest', capacity: 9, maxAgeMs: 100 });
  send('a');
  send('b', 0, 20);
  send('c', 0, 500);
  to(1050);
  finish();
  expect(endings()).toEqual(['completed a', 'expired b']);
  to(1200);
  send('d');
  finish();
  // c was let through at 50 ms; its own longer deadline would not have saved it from maxAgeMs.
  expect(endings().at(-1)).toBe('completed c');
});

test('a standing queue is shed at its head, the last one never', () => {
  const { send, to, finish, endings } = hold({
    policy: 'dropNewest',
    capacity: 99,
    codel: { targetMs: 5, intervalMs: 100 },
  });
  for (const name of 'abcdefgh') send(name);
  for (let ms = 20; ms <= 400; ms += 20) {
    to(1000 + ms);
    finish();
  }
  const shed = endings().filter((line) => line.startsWith('shed'));
  expect(shed.length).toBeGreaterThan(0);
  expect(endings()).toHaveLength(8);
  expect(endings().at(-1)).toBe('completed h');
});

describe('clocks and crowds', () => {
  test('a clock that goes back an hour expires nothing, sheds nothing and stops nothing', () => {
    const { send, to, finish, endings, names } = hold({
      policy: 'dropOldest',
      capacity: 9,
      maxAgeMs: 50,
      codel: { targetMs: 5, intervalMs: 10 },
      justInTime: true,
      maxInFlight: 2,
    });
    for (const name of 'abc') send(name);
    to(1000 - 3_600_000);
    for (let i = 0; i < 3; i++) finish();
    expect(names()).toBe('abc');
    expect(endings()).toEqual(['completed a', 'completed b', 'completed c']);
  });

  test('a clock that leaps an hour ahead expires what waited, and goes on', () => {
    const { send, to, finish, endings } = hold({ policy: 'dropOldest', capacity: 9, maxAgeMs: 50 });
    for (const name of 'ab') send(name);
    to(3_600_000);
    finish();
    send('c');
    finish();
    expect(endings()).toEqual(['completed a', 'expired b', 'completed c']);
  });

  test('100,000 at once, and a consumer that leaves inside next: each ends once', () => {
    for (const policy of ['latest', 'dropOldest', 'dropNewest', 'skip', 'block'] as const) {
      const ends = new Map<string, number>();
      const many = Array.from(
        { length: 100_000 },
        (_, id) => new Delivery<Payload>({ id, source: 's', payload, bytes: 1, scheduled: 0, arrived: 0 }),
      );
      let taken = 0;
      const subscription = new Subscription();
      const gate$ = gateAlone(
        { pausable: true, open: () => from(many) },
        new BehaviorSubject<AllSettings>({
          ...base,
          policy,
          capacity: 1000,
          capacityBytes: 500,
          maxInFlight: 3,
          maxOpen: 3,
        }),
        {
          clock: { now: () => 0 },
          observer: {
            offered() {},
            admitted() {},
            dequeued() {},
            settled: (_, outcome) => {
              const how = outcome.kind === 'dropped' ? outcome.cause : outcome.kind;
              ends.set(how, (ends.get(how) ?? 0) + 1);
            },
            missed() {},
          },
        },
      );
      subscription.add(
        gate$
          .pipe(
            tap((delivery) => {
              taken += 1;
              delivery.settle({ kind: 'completed' }, 0);
            }),
            // Leaves within the call that brings the last one.
            take(50_000),
          )
          .subscribe(),
      );
      subscription.unsubscribe();
      const sum = [...ends.values()].reduce((total, count) => total + count, 0);
      expect(sum).toBe(taken + (ends.get('newest') ?? 0) + (ends.get('shutdown') ?? 0));
      expect(many.filter(({ outcome }) => outcome !== undefined)).toHaveLength(sum);
      expect(ends.get('completed')).toBe(taken);
    }
  });
});
