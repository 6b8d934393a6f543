/**
 * Random interleavings of arrivals, returns, settlements, live changes and ends, with re-entrant sources and sinks, and
 * sources that end what they sent before the gate has let it through.
 * After every step the two sums hold, limits were never passed, nobody waits beside free credit, and order is kept.
 */
import fc from 'fast-check';
import { BehaviorSubject, Observable, type Subscriber } from 'rxjs';
import { expect, test } from 'vitest';
import { Delivery } from '../core/delivery.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Payload } from '../core/payload.ts';
import { policies } from '../core/settings.ts';
import { type AllSettings, base, gateAlone } from './gate.fixture.ts';

const payload: Payload = { kind: 'scene', seed: 0, t: 0, width: 1, height: 1, difficulty: 0, motion: 1 };

const gateSettings: fc.Arbitrary<AllSettings> = fc
  .record({
    policy: fc.constantFrom(...policies),
    capacity: fc.integer({ min: 1, max: 6 }),
    capacityBytes: fc.constantFrom(Infinity, Infinity, 5, 2),
    maxAgeMs: fc.constantFrom(Infinity, Infinity, 5),
    rateLimit: fc.constantFrom(Infinity, Infinity, 500),
    codel: fc.constantFrom(undefined, undefined, { targetMs: 2, intervalMs: 4 }),
    maxInFlight: fc.integer({ min: 1, max: 4 }),
    maxOpen: fc.integer({ min: 1, max: 6 }),
    servers: fc.integer({ min: 1, max: 2 }),
    justInTime: fc.boolean(),
  })
  .map((settings) => ({ ...base, ...settings }));

const ending: fc.Arbitrary<Outcome> = fc.constantFrom<Outcome>(
  { kind: 'completed' },
  { kind: 'failed', error: { code: 'bad-output', message: '' } },
  { kind: 'dropped', cause: 'cancelled' },
  { kind: 'released' },
);

/** `echo`: the source sends another; `lost`: and ends that one before the call returns. */
const onEnd = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constantFrom('nothing', 'echo', 'lost' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('change' as const), to: gateSettings }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const) }) },
);
type OnEnd = typeof onEnd extends fc.Arbitrary<infer T> ? T : never;

const step = fc.oneof(
  // `onEnd`: what its settlement brings on, inside the call. `instant`: the sink settles it inside `next`.
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('arrive' as const),
      onEnd,
      instant: fc.boolean(),
      bytes: fc.integer({ min: 0, max: 3 }),
      deadlineMs: fc.constantFrom(undefined, undefined, 3),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lose' as const), pick: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('return' as const), pick: fc.nat() }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('settle' as const), pick: fc.nat(), ending }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('change' as const), to: gateSettings }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('unsubscribe', 'complete', 'error' as const) }) },
);

interface Arrival {
  readonly onEnd: OnEnd;
  readonly instant: boolean;
  readonly bytes?: number;
  readonly deadlineMs?: number | undefined;
}

function run(
  first: AllSettings,
  obeys: boolean,
  steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[],
) {
  const counts = { offered: 0, refused: 0, admitted: 0, ended: 0, queued: 0, inFlight: 0 };
  const all: Delivery<Payload>[] = [];
  const instant = new Set<number>();
  const settledTimes = new Map<number, number>();
  const open: Delivery<Payload>[] = [];
  const settings$ = new BehaviorSubject(first);
  let now = 0;
  const alarms: { at: number; wake: () => void }[] = [];
  let inEngine = 0;
  let lastDequeued = -1;
  let wanted = 0;
  /** Settings have changed and the turn that will obey them has not ended. */
  let changing = false;
  /** Ended by the source before they stood at the gate. */
  let unseen = 0;
  let sourceEnded = false;
  let over: 'complete' | 'error' | 'unsubscribed' | undefined;
  let out: Subscriber<Delivery<Payload>> | undefined;

  /** RxJS reports what an observer throws later and elsewhere, so violations are gathered and judged after each step. */
  const wrong: string[] = [];
  function must(holds: boolean, what: string) {
    if (!holds) wrong.push(what);
  }
  function conserve() {
    must(counts.offered === counts.refused + counts.admitted, 'offered = refused + admitted');
    must(counts.admitted === counts.ended + counts.queued + counts.inFlight, 'admitted = ended + queued + in flight');
  }

  /** The gate and its credit listen apart, so a change within a change waits until both have heard of the first. */
  const changes: AllSettings[] = [];
  function change(to: AllSettings) {
    changing = true;
    changes.push(to);
    if (changes.length > 1) return;
    for (let next = changes[0]; next !== undefined; next = changes[0]) {
      settings$.next(next);
      changes.shift();
    }
  }

  function leave() {
    over ??= 'unsubscribed';
    subscription.unsubscribe();
  }

  /** The connection is gone: the source ends what the gate has not let through. */
  function lose(delivery: Delivery<Payload> | undefined) {
    if (delivery === undefined || delivery.outcome !== undefined || !Number.isNaN(delivery.stamps.dequeued)) return;
    if (Number.isNaN(delivery.stamps.enqueued)) {
      unseen += 1;
      settledTimes.set(delivery.id, 1);
    }
    delivery.settle({ kind: 'dropped', cause: 'cancelled' }, now);
  }

  function react(to: OnEnd, atOnce: boolean) {
    switch (to.do) {
      case 'nothing':
        break;
      case 'echo':
        arrive({ onEnd: { do: 'nothing' }, instant: atOnce });
        break;
      case 'lost':
        lose(arrive({ onEnd: { do: 'nothing' }, instant: atOnce }));
        break;
      case 'change':
        change(to.to);
        break;
      case 'leave':
        leave();
        break;
    }
  }

  function arrive({ onEnd: onEnded, instant: atOnce, bytes = 0, deadlineMs }: Arrival): Delivery<Payload> | undefined {
    if (out === undefined || out.closed || sourceEnded || (obeys && wanted <= 0)) return undefined;
    wanted -= 1;
    const delivery = new Delivery<Payload>({
      id: all.length,
      source: 's',
      payload,
      bytes,
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
      scheduled: now,
      arrived: now,
      onSettle: () => react(onEnded, atOnce),
    });
    // Before the gate's own, which lets the next one through in the same call.
    delivery.watch({
      returned: ({ stamps }) => {
        if (!Number.isNaN(stamps.dequeued)) inEngine -= 1;
      },
    });
    all.push(delivery);
    if (atOnce) instant.add(delivery.id);
    out.next(delivery);
    return delivery;
  }

  const subscription = gateAlone(
    {
      pausable: obeys,
      open: (demand) =>
        new Observable((subscriber) => {
          out = subscriber;
          subscriber.add(
            demand.subscribe((more) => {
              wanted = more;
            }),
          );
        }),
    },
    settings$,
    {
      clock: { now: () => now },
      wake(_, at, wake) {
        const alarm = { at, wake: () => undo() || wake() };
        const undo = () => void alarms.splice(alarms.indexOf(alarm) >>> 0, 1);
        alarms.push(alarm);
        return undo;
      },
      observer: {
        offered() {
          counts.offered += 1;
        },
        admitted(delivery) {
          counts.admitted += 1;
          counts.queued += 1;
          conserve();
          must(delivery.outcome === undefined, 'admitted alive');
          const { policy, capacity, maxInFlight, maxOpen, justInTime, servers } = settings$.value;
          const free = !(justInTime && inEngine >= servers) && inEngine < maxInFlight && counts.inFlight < maxOpen;
          const places = policy === 'latest' ? 1 : policy === 'skip' ? 0 : capacity;
          // Not `counts.queued`: the source hears of an ending first, and its echo comes before the gate is told.
          const waiting = all.filter(isWaiting).length;
          must(changing || waiting <= (free ? Math.max(1, places) : places), 'places');
        },
        dequeued(delivery) {
          counts.queued -= 1;
          counts.inFlight += 1;
          inEngine += 1;
          conserve();
          must(inEngine <= settings$.value.maxInFlight, 'slots');
          must(counts.inFlight <= settings$.value.maxOpen, 'open');
          must(delivery.id > lastDequeued, 'order');
          lastDequeued = delivery.id;
        },
        settled(delivery, outcome) {
          settledTimes.set(delivery.id, (settledTimes.get(delivery.id) ?? 0) + 1);
          const { enqueued, dequeued } = delivery.stamps;
          if (Number.isNaN(enqueued)) {
            must(outcome.kind === 'dropped' && outcome.cause === 'newest', 'refused is newest');
            // An echo sent before the source has heard of the change to `block` is beyond what it may now send.
            const told = over === undefined && !changing;
            must(!(obeys && told && settings$.value.policy === 'block'), 'block refused within demand');
            counts.refused += 1;
          } else {
            counts.ended += 1;
            if (Number.isNaN(dequeued)) counts.queued -= 1;
            else counts.inFlight -= 1;
          }
          conserve();
        },
        missed: () => {},
      },
    },
  ).subscribe({
    next: (delivery) => {
      if (instant.has(delivery.id)) delivery.settle({ kind: 'completed' }, now);
      else open.push(delivery);
    },
    complete: () => {
      over ??= 'complete';
    },
    error: () => {
      over ??= 'error';
    },
  });

  for (const act of steps) {
    switch (act.do) {
      case 'arrive':
        arrive(act);
        break;
      case 'lose':
        lose(all.filter(isWaiting)[act.pick % Math.max(1, all.filter(isWaiting).length)]);
        break;
      case 'return':
        open[act.pick % Math.max(1, open.length)]?.markReturned(now);
        break;
      case 'settle':
        open.splice(act.pick % Math.max(1, open.length), 1)[0]?.settle(act.ending, now);
        break;
      case 'wait':
        now += act.ms;
        for (const { wake } of alarms.filter(({ at }) => at <= now)) wake();
        break;
      case 'change':
        change(act.to);
        break;
      case 'unsubscribe':
        leave();
        break;
      case 'complete':
        sourceEnded = true;
        out?.complete();
        break;
      case 'error':
        sourceEnded = true;
        out?.error(new Error('gone'));
        break;
    }
    changing = false;
    conserve();
    expect(wrong).toEqual([]);
    expect(counts.offered).toBe(all.length - unseen);
    const { policy, capacity, capacityBytes, maxInFlight, maxOpen, justInTime, servers } = settings$.value;
    if (subscription.closed) expect(counts.queued).toBe(0);
    // Credit never leaks: whoever waits, waits for credit.
    else if (counts.queued > 0)
      expect(
        inEngine >= (justInTime ? Math.min(servers, maxInFlight) : maxInFlight) || counts.inFlight >= maxOpen,
      ).toBe(true);
    if (policy !== 'block') {
      expect(all.filter(isWaiting).reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(capacityBytes);
      expect(counts.queued).toBeLessThanOrEqual(policy === 'latest' ? 1 : policy === 'skip' ? 0 : capacity);
    }
  }

  expect(alarms.length).toBeLessThanOrEqual(2);
  subscription.unsubscribe();
  for (const delivery of open) delivery.settle({ kind: 'completed' }, now);
  expect({ queued: counts.queued, inFlight: counts.inFlight, inEngine }).toEqual({
    queued: 0,
    inFlight: 0,
    inEngine: 0,
  });
  expect(all.every((delivery) => settledTimes.get(delivery.id) === 1)).toBe(true);
  expect(settings$.observed).toBe(false);
  expect(alarms).toEqual([]);
}

const isWaiting = ({ outcome, stamps }: Delivery) =>
  outcome === undefined && !Number.isNaN(stamps.enqueued) && Number.isNaN(stamps.dequeued);

test('conservation, limits, order and credit under any interleaving', { timeout: 60_000 }, () => {
  fc.assert(fc.property(gateSettings, fc.boolean(), fc.array(step, { maxLength: 80 }), run), { numRuns: 7000 });
});
