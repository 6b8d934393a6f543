/**
 * Turns what the gate tells into numbers: exact counts since the start, everything else over a trailing window.
 * One per run: what is still in flight when the next run begins settles in the counts that it was admitted to.
 */
import type { Clock } from '../core/clock.ts';
import type { Delivery, FlowObserver } from '../core/delivery.ts';
import type { Counts } from '../core/snapshot.ts';
import type { SecondSlice } from '../core/telemetry.ts';
import { createFrameLog, type LoggedFrame } from './frameLog.ts';
import type { Histogram } from './histogram.ts';
import { createLedger } from './ledger.ts';
import type { LatencyKind } from './second.ts';
import { createWindow, type Limits } from './window.ts';
import type { WindowFacts } from './windowFacts.ts';

export interface MetricsOptions {
  readonly clock: Clock;
  /** Whole seconds. */
  readonly windowS: number;
  /** Largest response time of a good result, ms; null: every result is good. */
  readonly deadlineMs: number | null;
}

export interface Metrics {
  readonly observer: FlowObserver;
  /** A completed frame was drawn: its `present` stage is known. */
  presented(delivery: Delivery): void;
  /** No result is on screen any more. */
  blank(): void;
  /** Since the start, exact. */
  counts(): Counts;
  sources(): Record<string, Counts>;
  /** Over the last `windowS` closed seconds and the one that runs; `now` in ms on the clock. */
  window(now: number): WindowFacts;
  /** The same numbers over the whole run. */
  sinceStart(now: number): WindowFacts;
  /** Of the whole run. */
  histograms(): Readonly<Record<LatencyKind, Histogram>>;
  /** The last frames, those that ended at `from` or later, ms on the clock. */
  frames(from: number): readonly LoggedFrame[];
  /** Seconds closed since the last call. */
  takeSeconds(now: number): SecondSlice[];
  /** Time stands still until `resume`: a pause is no part of a rate. What settles meanwhile is counted all the same. */
  rest(): void;
  resume(): void;
  setWindow(windowS: number): void;
  setDeadline(deadlineMs: number | null): void;
  /** Something that rates and latencies depend on has changed: means from before would describe another station. */
  restartWindow(): void;
  /** Places of the queue (0: no queue), for the share of time it stood at its limit; and slots, for the charts. */
  setLimits(limits: Limits): void;
}

export function createMetrics({ clock, windowS, deadlineMs }: MetricsOptions): Metrics {
  /** Time of this run: the clock without its rests. */
  let now = clock.now();
  let restedMs = 0;
  let restingSince: number | undefined;
  /** Closed before a rest, and therefore shifted already. */
  let slices: SecondSlice[] = [];
  const log = createFrameLog();
  const ledger = createLedger({ now: () => now });
  const window = createWindow({ startAt: now, windowS, deadlineMs, integrals: (at) => ledger.integrals(at) });

  /** One reading of the clock for each event; the seconds before it close on the counters as they stood then. */
  function tick(at = clock.now()): void {
    now = Math.max(now, (restingSince ?? at) - restedMs);
    window.advance(now);
  }

  /** Charts show seconds where they were on the clock. */
  function shift(): void {
    slices.push(...window.takeSeconds().map((slice) => ({ ...slice, at: slice.at + restedMs })));
  }

  return {
    observer: {
      offered(delivery) {
        tick();
        ledger.offered(delivery);
        window.offered();
      },
      admitted(delivery) {
        tick();
        ledger.admitted(delivery);
        window.admitted();
      },
      dequeued(delivery) {
        tick();
        ledger.dequeued(delivery);
      },
      settled(delivery, outcome) {
        tick();
        ledger.settled(delivery, outcome);
        window.settled(delivery, outcome);
        log.settled(delivery, outcome);
      },
      missed: (source, count) => ledger.missed(source, count),
    },
    presented(delivery) {
      tick();
      window.presented(delivery);
    },
    blank() {
      tick();
      window.blank();
    },
    counts: () => ledger.snapshot(),
    sources: () => ledger.sources(),
    window(at) {
      tick(at);
      return window.facts(now);
    },
    sinceStart(at) {
      tick(at);
      return window.factsSinceStart(now);
    },
    histograms: () => window.histogramsSinceStart(),
    frames: (from) => log.since(from),
    takeSeconds(at) {
      tick(at);
      shift();
      const taken = slices;
      slices = [];
      return taken;
    },
    rest() {
      tick();
      window.rest();
      restingSince ??= clock.now();
    },
    resume() {
      if (restingSince === undefined) return;
      shift();
      restedMs += clock.now() - restingSince;
      restingSince = undefined;
    },
    setWindow: (next) => window.setWindow(next),
    setDeadline: (next) => window.setDeadline(next),
    restartWindow() {
      tick();
      window.restart();
    },
    setLimits(limits) {
      tick();
      ledger.setQueueLimit(limits.queue);
      window.setLimits(limits);
    },
  };
}
