/**
 * Several gates before one engine under random arrivals, services, failures, changes, departures and errors.
 * After every step: no more inside than slots, nobody waits beside free credit, every delivery ends exactly once.
 */
import fc from 'fast-check';
import { BehaviorSubject, Subject } from 'rxjs';
import { expect, test } from 'vitest';
import { Delivery, type FlowObserver } from '../core/delivery.ts';
import type { CreditSettings, GateSettings } from '../core/gateSettings.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Payload } from '../core/payload.ts';
import { policies } from '../core/settings.ts';
import { createCredit } from './credit.ts';
import { base } from './gate.fixture.ts';
import { gate } from './gate.ts';

const payload: Payload = { kind: 'scene', seed: 0, t: 0, width: 1, height: 1, difficulty: 0, motion: 1 };
const lanes = 3;

const gateSettings: fc.Arbitrary<GateSettings> = fc
  .record({
    policy: fc.constantFrom(...policies),
    capacity: fc.integer({ min: 1, max: 5 }),
    maxAgeMs: fc.constantFrom(Infinity, 8),
    codel: fc.constantFrom(undefined, { targetMs: 2, intervalMs: 4 }),
    weight: fc.constantFrom(0.5, 1, 3),
  })
  .map((settings) => ({ ...base, ...settings }));

const creditSettings: fc.Arbitrary<CreditSettings> = fc
  .record({
    maxInFlight: fc.integer({ min: 1, max: 4 }),
    maxOpen: fc.integer({ min: 1, max: 6 }),
    servers: fc.integer({ min: 1, max: 2 }),
    justInTime: fc.boolean(),
    limiter: fc.constantFrom(
      base.limiter,
      { kind: 'aimd', min: 1, max: 4, targetMs: 3 } as const,
      { kind: 'gradient', min: 1, max: 4, targetMs: undefined } as const,
    ),
  })
  .map((settings) => ({ ...base, ...settings }));

const outcome: fc.Arbitrary<Outcome> = fc.constantFrom<Outcome>(
  { kind: 'completed' },
  { kind: 'failed', error: { code: 'bad-output', message: '' } },
  { kind: 'released' },
);
const lane = fc.nat({ max: lanes - 1 });

const step = fc.oneof(
  { weight: 9, arbitrary: fc.record({ do: fc.constant('arrive' as const), lane, instant: fc.boolean() }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('finish' as const), pick: fc.nat(), outcome }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('return' as const), pick: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('gate' as const), lane, to: gateSettings }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('credit' as const), to: creditSettings }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('leave', 'complete', 'error' as const), lane }),
  },
);

test('slots, open and waiting hold for all gates together', { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(
      creditSettings,
      fc.array(gateSettings, { minLength: lanes, maxLength: lanes }),
      fc.array(step, { maxLength: 80 }),
      (first, gates, steps) => {
        let now = 0;
        const clock = { now: () => now };
        const alarms = new Set<{ readonly at: number; readonly ring: () => void }>();
        const credit$ = new BehaviorSubject(first);
        const wake = (_: unknown, at: number, ring: () => void) => {
          const alarm = { at, ring };
          alarms.add(alarm);
          return () => alarms.delete(alarm);
        };
        const credit = createCredit(credit$, { clock, wake });
        const ended = new Map<number, number>();
        const instant = new Set<number>();
        /** Lanes whose source has ended. */
        const gone = new Set<number>();
        const open: Delivery<Payload>[] = [];
        let waiting = 0;
        let inEngine = 0;
        let inFlight = 0;
        let nextId = 0;
        const observer: FlowObserver = {
          offered() {},
          admitted() {
            waiting += 1;
          },
          dequeued() {
            waiting -= 1;
            inFlight += 1;
            inEngine += 1;
          },
          settled({ id, stamps }) {
            ended.set(id, (ended.get(id) ?? 0) + 1);
            if (Number.isNaN(stamps.enqueued)) return;
            if (Number.isNaN(stamps.dequeued)) waiting -= 1;
            else inFlight -= 1;
          },
          missed() {},
        };
        const all = gates.map((settings, index) => {
          const arrivals = new Subject<Delivery<Payload>>();
          const settings$ = new BehaviorSubject(settings);
          const subscription = gate({ pausable: true, open: () => arrivals }, settings$, {
            clock,
            wake,
            observer,
            credit,
          }).subscribe({
            next(delivery) {
              if (instant.has(delivery.id)) delivery.settle({ kind: 'completed' }, now);
              else open.push(delivery);
            },
            error() {},
          });
          return { index, arrivals, settings$, subscription };
        });
        const picked = (pick: number) => pick % Math.max(1, open.length);

        for (const act of steps) {
          switch (act.do) {
            case 'arrive': {
              const { arrivals, subscription } = all[act.lane] ?? {};
              if (arrivals === undefined || subscription?.closed === true || gone.has(act.lane)) break;
              const delivery = new Delivery<Payload>({
                id: nextId++,
                source: `s${act.lane}`,
                payload,
                bytes: 0,
                scheduled: now,
                arrived: now,
              });
              delivery.watch({
                returned: ({ stamps }) => {
                  if (!Number.isNaN(stamps.dequeued)) inEngine -= 1;
                },
              });
              if (act.instant) instant.add(delivery.id);
              arrivals.next(delivery);
              break;
            }
            case 'finish':
              open.splice(picked(act.pick), 1)[0]?.settle(act.outcome, now);
              break;
            case 'return': {
              const delivery = open[picked(act.pick)];
              if (delivery === undefined) break;
              delivery.stamps.began = delivery.stamps.dequeued;
              delivery.stamps.ran = now;
              delivery.markReturned(now);
              break;
            }
            case 'wait':
              now += act.ms;
              for (const alarm of [...alarms]) if (alarm.at <= now && alarms.delete(alarm)) alarm.ring();
              break;
            case 'gate':
              all[act.lane]?.settings$.next(act.to);
              break;
            case 'credit':
              credit$.next(act.to);
              break;
            case 'leave':
              all[act.lane]?.subscription.unsubscribe();
              break;
            case 'complete':
              gone.add(act.lane);
              all[act.lane]?.arrivals.complete();
              break;
            case 'error':
              gone.add(act.lane);
              all[act.lane]?.arrivals.error(new Error('gone'));
              break;
          }
          const { maxInFlight, maxOpen, servers, justInTime, limiter } = credit$.value;
          expect(waiting).toBeGreaterThanOrEqual(0);
          const limit = limiter.kind === 'fixed' ? maxInFlight : credit.limit();
          // A limit that was lowered is obeyed by what comes after.
          if (waiting > 0)
            expect(inEngine >= (justInTime ? Math.min(servers, limit) : limit) || inFlight >= maxOpen).toBe(true);
          expect(alarms.size).toBeLessThanOrEqual(1);
        }

        for (const { subscription } of all) subscription.unsubscribe();
        for (const delivery of open) delivery.settle({ kind: 'completed' }, now);
        expect({ waiting, inEngine, inFlight, alarms: alarms.size }).toEqual({
          waiting: 0,
          inEngine: 0,
          inFlight: 0,
          alarms: 0,
        });
        expect(ended.size).toBe(nextId);
        expect([...ended.values()].every((times) => times === 1)).toBe(true);
        expect(credit$.observed).toBe(false);
      },
    ),
    { numRuns: 4000 },
  );
});
