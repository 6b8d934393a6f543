/**
 * Gate, pipeline and metrics together, with a source that may take back what is in flight, an engine that fails, decoders
 * that throw and settings that change: after every step, and at the end, the sums of DESIGN.md section 1 hold.
 */
import fc from 'fast-check';
import { BehaviorSubject, Observable, type Subscriber } from 'rxjs';
import { expect, test } from 'vitest';
import { Delivery } from '../core/delivery.ts';
import type { EngineReply } from '../core/engine.ts';
import { WeirError } from '../core/errors.ts';
import type { BatchSettings, CreditSettings, GateSettings } from '../core/gateSettings.ts';
import type { Payload } from '../core/payload.ts';
import type { TaskResult } from '../core/result.ts';
import { policies } from '../core/settings.ts';
import { createCredit } from '../flow/credit.ts';
import type { Order } from '../flow/inOrder.ts';
import { checkConservation } from '../metrics/checkConservation.ts';
import { createMetrics } from '../metrics/createMetrics.ts';
import { createPipeline } from './createPipeline.ts';

type Served = { reply: EngineReply; decode: (reply: EngineReply & { ok: true }) => TaskResult };

const payload: Payload = { kind: 'scene', seed: 0, t: 0, width: 1, height: 1, difficulty: 0, motion: 1 };
const fit = {
  sourceWidth: 1,
  sourceHeight: 1,
  scaleX: 1,
  scaleY: 1,
  offsetX: 0,
  offsetY: 0,
  inputWidth: 1,
  inputHeight: 1,
};
const empty = (): TaskResult => ({ kind: 'tensors', items: [] });

const gateSettings: fc.Arbitrary<GateSettings & CreditSettings> = fc
  .record({
    policy: fc.constantFrom(...policies),
    capacity: fc.integer({ min: 1, max: 4 }),
    maxAgeMs: fc.constantFrom(Infinity, 5),
    maxInFlight: fc.integer({ min: 1, max: 3 }),
    maxOpen: fc.integer({ min: 1, max: 5 }),
  })
  .map((settings) => ({
    ...settings,
    capacityBytes: Infinity,
    rateLimit: Infinity,
    codel: undefined,
    weight: 1,
    servers: 1,
    justInTime: false,
    limiter: { kind: 'fixed', min: 1, max: 8, targetMs: undefined },
  }));
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('arrive' as const) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('answer' as const),
      how: fc.constantFrom('well', 'well', 'failed', 'cancelled', 'undecodable' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('takeBack' as const), pick: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('change' as const), to: gateSettings }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('batch' as const), maxSize: fc.integer({ min: 1, max: 3 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('order' as const), to: fc.constantFrom('arrival', 'completion' as const) }),
  },
);

test('whatever happens, every frame is counted once', async () => {
  await fc.assert(
    fc.asyncProperty(gateSettings, fc.array(step, { maxLength: 60 }), fc.boolean(), async (first, steps, leaves) => {
      let now = 1_000_000;
      const clock = { now: () => now };
      const alarms = new Set<{ readonly at: number; readonly ring: () => void }>();
      const batch$ = new BehaviorSubject<BatchSettings>({ maxSize: 1, maxDelayMs: 3 });
      const order$ = new BehaviorSubject<Order>('completion');
      const metrics = createMetrics({ clock, windowS: 5, deadlineMs: null });
      const settings$ = new BehaviorSubject(first);
      const sent: Delivery<Payload>[] = [];
      const inEngine: ((how: string) => void)[] = [];
      let wanted = 0;
      let emit: Subscriber<Delivery<Payload>> | undefined;
      let settlements = 0;
      const source = {
        pausable: true,
        open: (demand: Observable<number>) =>
          new Observable<Delivery<Payload>>((subscriber) => {
            emit = subscriber;
            return demand.subscribe((more) => {
              wanted = more;
            });
          }),
      };
      const answers: Readonly<Record<string, () => Served>> = {
        well: () => ({ reply: ok(), decode: empty }),
        failed: () => ({ reply: { ok: false, error: { code: 'out-of-memory', message: 'none' } }, decode: empty }),
        cancelled: () => ({ reply: { ok: false, error: { code: 'cancelled', message: 'left' } }, decode: empty }),
        undecodable: () => ({
          reply: ok(),
          decode: () => {
            throw new WeirError('bad-output', 'NaN');
          },
        }),
      };
      const ok = (): EngineReply => ({
        ok: true,
        times: { began: now, prepared: now, started: now, ran: now },
        outputs: [],
        fit,
      });
      const run = createPipeline(source, settings$, {
        clock,
        observer: metrics.observer,
        credit: createCredit(settings$, { clock }),
        batch$,
        order$,
        wake(_, at, ring) {
          const alarm = { at, ring };
          alarms.add(alarm);
          return () => alarms.delete(alarm);
        },
        serve: (payloads) =>
          new Promise((resolve) => {
            inEngine.push((how) => {
              const answer = answers[how] as () => Served;
              const { reply, decode } = answer();
              resolve({ replies: payloads.map(() => reply), decode, model: undefined, provider: 'none' });
            });
          }),
        show: () => {},
        notShown: () => {},
        frameFailed: () => {},
      }).subscribe();
      const wait = (ms: number) => {
        now += ms;
        for (const alarm of [...alarms]) if (alarm.at <= now && alarms.delete(alarm)) alarm.ring();
      };
      const check = () => expect(checkConservation(metrics.counts())).toEqual({ holds: true, offBy: 0 });

      for (const each of steps) {
        if (each.do === 'arrive' && wanted > 0) {
          const delivery = new Delivery<Payload>({
            id: sent.length,
            source: 'scene',
            payload,
            bytes: 0,
            scheduled: now,
            arrived: now,
            onSettle: () => {
              settlements += 1;
            },
          });
          sent.push(delivery);
          wanted -= 1;
          emit?.next(delivery);
        } else if (each.do === 'answer') inEngine.shift()?.(each.how);
        else if (each.do === 'takeBack') {
          const open = sent.filter(({ outcome }) => outcome === undefined);
          open[each.pick % Math.max(1, open.length)]?.settle({ kind: 'released' }, now);
        } else if (each.do === 'wait') wait(each.ms);
        else if (each.do === 'batch') batch$.next({ ...batch$.value, maxSize: each.maxSize });
        else if (each.do === 'order') order$.next(each.to);
        else if (each.do === 'change') settings$.next(each.to);
        await settled();
        check();
      }
      if (leaves) run.unsubscribe();
      else emit?.complete();
      while (inEngine.length > 0 || alarms.size > 0) {
        wait(1);
        inEngine.shift()?.('well');
        await settled();
        check();
      }
      const counts = metrics.counts();
      expect([counts.queued, counts.inFlight]).toEqual([0, 0]);
      expect(counts.offered).toBe(sent.length);
      expect(settlements).toBe(sent.length);
    }),
    { numRuns: 400 },
  );
});

/** Long enough for an answer to pass all its promises. */
async function settled(): Promise<void> {
  for (let i = 0; i < 6; i++) await Promise.resolve();
}
