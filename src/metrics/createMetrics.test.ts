/** The numbers of the window against their definitions, and against a plain recomputation from all rows. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Delivery, type Stamps } from '../core/delivery.ts';
import type { Outcome } from '../core/outcome.ts';
import { checkConservation } from './checkConservation.ts';
import { createMetrics } from './createMetrics.ts';

const completed: Outcome = { kind: 'completed' };

function setup(options: { windowS?: number; deadlineMs?: number | null; startAt?: number } = {}) {
  let now = options.startAt ?? 0;
  const metrics = createMetrics({
    clock: { now: () => now },
    windowS: options.windowS ?? 30,
    deadlineMs: options.deadlineMs ?? null,
  });
  let id = 0;
  const at = (ms: number) => {
    now = ms;
  };
  /** Offered and admitted now. */
  function admit(scheduled = now) {
    const delivery = new Delivery({ id: id++, source: 's', payload: 0, bytes: 0, scheduled, arrived: now });
    delivery.watch({ settled: (one, outcome) => metrics.observer.settled(one, outcome) });
    metrics.observer.offered(delivery);
    delivery.stamps.enqueued = now;
    metrics.observer.admitted(delivery);
    return delivery;
  }
  function dequeue(delivery: Delivery) {
    delivery.stamps.dequeued = now;
    metrics.observer.dequeued(delivery);
  }
  /** A frame of `serviceMs` without any wait, settled as it is decoded. */
  function frame(from: number, serviceMs: number, outcome = completed) {
    at(from);
    const delivery = admit();
    dequeue(delivery);
    at(from + serviceMs);
    Object.assign(delivery.stamps, {
      began: from,
      prepared: from,
      started: from,
      ran: now,
      returned: now,
      decoded: now,
    });
    delivery.settle(outcome, now);
    return delivery;
  }
  return { metrics, at, admit, dequeue, frame };
}

describe('definitions', () => {
  const stamps: Partial<Stamps> = {
    scheduled: 5,
    arrived: 7,
    enqueued: 8,
    dequeued: 18,
    began: 19,
    prepared: 22,
    started: 24,
  };

  test('stages of one frame sum to its response', () => {
    const { metrics, at, admit, dequeue } = setup();
    const delivery = admit();
    dequeue(delivery);
    Object.assign(delivery.stamps, stamps, { ran: 42, returned: 44, decoded: 49 });
    at(60);
    delivery.settle(completed, 60);
    delivery.stamps.presented = 52;
    metrics.presented(delivery);
    const { stagesMs, latencyMs } = metrics.window(100);
    expect(stagesMs).toEqual({
      late: 2,
      queueing: 10,
      batching: 0,
      transfer: 5,
      prepare: 3,
      run: 18,
      ordering: 0,
      decode: 5,
      unattributed: 1,
      present: 3,
      publish: 11,
    });
    expect(latencyMs.response).toMatchObject({ n: 1, max: 44 });
    expect(latencyMs.service).toMatchObject({ n: 1, max: 21 });
    expect(latencyMs.queueing).toMatchObject({ n: 1, max: 10, valid: { p50: false } });
  });

  test('any stamps: the means of the stages sum to the mean response', () => {
    const gap = fc.double({ min: -2, max: 500, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.array(gap, { minLength: 8, maxLength: 8 }), { minLength: 1, maxLength: 20 }), (rows) => {
        const { metrics, admit, dequeue, at } = setup();
        let responses = 0;
        for (const gaps of rows) {
          const delivery = admit();
          dequeue(delivery);
          const names = [
            'arrived',
            'enqueued',
            'dequeued',
            'began',
            'prepared',
            'started',
            'ran',
            'returned',
            'decoded',
          ] as const;
          delivery.stamps.scheduled = 0;
          let moment = 0;
          names.forEach((name, i) => {
            moment += gaps[i] ?? 0;
            delivery.stamps[name] = moment;
          });
          responses += moment;
          at(1);
          delivery.settle(completed, 1);
        }
        const { present: _, publish: __, ...stages } = metrics.window(2).stagesMs;
        const sum = Object.values(stages).reduce((total, stage) => total + stage, 0);
        expect(sum).toBeCloseTo(responses / rows.length, 6);
      }),
      { numRuns: 100 },
    );
  });

  test('one that ends in the queue has waited too; a refused one has not', () => {
    const { metrics, at, admit } = setup();
    const delivery = admit();
    at(12);
    delivery.settle({ kind: 'dropped', cause: 'superseded' }, 12);
    const refused = new Delivery({ id: 9, source: 's', payload: 0, bytes: 0, scheduled: 0, arrived: 0 });
    metrics.observer.offered(refused);
    refused.watch({ settled: (one, outcome) => metrics.observer.settled(one, outcome) });
    refused.settle({ kind: 'dropped', cause: 'newest' }, 12);
    expect(metrics.window(20).latencyMs.queueing).toMatchObject({ n: 1, max: 12 });
    expect(checkConservation(metrics.counts()).holds).toBe(true);
  });

  test('a completed frame without a decode stamp is counted and has no latency', () => {
    const { metrics, admit, dequeue } = setup();
    const delivery = admit();
    dequeue(delivery);
    delivery.settle(completed, 0);
    const { latencyMs, stagesMs } = metrics.window(10);
    expect([metrics.counts().completed, latencyMs.response.n]).toEqual([1, 0]);
    expect(Object.values(stagesMs).some(Number.isNaN)).toBe(false);
  });

  test('one without a decode stamp does not thin the stages of the others', () => {
    const { metrics, frame, admit, dequeue } = setup();
    frame(0, 40);
    const delivery = admit();
    dequeue(delivery);
    delivery.settle(completed, 40);
    expect(metrics.window(50).stagesMs.run).toBe(40);
  });

  test('no percentile lies above the largest value', () => {
    const { metrics, frame } = setup();
    frame(0, 137.01);
    expect(metrics.window(200).latencyMs.response).toMatchObject({ p50: 137.01, p99: 137.01, max: 137.01 });
  });

  test('goodput and misses by the deadline; drops and failures are misses', () => {
    const { metrics, frame, at, admit } = setup({ deadlineMs: 20 });
    frame(0, 20);
    frame(100, 21);
    frame(200, 5, { kind: 'failed', error: { code: 'bad-output', message: '' } });
    at(300);
    admit().settle({ kind: 'dropped', cause: 'expired' }, 300);
    const facts = metrics.window(500);
    expect(facts.ratesPerS).toEqual({ offered: 8, admitted: 8, completed: 4, dropped: 2, goodput: 2 });
    expect([facts.missRatio, facts.failedPerS, facts.dropsPerS.expired]).toEqual([0.75, 2, 2]);
    metrics.setDeadline(null);
    frame(600, 300);
    expect(metrics.window(1000).ratesPerS.goodput).toBe(2);
  });

  test('nothing yet: noughts, and no NaN', () => {
    const { metrics } = setup();
    const facts = metrics.window(0);
    expect(JSON.stringify({ ...facts, latencyMs: { ...facts.latencyMs, offered: 0 } })).not.toMatch(/null/);
    expect(facts.latencyMs.response).toEqual({
      n: 0,
      p50: 0,
      p95: 0,
      p99: 0,
      max: 0,
      valid: { p50: false, p95: false, p99: false },
    });
  });
});

describe('the window', () => {
  test('agrees with a recomputation from the rows that lie in it', () => {
    const row = fc.record({ gap: fc.integer({ min: 1, max: 900 }), service: fc.integer({ min: 0, max: 300 }) });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 60 }), fc.integer({ min: 5, max: 12 }), (rows, windowS) => {
        const startAt = 1.7e12;
        const { metrics, frame, at } = setup({ windowS, startAt });
        let now = startAt;
        const ends: { at: number; ms: number }[] = [];
        for (const { gap, service } of rows) {
          frame(now, service);
          ends.push({ at: now + service, ms: service });
          now += service + gap;
          at(now);
          const from = Math.max(startAt, startAt + (Math.floor((now - startAt) / 1000) - windowS) * 1000);
          const inside = ends.filter((end) => end.at >= from).map((end) => end.ms);
          const facts = metrics.window(now);
          expect(facts.latencyMs.response.n).toBe(inside.length);
          expect(facts.latencyMs.response.max).toBe(Math.max(0, ...inside));
          expect(facts.ratesPerS.completed).toBeCloseTo((inside.length * 1000) / (now - from), 9);
          const p50 = inside.sort((a, b) => a - b)[Math.ceil(inside.length / 2) - 1] ?? 0;
          expect(Math.abs(facts.latencyMs.response.p50 - p50)).toBeLessThanOrEqual(0.001 * p50);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('forgets, and forgets at once when it is made shorter', () => {
    const { metrics, frame } = setup({ windowS: 30 });
    for (let second = 0; second < 20; second++) frame(second * 1000 + 10, 5);
    expect(metrics.window(20_000).latencyMs.service.n).toBe(20);
    metrics.setWindow(5);
    expect(metrics.window(20_000).latencyMs.service.n).toBe(5);
    expect(metrics.window(60_000).latencyMs.service).toMatchObject({ n: 0, max: 0 });
    expect(metrics.counts().completed).toBe(20);
  });

  test('begins anew at a change, and the whole run keeps what was before', () => {
    const { metrics, frame, at } = setup({ windowS: 30 });
    for (let second = 0; second < 20; second++) frame(second * 1000 + 10, 5);
    at(20_000);
    metrics.restartWindow();
    expect(metrics.window(20_000).latencyMs.service.n).toBe(0);
    for (let second = 20; second < 24; second++) frame(second * 1000 + 10, 50);
    const now = metrics.window(24_000);
    expect(now.latencyMs.service.n).toBe(4);
    expect(now.latencyMs.service.p50).toBeCloseTo(50, 0);
    expect(now.spanMs).toBe(4000);
    expect(metrics.sinceStart(24_000).latencyMs.service.n).toBe(24);
  });

  test("Little's law holds for a queue that is measured right, and not when time is hidden", () => {
    const littleOf = (hiddenMs: number) => {
      const { metrics, at, admit, dequeue } = setup({ windowS: 10 });
      // Every 20 ms two arrive together, each is served 8 ms: one waits 8, so L = (8 + 16) / 20.
      for (let t = 0; t < 10_000; t += 20) {
        at(t);
        const [first, second] = [admit(), admit()];
        dequeue(first);
        at(t + 8);
        first.settle(completed, t + 8 - hiddenMs);
        dequeue(second);
        at(t + 16);
        second.settle(completed, t + 16 - hiddenMs);
      }
      return metrics.window(10_000).littleError;
    };
    expect(littleOf(0)).toBeLessThan(0.001);
    expect(littleOf(2)).toBeGreaterThan(0.05);
  });

  test("Little's check waits for a window of 100 residences", () => {
    const { metrics, frame } = setup();
    for (let i = 0; i < 9; i++) frame(i * 100, 10);
    expect(metrics.window(900).littleError).toBeUndefined();
    frame(900, 10);
    expect(metrics.window(1001).littleError).toBeDefined();
  });

  test("Little's check says nothing while the first frame is still on its way", () => {
    const { metrics, admit, dequeue } = setup();
    dequeue(admit());
    expect(metrics.window(5000).littleError).toBeUndefined();
  });

  test('steady after three spans within 10 %, and no more when the latency climbs', () => {
    const { metrics, frame } = setup({ windowS: 30 });
    let t = 0;
    for (; t < 15_000; t += 100) frame(t, 20);
    expect(metrics.window(14_900).steadyMs).toBeUndefined();
    for (; t < 20_000; t += 100) frame(t, 20);
    expect(metrics.window(20_000).steadyMs).toBe(20_000);
    for (; t < 25_000; t += 100) frame(t, 60);
    expect(metrics.window(25_000).steadyMs).toBeUndefined();
  });

  test('steady means within 10 % of the mean of the three, not of the first', () => {
    const steadyWith = (lastMs: number) => {
      const { metrics, frame } = setup({ windowS: 30 });
      for (let t = 0; t < 15_000; t += 100) frame(t, t < 10_000 ? 20 : lastMs);
      return metrics.window(15_000).steadyMs !== undefined;
    };
    // 22: 6.5 % off the mean 20.7; 24: 12.5 % off the mean 21.3.
    expect([steadyWith(22), steadyWith(24)]).toEqual([true, false]);
  });
});

describe('closed seconds', () => {
  test('each once, gaps included, with time means exact to the boundary however late they are taken', () => {
    const { metrics, at, admit, dequeue } = setup();
    metrics.setLimits({ queue: 1, inFlight: 1 });
    at(500);
    const first = admit();
    dequeue(first);
    at(750);
    admit();
    at(3300);
    const seconds = metrics.takeSeconds(3300);
    expect(seconds.map(({ at: start, offered }) => [start, offered])).toEqual([
      [0, 2],
      [1000, 0],
      [2000, 0],
    ]);
    expect(seconds.map((second) => second.inFlightMean)).toEqual([0.5, 1, 1]);
    expect(seconds.map((second) => second.queuedMean)).toEqual([0.25, 1, 1]);
    expect(seconds.map((second) => second.atLimit)).toEqual([0.25, 1, 1]);
    expect(metrics.takeSeconds(3999)).toEqual([]);
    expect(metrics.takeSeconds(4000).length).toBe(1);
    first.settle(completed, 4000);
    expect(metrics.window(4500).inFlightMean).toBeCloseTo(3500 / 4500, 9);
  });

  test('however they close, one by one or many at once, their areas sum to the time in the system', () => {
    const row = fc.record({ gap: fc.integer({ min: 0, max: 4000 }), stays: fc.integer({ min: 0, max: 9000 }) });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 30 }), (rows) => {
        const startAt = 1.7e12;
        const { metrics, at, admit, dequeue } = setup({ windowS: 5, startAt });
        let arrived = startAt;
        let residence = 0;
        const order: { at: number; run: () => void }[] = [];
        for (const { gap, stays } of rows) {
          arrived += gap;
          residence += stays;
          let delivery: Delivery | undefined;
          order.push({ at: arrived, run: () => (delivery = admit()) });
          order.push({ at: arrived + stays / 2, run: () => delivery && dequeue(delivery) });
          const end = arrived + stays;
          order.push({ at: end, run: () => delivery?.settle(completed, end) });
        }
        order.sort((a, b) => a.at - b.at);
        for (const event of order) {
          at(event.at);
          event.run();
        }
        const last = (order.at(-1)?.at ?? startAt) + 1000;
        const seconds = metrics.takeSeconds(last);
        const area = seconds.reduce((sum, second) => sum + (second.queuedMean + second.inFlightMean) * 1000, 0);
        expect(area).toBeCloseTo(residence, 3);
        expect(seconds.every((second, i) => second.at === startAt + i * 1000)).toBe(true);
      }),
    );
  });

  test('heat cells are ascending and hold every completed frame', () => {
    const { metrics, frame, at } = setup();
    [0.53, 0.57, 12.4, 12.6, 137, 3].forEach((ms, i) => {
      frame(i * 150, ms);
    });
    at(1000);
    const [second] = metrics.takeSeconds(1000);
    expect([...(second?.cellMs ?? [])]).toEqual([Math.fround(0.5), 3, 12, 130]);
    expect([...(second?.cellCount ?? [])]).toEqual([2, 1, 2, 1]);
  });

  test('percentiles reach back as far as they need, and no further', () => {
    const { metrics, frame } = setup();
    const at = (second: number, count: number, ms: number) => {
      for (let i = 0; i < count; i++) frame(second * 1000 + i * 5, ms);
    };
    at(0, 80, 1);
    at(1, 10, 2);
    at(2, 6, 4);
    const [a, b, c] = metrics.takeSeconds(3000);
    expect([a?.p50, a?.p95, a?.p99]).toEqual([1, undefined, undefined]);
    expect([b?.p50, b?.p95]).toEqual([2, 2]);
    // 6 are too few for p50, so it takes the second before; p95 needs all three.
    expect([c?.p50, c?.p95?.toFixed(2), c?.p99]).toEqual([2, '4.00', undefined]);
  });

  test('the whole run is what left the window, the window and the second that runs', () => {
    const { metrics, frame, at } = setup();
    metrics.setWindow(5);
    for (let i = 0; i < 200; i++) frame(i * 100, 1 + (i % 7));
    at(20_500);
    const whole = metrics.sinceStart(20_500);
    expect(whole.latencyMs.response.n).toBe(200);
    expect(metrics.window(20_500).latencyMs.response.n).toBeLessThan(60);
    expect(whole.ratesPerS.completed).toBeCloseTo(200 / 20.5, 6);
    expect(whole.latencyMs.response.max).toBeCloseTo(7, 6);
    const { queueing, late, transfer, prepare, run, decode, unattributed } = whole.stagesMs;
    expect(late + queueing + transfer + prepare + run + decode + unattributed).toBeCloseTo(4, 1);
  });

  test('a rest is no part of a rate, and its seconds stand where they were on the clock', () => {
    const { metrics, frame, at, admit, dequeue } = setup();
    for (let i = 0; i < 25; i++) frame(i * 100, 5);
    at(2500);
    const late = admit();
    dequeue(late);
    metrics.rest();
    // What was in flight ends in the rest, and is counted.
    at(2600);
    late.settle(completed, 2600);
    const resting = metrics.window(9000);
    at(52_500);
    expect(metrics.window(52_500)).toEqual(resting);
    expect(resting.ratesPerS.completed).toBeCloseTo(26 / 2.5, 6);
    metrics.resume();
    for (let i = 0; i < 25; i++) frame(52_500 + i * 100, 5);
    at(55_000);
    expect(metrics.sinceStart(55_000).ratesPerS.completed).toBeCloseTo(51 / 5, 6);
    expect(metrics.takeSeconds(55_500).map((second) => second.at)).toEqual([0, 1000, 52_000, 53_000, 54_000]);
    expect(checkConservation(metrics.counts()).holds).toBe(true);
  });
});
