import fc from 'fast-check';
import { Subject, type Subscription } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Delivery } from '../core/delivery.ts';
import type { Outcome } from '../core/outcome.ts';
import { WeirError } from '../core/errors.ts';
import { defaultSettings } from '../core/settings.ts';
import type { WorkCounts, WorkFacts } from '../core/work.ts';
import type { BrokerHooks } from './broker.ts';
import { createFakeBroker, type FakeBroker } from './fakeBroker.fixture.ts';
import { createRecentIds } from './recentIds.ts';
import { createWorkMemory } from './workMemory.ts';
import { createWorkSource } from './workSource.ts';

const noTimes = {
  n: 0,
  p50: 0,
  p95: 0,
  p99: 0,
  max: 0,
  valid: { p50: false, p95: false, p99: false },
};
const made = { result: { kind: 'tensors', items: [] }, model: undefined, provider: 'test' } as const;
const settling = { ...defaultSettings.settling, breakAfter: 3, drainMs: 1000 };

/** The work over a fake broker, with a pipeline that the test plays itself. */
function createWorker(broker: FakeBroker, prefetch = 4) {
  const lifecycle$ = new Subject<'frozen' | 'resumed'>();
  const demand = new Subject<number>();
  const deliveries: Delivery[] = [];
  const memory = createWorkMemory(() => ({ record: () => {}, read: () => noTimes }));
  const recent = createRecentIds(100);
  let look: (() => WorkFacts) | undefined;
  let failure: unknown;
  let subscription: Subscription | undefined;
  const source = createWorkSource(
    broker,
    {
      kind: 'nats',
      queue: 'q',
      worker: 'w',
      results: 'results',
      dead: 'dead',
      settling: () => settling,
      prefetch: () => prefetch,
      slots: () => 2,
      memory,
      recent,
      random: () => 0.5,
    },
    {
      id: 'nats',
      clock: { now: () => Date.now() },
      onState: () => {},
      onMissed: () => {},
      onWork: (next) => {
        look = next;
      },
      lifecycle$,
    },
  );
  return {
    deliveries,
    lifecycle$,
    counts: (): WorkCounts => look?.().counts ?? memory.ledger.counts(),
    failure: () => failure,
    open() {
      subscription = source.open(demand).subscribe({
        next: (delivery) => deliveries.push(delivery),
        error: (error) => {
          failure = error;
        },
      });
    },
    ask: (n: number) => demand.next(n),
    close: () => subscription?.unsubscribe(),
    /** As the pipeline does. */
    async complete(delivery: Delivery): Promise<Outcome> {
      delivery.stamps.dequeued = Date.now();
      const outcome = await (delivery.store?.(made) ?? Promise.reject(new Error('It has no store.')));
      delivery.settle(outcome, Date.now());
      return outcome;
    },
    fail(delivery: Delivery, code: 'device-lost' | 'cannot-decode') {
      delivery.stamps.dequeued = Date.now();
      delivery.settle({ kind: 'failed', error: { code, message: 'why' } }, Date.now());
    },
  };
}

const soon = () => vi.advanceTimersByTimeAsync(0);
const sum = ({ acknowledged, retried, deadLettered, released, unacked }: WorkCounts) =>
  acknowledged + retried + deadLettered + released + unacked;

describe('createWorkSource', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  async function started(count: number, prefetch = 4, fixed = false) {
    const broker = createFakeBroker(fixed);
    const worker = createWorker(broker, prefetch);
    for (let i = 0; i < count; i++) broker.put(`j${i}`);
    worker.open();
    worker.ask(count);
    await soon();
    return { broker, worker };
  }

  it('never holds more than its prefetch, and acknowledges after the result is stored', async () => {
    const { broker, worker } = await started(6, 2);
    expect(worker.deliveries.length).toBe(2);
    const [first] = worker.deliveries;
    if (first === undefined) throw new Error('Nothing came.');
    expect(await worker.complete(first)).toEqual({ kind: 'completed' });
    await soon();
    expect(broker.log).toEqual(['result j0', 'ack j0']);
    expect(worker.deliveries.length).toBe(3);
    expect(worker.counts()).toMatchObject({ received: 3, acknowledged: 1, unacked: 2, published: 1 });
    worker.close();
  });

  it('sets a poisonous job aside at once, and tries one that may go elsewhere again', async () => {
    const { broker, worker } = await started(2);
    const [bad, unlucky] = worker.deliveries;
    if (bad === undefined || unlucky === undefined) throw new Error('Nothing came.');
    worker.fail(bad, 'cannot-decode');
    worker.fail(unlucky, 'device-lost');
    await soon();
    expect(broker.log).toEqual(['dead j0', 'retry j1', 'bury j0']);
    expect(broker.dead).toEqual([{ id: 'j0', reason: 'cannot-decode' }]);
    expect(worker.counts()).toMatchObject({ deadLettered: 1, retried: 1, deadLetters: { 'cannot-decode': 1 } });
    worker.close();
  });

  it('keeps a poisonous job in the queue while nobody stores dead letters', async () => {
    const { broker, worker } = await started(0);
    broker.refuseDead = true;
    broker.put('j');
    await soon();
    worker.ask(4);
    await soon();
    const [bad] = worker.deliveries;
    if (bad === undefined) throw new Error('Nothing came.');
    worker.fail(bad, 'cannot-decode');
    await soon();
    expect(broker.log[0]).toBe('reject j');
    expect(broker.left()).toEqual(['j']);
    worker.close();
  });

  it('uses nothing of a connection that is gone, and does the job again', async () => {
    const { broker, worker } = await started(1);
    const [old] = worker.deliveries;
    if (old === undefined) throw new Error('Nothing came.');
    old.stamps.dequeued = Date.now();
    broker.cut();
    expect(await old.store?.(made)).toEqual({ kind: 'released' });
    old.settle({ kind: 'released' }, Date.now());
    await vi.advanceTimersByTimeAsync(20_000);
    expect(broker.log).toEqual([]);
    worker.ask(4);
    await soon();
    const again = worker.deliveries[1];
    if (again === undefined) throw new Error('It did not come again.');
    await worker.complete(again);
    await soon();
    expect(broker.log).toEqual(['result j0', 'ack j0']);
    expect(worker.counts()).toMatchObject({ received: 2, acknowledged: 1, released: 1, unacked: 0, redelivered: 1 });
    worker.close();
  });

  it('only acknowledges a job whose result is stored already', async () => {
    const { broker, worker } = await started(1);
    const [first] = worker.deliveries;
    if (first === undefined) throw new Error('Nothing came.');
    await worker.complete(first);
    await soon();
    broker.put('j0');
    await soon();
    expect(broker.log).toEqual(['result j0', 'ack j0', 'ack j0']);
    expect(worker.deliveries.length).toBe(1);
    expect(worker.counts()).toMatchObject({ received: 2, acknowledged: 2, duplicates: 1, published: 1 });
    worker.close();
  });

  it('ends with the reason of a broker that refuses while it opens, and does not try again', async () => {
    const broker = createFakeBroker();
    const refused = new WeirError('permission-denied', 'Not this queue.');
    const connect = vi.fn((_prefetch: number, hooks: BrokerHooks) => {
      hooks.lost(refused);
      return Promise.reject(refused);
    });
    const worker = createWorker({ ...broker, connect } as FakeBroker);
    worker.open();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(worker.failure()).toBe(refused);
    expect(connect).toHaveBeenCalledTimes(1);
  });

  it('stops taking after failures in a row, and tries one job after a while', async () => {
    const { broker, worker } = await started(8, 3);
    broker.refusePublishing = true;
    const open = () => worker.deliveries.filter(({ outcome }) => outcome === undefined);
    for (let next = open()[0]; next !== undefined; next = open()[0]) {
      await worker.complete(next);
      await soon();
    }
    // Three, and what was out when the third failed.
    expect(worker.deliveries.length).toBe(5);
    worker.ask(8);
    await vi.advanceTimersByTimeAsync(900);
    expect(open().length).toBe(0);
    broker.refusePublishing = false;
    await vi.advanceTimersByTimeAsync(200);
    worker.ask(8);
    await soon();
    expect(open().length).toBe(1);
    worker.close();
  });

  it.each([false, true])(
    'gives back what it has not begun, and ends what it has (prefetch fixed: %s)',
    async (fixed) => {
      const { broker, worker } = await started(0, 3, fixed);
      worker.ask(1);
      for (let i = 0; i < 3; i++) broker.put(`j${i}`);
      await soon();
      expect(worker.deliveries.length).toBe(1);
      const [begun] = worker.deliveries;
      if (begun === undefined) throw new Error('Nothing came.');
      begun.stamps.dequeued = Date.now();
      worker.close();
      await worker.complete(begun);
      await vi.advanceTimersByTimeAsync(2000);
      expect(broker.results).toEqual(['j0']);
      expect(broker.left()).toEqual(['j1', 'j2']);
      const counts = worker.counts();
      expect(counts).toMatchObject({ acknowledged: 1, unacked: 0 });
      expect(sum(counts)).toBe(counts.received);
    },
  );

  it('gives back when its page is frozen, and comes back with a connection of its own', async () => {
    const { broker, worker } = await started(0, 3);
    for (let i = 0; i < 3; i++) broker.put(`j${i}`);
    await soon();
    worker.lifecycle$.next('frozen');
    await soon();
    expect(worker.counts()).toMatchObject({ received: 3, released: 3, unacked: 0 });
    worker.lifecycle$.next('resumed');
    await soon();
    expect(broker.connections).toBe(2);
    worker.ask(3);
    await soon();
    expect(worker.deliveries.length).toBe(3);
    worker.close();
  });

  it('keeps its sum and loses nothing, whatever happens in whatever order', async () => {
    const step = fc.constantFrom('put', 'complete', 'poison', 'unlucky', 'cut', 'wait', 'freeze', 'resume', 'pause');
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.boolean(), async (steps, fixed) => {
        const broker = createFakeBroker(fixed);
        const worker = createWorker(broker, 3);
        worker.open();
        await soon();
        let made_ = 0;
        for (const what of [...steps, 'resume', 'wait'] as const) {
          worker.ask(2);
          const next = worker.deliveries.find(({ outcome }) => outcome === undefined);
          if (what === 'put') broker.put(`j${made_++}`);
          else if (what === 'cut') broker.cut();
          else if (what === 'freeze') worker.lifecycle$.next('frozen');
          else if (what === 'resume') worker.lifecycle$.next('resumed');
          else if (what === 'pause') {
            worker.close();
            worker.open();
          } else if (what === 'wait') await vi.advanceTimersByTimeAsync(20_000);
          else if (next === undefined) continue;
          else if (what === 'complete') await worker.complete(next);
          else worker.fail(next, what === 'poison' ? 'cannot-decode' : 'device-lost');
          await soon();
          const counts = worker.counts();
          expect(sum(counts)).toBe(counts.received);
          expect(counts.unacked).toBeGreaterThanOrEqual(0);
        }
        // Each job is still in the queue, or its result is stored, or it is among the dead letters.
        const places = new Set([...broker.left(), ...broker.results, ...broker.dead.map(({ id }) => id)]);
        for (let i = 0; i < made_; i++) expect(places).toContain(`j${i}`);
        for (const line of broker.log.filter((entry) => entry.startsWith('ack ')))
          expect(broker.log.indexOf(`result ${line.slice(4)}`)).toBeLessThan(broker.log.indexOf(line));
        worker.close();
        await vi.advanceTimersByTimeAsync(5000);
        expect(worker.counts().unacked).toBe(0);
      }),
      { numRuns: 300 },
    );
  }, 60_000);
});
