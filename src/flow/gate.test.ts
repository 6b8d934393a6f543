/** The gate in virtual time: each policy as a marble diagram, then age, limits, live changes and both kinds of end. */
import { BehaviorSubject, concat, from, map, Observable, of, Subject, take, timer } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, test } from 'vitest';
import { Delivery, type FlowObserver } from '../core/delivery.ts';
import type { GateSettings } from '../core/gateSettings.ts';
import type { Payload } from '../core/payload.ts';
import type { Source } from '../core/source.ts';
import { gate } from './gate.ts';

const base: GateSettings = { policy: 'latest', capacity: 2, maxAgeMs: Infinity, maxInFlight: 1, maxOpen: 1 };
const payload: Payload = { kind: 'scene', seed: 0, t: 0, width: 1, height: 1 };

function deliver(name: string, now: number, scheduled = now, onSettle = () => {}): Delivery<Payload> {
  const id = name.charCodeAt(0);
  return new Delivery<Payload>({ id, source: 's', payload, bytes: 0, scheduled, arrived: now, onSettle });
}

const nameOf = (delivery: Delivery) => String.fromCharCode(delivery.id);

/** What the gate told, as words: `offered a`, `superseded a`. */
function createLog(log: string[]): FlowObserver {
  return {
    offered: (delivery) => log.push(`offered ${nameOf(delivery)}`),
    admitted: (delivery) => log.push(`admitted ${nameOf(delivery)}`),
    dequeued: (delivery) => log.push(`dequeued ${nameOf(delivery)}`),
    settled: (delivery, outcome) =>
      log.push(`${outcome.kind === 'dropped' ? outcome.cause : outcome.kind} ${nameOf(delivery)}`),
    missed: () => {},
  };
}

interface Run {
  readonly settings?: Partial<GateSettings>;
  readonly arrivals?: string;
  /** From dequeue until the outputs are back, and from then to settlement, ms. */
  readonly engineMs?: number;
  readonly afterMs?: number;
  /** How late each arrival is. */
  readonly lateMs?: number;
  readonly unsubscribe?: string;
  readonly changes?: readonly [marbles: string, Record<string, Partial<GateSettings>>];
}

/** Expects the dequeued deliveries as marbles (one frame = 1 ms) and returns the endings in order. */
function expectServed(run: Run, served: string): string[] {
  const log: string[] = [];
  const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
  scheduler.run(({ hot, cold, expectObservable }) => {
    const clock = { now: () => scheduler.now() };
    const arrivals = hot(run.arrivals ?? 'a-b-c-d-ef------------|');
    const source: Source = {
      pausable: false,
      open: () => arrivals.pipe(map((name) => deliver(name, clock.now(), clock.now() - (run.lateMs ?? 0)))),
    };
    const settings = { ...base, ...run.settings };
    const [marbles, changes] = run.changes ?? ['', {}];
    const settings$ = concat(
      of(settings),
      cold(marbles, changes).pipe(map((change): GateSettings => ({ ...settings, ...change }))),
    );
    const settle = (delivery: Delivery) => delivery.settle({ kind: 'completed' }, clock.now());
    const out = gate(source, settings$, { clock, observer: createLog(log) }).pipe(
      map((delivery) => {
        timer(run.engineMs ?? 5).subscribe(() => {
          delivery.markReturned(clock.now());
          if (run.afterMs === undefined) settle(delivery);
          else timer(run.afterMs).subscribe(() => settle(delivery));
        });
        return nameOf(delivery);
      }),
    );
    expectObservable(out, run.unsubscribe).toBe(served);
  });
  return log.filter((line) => !/^(offered|admitted|dequeued)/.test(line));
}

describe('policies', () => {
  test('latest: the newer supersedes the older, one place whatever the capacity', () => {
    const ends = expectServed({ settings: { policy: 'latest', capacity: 9 } }, 'a----c----f-----------|');
    expect(ends).toEqual(['superseded b', 'completed a', 'superseded d', 'superseded e', 'completed c', 'completed f']);
  });

  test('dropOldest: the head is evicted', () => {
    const ends = expectServed({ settings: { policy: 'dropOldest' } }, 'a----b----e----f------|');
    expect(ends).toEqual(['completed a', 'oldest c', 'oldest d', 'completed b', 'completed e', 'completed f']);
  });

  test('dropNewest: the incoming is refused', () => {
    const ends = expectServed({ settings: { policy: 'dropNewest' } }, 'a----b----c----d------|');
    expect(ends).toEqual(['completed a', 'newest e', 'newest f', 'completed b', 'completed c', 'completed d']);
  });

  test('skip: refused while there is no credit, nothing ever waits', () => {
    const ends = expectServed({ settings: { policy: 'skip', capacity: 9 } }, 'a-----d---------------|');
    expect(ends).toEqual(['newest b', 'newest c', 'completed a', 'newest e', 'newest f', 'completed d']);
  });

  test('block on a source that cannot wait refuses what is beyond its places', () => {
    const ends = expectServed({ settings: { policy: 'block' } }, 'a----b----c----d------|');
    expect(ends.filter((line) => line.startsWith('newest'))).toEqual(['newest e', 'newest f']);
  });
});

describe('limits', () => {
  test('maxAgeMs is measured from the intended arrival, at dequeue', () => {
    const ends = expectServed(
      { settings: { policy: 'dropNewest', maxAgeMs: 4 }, arrivals: 'abc---|', lateMs: 1 },
      // b has waited 4 ms and is 5 old at 5; c exactly 4: old enough to be served.
      'a----c----(|)',
    );
    expect(ends).toEqual(['completed a', 'expired b', 'completed c']);
  });

  test('a slot comes free when the outputs are back, an open place at settlement', () => {
    const settings = { policy: 'dropNewest', capacity: 9, maxInFlight: 1, maxOpen: 2 } as const;
    // Outputs after 2 ms, settled 7 ms later: b gets the slot at 2, c waits for an open place until a is settled at 9.
    const ends = expectServed({ settings, arrivals: '(abcd)|', engineMs: 2, afterMs: 7 }, 'a-b------c-d 8ms |');
    expect(ends).toEqual(['completed a', 'completed b', 'completed c', 'completed d']);
  });

  test('raised limits let through at once; lowered ones wait until enough has come back', () => {
    expectServed(
      {
        settings: { policy: 'dropNewest', capacity: 9, maxOpen: 9 },
        arrivals: '(abcdef)|',
        changes: ['-u-d', { u: { maxInFlight: 3 }, d: { maxInFlight: 1 } }],
      },
      'a(bc)-d----e----f----|',
    );
  });

  test('a lower capacity evicts the oldest; a change to latest supersedes all but the newest', () => {
    const settings = { policy: 'dropOldest', capacity: 4 } as const;
    const changes: Run['changes'] = ['-s-l', { s: { capacity: 3 }, l: { policy: 'latest' } }];
    const ends = expectServed({ settings, arrivals: '(abcde)|', changes }, 'a----e----|');
    expect(ends).toEqual(['oldest b', 'superseded c', 'superseded d', 'completed a', 'completed e']);
  });
});

/** A gate held by hand: what it asked, let through and told, and the deliveries to settle. */
function hold(settings: Partial<GateSettings>, options: { react?: (delivery: Delivery<Payload>) => void } = {}) {
  const log: string[] = [];
  const demands: number[] = [];
  const served: Delivery<Payload>[] = [];
  const ends: string[] = [];
  const settings$ = new BehaviorSubject<GateSettings>({ ...base, ...settings });
  const arrivals = new Subject<Delivery<Payload>>();
  const source: Source = {
    pausable: true,
    open: (demand) =>
      new Observable((subscriber) => {
        subscriber.add(demand.subscribe((value) => demands.push(value)));
        subscriber.add(arrivals.subscribe(subscriber));
      }),
  };
  const subscription = gate(source, settings$, { clock: { now: () => 0 }, observer: createLog(log) }).subscribe({
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
    set: (change: Partial<GateSettings>) => settings$.next({ ...settings$.value, ...change }),
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
    gate(source, of({ ...base, policy: 'block', capacity: 5 } as const), {
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
    gate(source, of({ ...base, policy: 'block', capacity: 3 } as const), {
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
    expect(held.log).toEqual([
      ...['offered a', 'admitted a', 'dequeued a', 'offered b', 'admitted b'],
      ...['superseded b', 'offered c', 'admitted c', 'superseded c', 'offered d', 'admitted d'],
    ]);
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
    const all = [...'abcd'].map((name) => deliver(name, 0));
    const source: Source = { pausable: false, open: () => from(all) };
    const settings = of({ ...base, policy: 'dropNewest', maxInFlight: 9, maxOpen: 9 } as const);
    gate(source, settings, { clock: { now: () => 0 }, observer: createLog(log) })
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
});
