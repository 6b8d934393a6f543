/** Several gates before one engine: shares by weight, ends and errors apart, and the second frame just in time. */
import { BehaviorSubject, Subject } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { Delivery } from '../core/delivery.ts';
import type { CreditSettings, GateSettings } from '../core/gateSettings.ts';
import type { Payload } from '../core/payload.ts';
import { createCredit } from './credit.ts';
import { base, createLog, deliver, nameOf } from './gate.fixture.ts';
import { gate } from './gate.ts';

function engine(settings: Partial<CreditSettings> = {}) {
  let now = 0;
  const clock = { now: () => now };
  const alarms = new Map<() => void, number>();
  const wake = (_: unknown, at: number, ring: () => void) => {
    alarms.set(ring, at);
    return () => alarms.delete(ring);
  };
  const credit$ = new BehaviorSubject<CreditSettings>({ ...base, maxOpen: 64, ...settings });
  const credit = createCredit(credit$, { clock, wake });
  const inside: Delivery<Payload>[] = [];
  const served: string[] = [];
  const log: string[] = [];
  return {
    credit,
    credit$,
    inside,
    served,
    log,
    alarms,
    lane(gateSettings: Partial<GateSettings> = {}) {
      const arrivals = new Subject<Delivery<Payload>>();
      const settings$ = new BehaviorSubject<GateSettings>({
        ...base,
        policy: 'dropNewest',
        capacity: 50,
        ...gateSettings,
      });
      const ends: string[] = [];
      const subscription = gate({ pausable: true, open: () => arrivals }, settings$, {
        clock,
        wake,
        observer: createLog(log),
        credit,
      }).subscribe({
        next: (delivery) => {
          inside.push(delivery);
          served.push(nameOf(delivery));
        },
        complete: () => ends.push('complete'),
        error: () => ends.push('error'),
      });
      return {
        settings$,
        ends,
        subscription,
        arrivals,
        send: (names: string) => {
          for (const name of names) arrivals.next(deliver(name, now));
        },
      };
    },
    /** Serves the oldest inside to its end; the times as the engine would give them. */
    finish(runMs = 0) {
      const delivery = inside.shift();
      if (delivery === undefined) throw new Error('Nothing is inside.');
      delivery.stamps.began = now - runMs;
      delivery.stamps.ran = now;
      delivery.markReturned(now);
      delivery.settle({ kind: 'completed' }, now);
    },
    to(time: number) {
      now = time;
      for (const [ring, at] of alarms)
        if (at <= now) {
          alarms.delete(ring);
          ring();
        }
    },
  };
}

describe('weights', () => {
  test('two gates that always have something share 3:1, evenly mixed', () => {
    const { lane, finish, served } = engine();
    lane({ weight: 3 }).send('a'.repeat(40));
    lane({ weight: 1 }).send('b'.repeat(40));
    for (let i = 0; i < 31; i++) finish();
    expect(served.join('')).toBe('abaaabaaabaaabaaabaaabaaabaaabaa');
  });

  test('one that had nothing to send cannot save up its share', () => {
    const { lane, finish, served } = engine();
    const a = lane();
    const b = lane();
    a.send('a'.repeat(40));
    for (let i = 0; i < 20; i++) finish();
    b.send('b'.repeat(10));
    for (let i = 0; i < 8; i++) finish();
    expect(served.slice(21).join('')).toBe('babababa');
  });

  test('a weight changes while it runs', () => {
    const { lane, finish, served } = engine();
    const a = lane();
    lane().send('b'.repeat(60));
    a.send('a'.repeat(50));
    for (let i = 0; i < 20; i++) finish();
    a.settings$.next({ ...a.settings$.value, weight: 4 });
    const before = served.length;
    for (let i = 0; i < 25; i++) finish();
    const share = served.slice(before).filter((name) => name === 'a').length;
    expect(Math.abs(share - 20)).toBeLessThanOrEqual(1);
  });
});

describe('several gates', () => {
  test('never take more than the slots together', () => {
    const { lane, inside, finish } = engine({ maxInFlight: 3 });
    lane().send('aaaa');
    lane().send('bbbb');
    expect(inside).toHaveLength(3);
    for (let i = 0; i < 5; i++) finish();
    expect(inside).toHaveLength(3);
  });

  test('one that errors or is left gives its credit to the others, and its end is its own', () => {
    const { lane, inside, served, finish } = engine();
    const a = lane();
    const b = lane();
    const c = lane();
    a.send('aaa');
    b.send('bb');
    c.send('cc');
    a.arrivals.error(new Error('gone'));
    expect(a.ends).toEqual(['error']);
    c.subscription.unsubscribe();
    finish();
    finish();
    expect(served.join('')).toBe('abb');
    b.arrivals.complete();
    expect(b.ends).toEqual([]);
    finish();
    expect(b.ends).toEqual(['complete']);
    expect(inside).toEqual([]);
  });

  test('what is still inside of a gate that was left keeps its slot until it is back', () => {
    const { lane, finish, served } = engine();
    const a = lane();
    a.send('a');
    a.subscription.unsubscribe();
    const b = lane();
    b.send('b');
    expect(served).toEqual(['a']);
    finish();
    expect(served).toEqual(['a', 'b']);
  });

  test('lower limits are obeyed by all, higher ones let through at once', () => {
    const { lane, credit$, inside, finish } = engine({ maxInFlight: 4 });
    lane().send('aaaa');
    lane().send('bbbb');
    credit$.next({ ...credit$.value, maxInFlight: 1 });
    for (let i = 0; i < 4; i++) finish();
    expect(inside).toHaveLength(1);
    credit$.next({ ...credit$.value, maxInFlight: 3 });
    expect(inside).toHaveLength(3);
    credit$.next({ ...credit$.value, maxOpen: 2 });
    finish();
    expect(inside).toHaveLength(2);
  });
});

describe('just in time', () => {
  const settings = { maxInFlight: 2, servers: 1, justInTime: true };

  test('before anything was served the second one waits until the first is back', () => {
    const { lane, served } = engine(settings);
    lane({ policy: 'latest' }).send('ab');
    expect(served).toEqual(['a']);
  });

  test('then it goes when the run is expected to end, and it is the newest of that moment', () => {
    const { lane, served, finish, to, alarms } = engine(settings);
    const a = lane({ policy: 'latest' });
    a.send('a');
    to(10);
    finish(10);
    a.send('b');
    to(12);
    a.send('c');
    expect([...alarms.values()]).toEqual([20]);
    to(15);
    a.send('d');
    expect(served.join('')).toBe('ab');
    to(20);
    expect(served.join('')).toBe('abd');
    // And no third one beside it.
    a.send('e');
    to(40);
    expect(served.join('')).toBe('abd');
  });

  test('nothing waits: no alarm is set, and none is left behind', () => {
    const { lane, finish, to, alarms } = engine(settings);
    const a = lane({ policy: 'latest' });
    a.send('a');
    to(10);
    finish(10);
    a.send('b');
    expect(alarms.size).toBe(0);
    a.send('c');
    expect(alarms.size).toBe(1);
    a.subscription.unsubscribe();
    expect(alarms.size).toBe(0);
  });
});
