/**
 * Turns settled deliveries into numbers: exact counts since the start, and everything else over a trailing window.
 * Seconds are gathered as they pass; the window is their sum, so nothing is ever averaged twice.
 */
import type { Clock } from '../core/clock.ts';
import type { Delivery, FlowObserver } from '../core/delivery.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Counts, Percentiles, Snapshot, Stages } from '../core/snapshot.ts';
import type { SecondSlice } from '../core/telemetry.ts';
import { closeSecond } from './closeSecond.ts';
import { Histogram } from './histogram.ts';
import { createLedger, type Integrals } from './ledger.ts';
import { noStages, Second } from './second.ts';
import { steadySince } from './steady.ts';
import { samplesFor } from './validity.ts';

export interface WindowFacts {
  readonly ratesPerS: Snapshot['ratesPerS'];
  readonly latencyMs: Snapshot['latencyMs'];
  readonly stagesMs: Stages;
  readonly dropsPerS: Counts['dropped'];
  readonly failedPerS: number;
  /** (late + dropped + failed) / offered, 0..1 */
  readonly missRatio: number;
  readonly inFlightMean: number;
  /** |L - lambda W| / L; undefined below a window of 100 W. */
  readonly littleError: number | undefined;
  /** For how long throughput and latency have been steady, ms. */
  readonly steadyMs: number | undefined;
}

export interface Metrics {
  readonly observer: FlowObserver;
  /** A completed frame was drawn: its `present` stage is known. */
  presented(delivery: Delivery): void;
  counts(): Counts;
  sources(): Record<string, Counts>;
  window(now: number): WindowFacts;
  /** Seconds closed since the last call. */
  takeSeconds(now: number): SecondSlice[];
  setWindow(windowS: number): void;
  setDeadline(deadlineMs: number | null): void;
  setQueueLimit(limit: number): void;
}

export interface MetricsOptions {
  readonly clock: Clock;
  readonly windowS: number;
  readonly deadlineMs: number | null;
}

const kinds = ['response', 'service', 'queueing'] as const;

export function createMetrics(options: MetricsOptions): Metrics {
  const { clock } = options;
  const ledger = createLedger(clock);
  const started = clock.now();
  let windowS = options.windowS;
  let deadlineMs = options.deadlineMs;
  let current = new Second(started);
  let areaBefore: Integrals = ledger.integrals();
  let past: Second[] = [];
  let slices: SecondSlice[] = [];
  let steadyFrom: number | undefined;
  const histograms = { response: new Histogram(), service: new Histogram(), queueing: new Histogram() };

  /** Closes every second that has passed; a second without events still closes, so that gaps stay gaps. */
  function advance(now: number): void {
    while (now - current.at >= 1000) {
      const area = ledger.integrals();
      // Several seconds at once share the integral: nothing happened in between, or a tick would have come.
      const whole = Math.max(1, Math.floor((now - current.at) / 1000));
      const part = (key: keyof Integrals) => (area[key] - areaBefore[key]) / whole;
      current.area = { queued: part('queued'), inFlight: part('inFlight'), atLimit: part('atLimit') };
      areaBefore = {
        queued: areaBefore.queued + current.area.queued,
        inFlight: areaBefore.inFlight + current.area.inFlight,
        atLimit: areaBefore.atLimit + current.area.atLimit,
      };
      past.push(current);
      slices.push(closeSecond(current, past));
      steadyFrom = steadySince(past, windowS, steadyFrom);
      current = new Second(current.at + 1000);
      forget();
    }
  }

  function forget(): void {
    while (past.length > windowS) {
      const gone = past.shift();
      if (gone === undefined) return;
      for (const kind of kinds) for (const cell of gone[kind].view()) histograms[kind].add(cell, -1);
    }
  }

  function settled(delivery: Delivery, outcome: Outcome): void {
    ledger.settled(delivery, outcome);
    const { stamps } = delivery;
    advance(stamps.settled);
    const record = (kind: (typeof kinds)[number], ms: number) => histograms[kind].add(current.record(kind, ms), 1);
    if (!Number.isNaN(stamps.enqueued)) {
      const ended = Number.isNaN(stamps.dequeued) ? stamps.settled : stamps.dequeued;
      record('queueing', ended - stamps.enqueued);
      current.residenceSum += stamps.settled - stamps.enqueued;
      current.residences += 1;
    }
    switch (outcome.kind) {
      case 'dropped':
        current.dropped[outcome.cause] += 1;
        return;
      case 'failed':
        current.failed += 1;
        return;
      case 'released':
        return;
      case 'completed': {
        const response = stamps.decoded - stamps.scheduled;
        current.completed += 1;
        if (deadlineMs === null || response <= deadlineMs) current.good += 1;
        current.responseSum += response;
        record('response', response);
        record('service', stamps.ran - stamps.began);
        const stages = current.stages;
        const late = stamps.arrived - stamps.scheduled;
        const queueing = stamps.dequeued - stamps.enqueued;
        const transfer = stamps.began - stamps.dequeued + (stamps.returned - stamps.ran);
        const prepare = stamps.prepared - stamps.began;
        const run = stamps.ran - stamps.prepared;
        const decode = stamps.decoded - stamps.returned;
        stages.late += late;
        stages.queueing += queueing;
        stages.transfer += transfer;
        stages.prepare += prepare;
        stages.run += run;
        stages.decode += decode;
        stages.unattributed += response - (late + queueing + transfer + prepare + run + decode);
        stages.publish += stamps.settled - stamps.decoded;
      }
    }
  }

  return {
    observer: {
      offered(delivery) {
        advance(clock.now());
        ledger.offered(delivery);
        current.offered += 1;
      },
      admitted(delivery) {
        ledger.admitted(delivery);
        current.admitted += 1;
      },
      dequeued: (delivery) => ledger.dequeued(delivery),
      settled,
      missed: (source, count) => ledger.missed(source, count),
    },
    presented({ stamps }) {
      current.presented += 1;
      current.stages.present += stamps.presented - stamps.decoded;
    },
    counts: () => ledger.counts(),
    sources: () => ledger.sources(),
    window(now) {
      advance(now);
      const seconds = [...past, current];
      const spanMs = Math.max(1, now - (seconds[0]?.at ?? now));
      const sum = (pick: (second: Second) => number) => seconds.reduce((total, second) => total + pick(second), 0);
      const perS = (count: number) => (count * 1000) / spanMs;
      const completed = sum((second) => second.completed);
      const dropsPerS = { ...current.dropped };
      let dropped = 0;
      for (const cause of Object.keys(dropsPerS) as (keyof typeof dropsPerS)[]) {
        const count = sum((second) => second.dropped[cause]);
        dropped += count;
        dropsPerS[cause] = perS(count);
      }
      const offered = sum((second) => second.offered);
      const admitted = sum((second) => second.admitted);
      const failed = sum((second) => second.failed);
      const good = sum((second) => second.good);
      const stages = noStages();
      for (const key of Object.keys(stages) as (keyof Stages)[]) {
        const of = key === 'present' ? sum((second) => second.presented) : completed;
        stages[key] = of === 0 ? 0 : sum((second) => second.stages[key]) / of;
      }
      const open = ledger.integrals();
      const area = (key: keyof Integrals) =>
        past.reduce((total, second) => total + second.area[key], 0) + open[key] - areaBefore[key];
      return {
        ratesPerS: {
          offered: perS(offered),
          admitted: perS(admitted),
          completed: perS(completed),
          dropped: perS(dropped),
          goodput: perS(good),
        },
        latencyMs: {
          response: percentilesOf(histograms.response, Math.max(...seconds.map((second) => second.responseMax))),
          service: percentilesOf(histograms.service, Math.max(...seconds.map((second) => second.serviceMax))),
          queueing: percentilesOf(histograms.queueing, Math.max(...seconds.map((second) => second.queueingMax))),
        },
        stagesMs: stages,
        dropsPerS,
        failedPerS: perS(failed),
        missRatio: offered === 0 ? 0 : (completed - good + dropped + failed) / offered,
        inFlightMean: area('inFlight') / spanMs,
        littleError: littleError({
          spanMs,
          meanInSystem: (area('queued') + area('inFlight')) / spanMs,
          admitted,
          residenceMs:
            sum((second) => second.residenceSum) /
            Math.max(
              1,
              sum((second) => second.residences),
            ),
        }),
        steadyMs: steadyFrom === undefined ? undefined : now - steadyFrom,
      };
    },
    takeSeconds(now) {
      advance(now);
      const taken = slices;
      slices = [];
      return taken;
    },
    setWindow(next) {
      windowS = next;
      steadyFrom = undefined;
      forget();
    },
    setDeadline(next) {
      deadlineMs = next;
    },
    setQueueLimit: (limit) => ledger.setQueueLimit(limit),
  };
}

/** Little's law, L = lambda W, as a check of our own instruments. Undefined until the window holds 100 residences in time. */
export function littleError(facts: {
  readonly spanMs: number;
  readonly meanInSystem: number;
  readonly admitted: number;
  readonly residenceMs: number;
}): number | undefined {
  const { spanMs, meanInSystem, admitted, residenceMs } = facts;
  if (admitted === 0 || meanInSystem <= 0 || spanMs < 100 * residenceMs) return undefined;
  return Math.abs(meanInSystem - (admitted / spanMs) * residenceMs) / meanInSystem;
}

function percentilesOf(histogram: Histogram, max: number): Percentiles {
  const n = histogram.count;
  const [p50 = 0, p95 = 0, p99 = 0] = histogram.percentiles([0.5, 0.95, 0.99]);
  const valid = (q: number) => n >= samplesFor(q);
  return { n, p50, p95, p99, max: n === 0 ? 0 : max, valid: { p50: valid(0.5), p95: valid(0.95), p99: valid(0.99) } };
}
