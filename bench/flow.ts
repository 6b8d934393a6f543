/**
 * The operators alone, on one core: deliveries through gate, batch, in order and settlement per second, and what they
 * leave behind in memory. Runs in Node, because a browser would add only its own noise; alternated with the same
 * deliveries through a bare Subject, which is what RxJS itself costs.
 */
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BehaviorSubject, Subject } from 'rxjs';
import { Delivery, type FlowObserver } from '../src/core/delivery.ts';
import type { BatchSettings, CreditSettings, GateSettings } from '../src/core/gateSettings.ts';
import type { Payload } from '../src/core/payload.ts';
import { batch } from '../src/flow/batch.ts';
import { createCredit } from '../src/flow/credit.ts';
import { gate } from '../src/flow/gate.ts';
import type { BenchEntry } from './result.ts';
import { mean, ratioInterval } from './statistics.ts';

const perRound = 500_000;
const rounds = 20;
const warmRounds = 4;
const limitPerS = 1_000_000;
const limitBytes = 64_000;

const payload: Payload = { kind: 'scene', seed: 0, t: 0, width: 1, height: 1, difficulty: 0, motion: 1 };
const gateSettings: GateSettings = {
  policy: 'dropOldest',
  capacity: 2,
  capacityBytes: Infinity,
  maxAgeMs: Infinity,
  rateLimit: Infinity,
  codel: undefined,
  weight: 1,
};
const creditSettings: CreditSettings = {
  maxInFlight: 8,
  maxOpen: 8,
  servers: 1,
  justInTime: false,
  limiter: { kind: 'fixed', min: 1, max: 64, targetMs: undefined },
};
const silent: FlowObserver = { offered() {}, admitted() {}, dequeued() {}, settled() {}, missed() {} };

/** Its clock stands: reading a real one is the machine's cost, not the operators'. */
const clock = { now: () => 0 };
const deliver = (id: number) => new Delivery<Payload>({ id, source: 's', payload, bytes: 0, scheduled: 0, arrived: 0 });

/** A chain that stays open, its engine and its queue full, so that each delivery waits for the end of an older one. */
function openChain(batchSettings: BatchSettings) {
  const source = new Subject<Delivery<Payload>>();
  const credit = createCredit(new BehaviorSubject(creditSettings), { clock });
  const inside: Delivery<Payload>[] = [];
  let settled = 0;
  const subscription = gate({ pausable: false, open: () => source }, new BehaviorSubject(gateSettings), {
    clock,
    observer: silent,
    credit,
  })
    .pipe(batch(new BehaviorSubject(batchSettings), { clock }))
    .subscribe((frames) => inside.push(...frames));
  const places = gateSettings.capacity + creditSettings.maxInFlight - 1;
  const end = () => {
    const delivery = inside.shift();
    if (delivery === undefined) return;
    delivery.markReturned(0);
    delivery.settle({ kind: 'completed' }, 0);
    settled += 1;
  };
  return {
    /** Deliveries per second. */
    pass(count: number): number {
      const before = settled;
      const started = performance.now();
      for (let id = 0; id < count; id++) {
        source.next(deliver(id));
        if (id - (settled - before) >= places) end();
      }
      while (inside.length > 0) end();
      const seconds = (performance.now() - started) / 1000;
      if (settled - before !== count) throw new Error(`${settled - before} of ${count} were settled: not sound.`);
      return count / seconds;
    },
    close: () => subscription.unsubscribe(),
  };
}

function throughSubject(count: number): number {
  const source = new Subject<Delivery<Payload>>();
  const subscription = source.subscribe((delivery) => delivery.settle({ kind: 'completed' }, 0));
  const started = performance.now();
  for (let id = 0; id < count; id++) source.next(deliver(id));
  const seconds = (performance.now() - started) / 1000;
  subscription.unsubscribe();
  return count / seconds;
}

export const flow: BenchEntry = {
  about: 'operators alone: >= 1,000,000 deliveries/s through gate, batch and settlement on one core, < 64 kB retained',
  async run() {
    setFlagsFromString('--expose-gc');
    const gc: unknown = runInNewContext('gc');
    if (typeof gc !== 'function') throw new Error('V8 gave no garbage collector to call: nothing is known of memory.');
    const heap = async () => {
      // Compiling goes on beside us for a while.
      await setTimeout(200);
      gc();
      gc();
      return process.memoryUsage().heapUsed;
    };
    const chain = openChain({ maxSize: 1, maxDelayMs: 0 });
    const gathers = openChain({ maxSize: 4, maxDelayMs: 10 });
    const round = () => ({ ours: chain.pass(perRound), fours: gathers.pass(perRound), bare: throughSubject(perRound) });
    // What the compiler keeps of functions that are still new is not what a delivery leaves behind.
    for (let i = 0; i < warmRounds; i++) round();
    const pairs = Array.from({ length: rounds }, round);
    await heap();
    for (let i = 0; i < warmRounds; i++) chain.pass(perRound);
    const before = await heap();
    for (let i = 0; i < rounds; i++) chain.pass(perRound);
    // The chain is still open: what it would keep of each delivery shows here.
    const retained = (await heap()) - before;
    chain.close();
    gathers.close();
    const ours = pairs.map((pair) => pair.ours);
    const ratio = ratioInterval(pairs.map((pair) => pair.ours / pair.bare));
    const perS = mean(ours);
    const fours = mean(pairs.map((pair) => pair.fours));
    return {
      table: [
        ['measure', 'value', 'limit'],
        ['deliveries/s', Math.round(perS), `>= ${limitPerS}`],
        ['slowest, fastest round', `${Math.round(Math.min(...ours))}, ${Math.round(Math.max(...ours))}`, ''],
        ['deliveries/s in batches of four', Math.round(fours), ''],
        ['of a bare Subject', ratio.value, ''],
        [`bytes retained after ${perRound * rounds}`, retained, `< ${limitBytes}`],
      ],
      figure: {
        value: perS,
        low: Math.min(...ours),
        high: Math.max(...ours),
        unit: 'deliveries/s',
        pass: perS >= limitPerS && retained < limitBytes,
      },
      details: {
        retainedBytes: retained,
        deliveries: perRound * rounds,
        inFoursPerS: fours,
        ofSubject: ratio.value,
        node: process.version,
      },
    };
  },
};
