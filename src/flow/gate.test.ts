/** The gate in virtual time: each policy as a marble diagram, then age, limits and live changes. */
import { concat, map, of, timer } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, test } from 'vitest';
import type { Delivery } from '../core/delivery.ts';
import type { Source } from '../core/source.ts';
import { type AllSettings, base, createLog, deliver, gateAlone, nameOf } from './gate.fixture.ts';

interface Run {
  readonly settings?: Partial<AllSettings>;
  readonly arrivals?: string;
  /** From dequeue until the outputs are back, and from then to settlement, ms. */
  readonly engineMs?: number;
  readonly afterMs?: number;
  /** How late each arrival is. */
  readonly lateMs?: number;
  readonly unsubscribe?: string;
  readonly changes?: readonly [marbles: string, Record<string, Partial<AllSettings>>];
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
      cold(marbles, changes).pipe(map((change): AllSettings => ({ ...settings, ...change }))),
    );
    const settle = (delivery: Delivery) => delivery.settle({ kind: 'completed' }, clock.now());
    const out = gateAlone(source, settings$, { clock, observer: createLog(log) }).pipe(
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
