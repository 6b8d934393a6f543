/** The gate held by hand: what it asks of the source, order when one call brings on another, and both kinds of end. */
import { BehaviorSubject, from, Observable, of, Subject, take } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { Delivery } from '../core/delivery.ts';
import type { Payload } from '../core/payload.ts';
import type { Source } from '../core/source.ts';
import { type AllSettings, base, createLog, deliver, gateAlone, nameOf } from './gate.fixture.ts';

/** A gate held by hand: what it asked, let through and told, and the deliveries to settle. */
function hold(settings: Partial<AllSettings>, options: { react?: (delivery: Delivery<Payload>) => void } = {}) {
  const log: string[] = [];
  const demands: number[] = [];
  const served: Delivery<Payload>[] = [];
  const ends: string[] = [];
  const settings$ = new BehaviorSubject<AllSettings>({ ...base, ...settings });
  const arrivals = new Subject<Delivery<Payload>>();
  const source: Source = {
    pausable: true,
    open: (demand) =>
      new Observable((subscriber) => {
        subscriber.add(demand.subscribe((value) => demands.push(value)));
        subscriber.add(arrivals.subscribe(subscriber));
      }),
  };
  const subscription = gateAlone(source, settings$, { clock: { now: () => 0 }, observer: createLog(log) }).subscribe({
    next: (delivery) => {
      served.push(delivery);
      options.react?.(delivery);
    },
    error: (error: unknown) => ends.push(`error ${String(error)}`),
    complete: () => ends.push('complete'),
  });
  return {
    log,
    demands,
    served,
    ends,
    arrivals,
    subscription,
    set: (change: Partial<AllSettings>) => settings$.next({ ...settings$.value, ...change }),
    send(names: string, onSettle?: () => void) {
      for (const name of names) arrivals.next(deliver(name, 0, 0, onSettle));
    },
    complete: (index: number) => served[index]?.settle({ kind: 'completed' }, 0),
  };
}

describe('demand', () => {
  test('block asks for its free places and one for each credit, and never again for what was already asked', () => {
    const held = hold({ policy: 'block', capacity: 2 });
    held.send('a');
    expect(held.demands).toEqual([3]);
    held.send('bc');
    held.complete(0);
    expect(held.demands).toEqual([3, 1]);
    expect(held.log).not.toContain('newest c');
  });

  test('lossy policies take everything; a change to block asks anew', () => {
    const held = hold({ policy: 'latest' });
    held.send('ab');
    held.set({ policy: 'block', capacity: 3 });
    held.set({ policy: 'skip' });
    expect(held.demands).toEqual([Infinity, 2, Infinity]);
    expect(held.log.at(-1)).toBe('oldest b');
  });

  test('block keeps what it has when its capacity shrinks, and asks again only below it', () => {
    const held = hold({ policy: 'block', capacity: 3 });
    held.send('abcd');
    held.set({ capacity: 1 });
    for (let i = 0; i < 4; i++) held.complete(i);
    expect(held.served.map(nameOf)).toEqual(['a', 'b', 'c', 'd']);
    expect(held.demands).toEqual([4, 1, 2]);
  });

  test('a source that connects late or again learns what is still wanted', () => {
    const seen: number[] = [];
    const source: Source = {
      pausable: true,
      open: (demand) =>
        new Observable((subscriber) => {
          subscriber.next(deliver('a', 0));
          demand.pipe(take(1)).subscribe((value) => seen.push(value));
          subscriber.next(deliver('b', 0));
          demand.pipe(take(1)).subscribe((value) => seen.push(value));
        }),
    };
    gateAlone(source, of({ ...base, policy: 'block', capacity: 5 } as const), {
      clock: { now: () => 0 },
      observer: createLog([]),
    }).subscribe();
    expect(seen).toEqual([5, 4]);
  });

  test('a source that answers demand at once and a sink that settles at once do not exhaust the stack', () => {
    const total = 50_000;
    let next = 0;
    const source: Source = {
      pausable: true,
      open: (demand) =>
        new Observable((subscriber) =>
          demand.subscribe((wanted) => {
            for (let left = wanted; left > 0 && next < total; left--) subscriber.next(deliver('a', next++));
            if (next === total) subscriber.complete();
          }),
        ),
    };
    let served = 0;
    let completed = false;
    gateAlone(source, of({ ...base, policy: 'block', capacity: 3 } as const), {
      clock: { now: () => 0 },
      observer: createLog([]),
    }).subscribe({
      next: (delivery) => {
        served += 1;
        delivery.settle({ kind: 'completed' }, 0);
      },
      complete: () => {
        completed = true;
      },
    });
    expect([served, completed]).toEqual([total, true]);
  });
});

describe('order inside one call', () => {
  test('what a settlement brings in waits until the decision at hand is told', () => {
    const held = hold({ policy: 'latest' });
    held.send('a');
    held.send('b', () => held.send('d'));
    held.send('c');
    expect(held.log.slice(0, 5)).toEqual(['offered a', 'admitted a', 'dequeued a', 'offered b', 'admitted b']);
    expect(held.log.slice(5, 8)).toEqual(['superseded b', 'offered c', 'admitted c']);
    expect(held.log.slice(8)).toEqual(['superseded c', 'offered d', 'admitted d']);
  });

  test('limits that change because of an eviction are obeyed in the same turn', () => {
    const shrunk = hold({ policy: 'dropNewest', capacity: 3 });
    shrunk.send('a');
    shrunk.send('b', () => shrunk.set({ policy: 'latest' }));
    shrunk.send('cd');
    shrunk.set({ capacity: 2 });
    expect(shrunk.log.slice(-2)).toEqual(['oldest b', 'superseded c']);
    const opened = hold({ policy: 'dropNewest', capacity: 2 });
    opened.send('a');
    opened.send('b', () => opened.set({ capacity: 2, maxInFlight: 2, maxOpen: 2 }));
    opened.send('c');
    opened.set({ capacity: 1 });
    expect(opened.served.map(nameOf)).toEqual(['a', 'c']);
  });

  test('a refusal is told in one step, also when the listener leaves because of it', () => {
    const held = hold({ policy: 'dropNewest', capacity: 1 });
    held.send('ab');
    held.send('c', () => held.subscription.unsubscribe());
    expect(held.log.slice(-3)).toEqual(['shutdown b', 'offered c', 'newest c']);
  });

  test('arrivals from inside `next` come after what already waits', () => {
    const held: ReturnType<typeof hold> = hold(
      { policy: 'dropNewest', capacity: 2, maxInFlight: 9, maxOpen: 9 },
      { react: (delivery) => nameOf(delivery) === 'a' && held.send('bcd') },
    );
    held.send('a');
    expect(held.served.map(nameOf)).toEqual(['a', 'b', 'c', 'd']);
  });
});

describe('the end', () => {
  test('on completion of the source the queue is served, then all must be settled', () => {
    const held = hold({ policy: 'dropNewest' });
    held.send('ab');
    held.arrivals.complete();
    held.complete(0);
    expect([held.served.length, held.ends]).toEqual([2, []]);
    held.complete(1);
    expect(held.ends).toEqual(['complete']);
  });

  test('on unsubscription what waits is dropped; what is in flight still settles and is told', () => {
    const held = hold({ policy: 'dropNewest' });
    held.send('abc');
    held.subscription.unsubscribe();
    held.complete(0);
    expect(held.log.slice(-3)).toEqual(['shutdown b', 'shutdown c', 'completed a']);
    expect(held.served.length).toBe(1);
  });

  test('a lost source ends what waits and passes its error on', () => {
    const held = hold({ policy: 'dropNewest' });
    held.send('ab');
    held.arrivals.error('gone');
    expect([held.log.at(-1), held.ends]).toEqual(['shutdown b', ['error gone']]);
  });

  test('a subscriber that leaves in the middle of a burst leaks nothing', () => {
    const log: string[] = [];
    const all = ['a', 'b', 'c', 'd'].map((name) => deliver(name, 0));
    const source: Source = { pausable: false, open: () => from(all) };
    const settings = of({ ...base, policy: 'dropNewest', maxInFlight: 9, maxOpen: 9 } as const);
    gateAlone(source, settings, { clock: { now: () => 0 }, observer: createLog(log) })
      .pipe(take(1))
      .subscribe();
    expect(all.map((delivery) => delivery.outcome?.kind)).toEqual([undefined, 'dropped', 'dropped', 'dropped']);
  });

  test('a delivery that its source ended while it waited is passed over', () => {
    const held = hold({ policy: 'dropNewest' });
    held.send('a');
    const lost = deliver('b', 0);
    held.arrivals.next(lost);
    held.send('c');
    lost.settle({ kind: 'dropped', cause: 'cancelled' }, 0);
    held.complete(0);
    expect(held.served.map(nameOf)).toEqual(['a', 'c']);
  });

  test('and its place is free at once: for the next arrival, and for demand', () => {
    const refusing = hold({ policy: 'dropNewest', capacity: 1 });
    refusing.send('a');
    const lost = deliver('b', 0);
    refusing.arrivals.next(lost);
    lost.settle({ kind: 'dropped', cause: 'cancelled' }, 0);
    refusing.send('c');
    expect(refusing.log.at(-1)).toBe('admitted c');
    const blocking = hold({ policy: 'block', capacity: 1 });
    blocking.send('a');
    const gone = deliver('b', 0);
    blocking.arrivals.next(gone);
    gone.settle({ kind: 'dropped', cause: 'cancelled' }, 0);
    expect(blocking.demands).toEqual([2, 1]);
  });

  test('what its source ended before its turn came was never offered', () => {
    const lost = deliver('b', 0);
    const held: ReturnType<typeof hold> = hold(
      { policy: 'dropNewest' },
      {
        react: (delivery) => {
          if (delivery === lost || lost.outcome !== undefined) return;
          held.arrivals.next(lost);
          lost.settle({ kind: 'dropped', cause: 'cancelled' }, 0);
        },
      },
    );
    held.send('a');
    held.complete(0);
    expect(held.log).toEqual(['offered a', 'admitted a', 'dequeued a', 'completed a']);
  });

  test('a source that ends 100,000 of those that wait costs no more than a step for each', () => {
    const held = hold({ policy: 'dropNewest', capacity: 100_000 });
    held.send('a');
    const all = Array.from({ length: 100_000 }, () => deliver('b', 0));
    for (const delivery of all) held.arrivals.next(delivery);
    for (const delivery of all.reverse()) delivery.settle({ kind: 'dropped', cause: 'cancelled' }, 0);
    held.send('cd');
    held.complete(0);
    held.complete(1);
    expect(held.served.map(nameOf)).toEqual(['a', 'c', 'd']);
  });
});
