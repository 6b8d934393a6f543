/**
 * The trailing window: a ring of seconds, gathered as they pass, and histograms from which the oldest second is taken out.
 * A frame costs a few additions; whoever asks for the numbers pays for their sums.
 */
import type { Delivery } from '../core/delivery.ts';
import type { Outcome } from '../core/outcome.ts';
import type { SecondSlice } from '../core/telemetry.ts';
import { closeSecond } from './closeSecond.ts';
import { Histogram } from './histogram.ts';
import type { Integrals } from './ledger.ts';
import { type ClosedSecond, type LatencyKind, latencyKinds, type OnLatency, Second } from './second.ts';
import { steadySince } from './steady.ts';
import { type WindowFacts, windowFacts } from './windowFacts.ts';

export interface WindowOptions {
  /** ms on the clock. */
  readonly startAt: number;
  readonly windowS: number;
  readonly deadlineMs: number | null;
  /** Integrals of the live counters up to a moment; asked at the end of each second, before anything later is counted. */
  readonly integrals: (at: number) => Integrals;
}

/** In force, for the charts. */
export interface Limits {
  readonly queue: number;
  readonly inFlight: number;
}

export interface TrailingWindow {
  /** Closes every second that has ended; one without events closes too, so that gaps stay gaps. */
  advance(now: number): void;
  offered(): void;
  admitted(): void;
  settled(delivery: Delivery, outcome: Outcome): void;
  presented(delivery: Delivery): void;
  /** Nothing is on screen any more that could grow old. */
  blank(): void;
  /** What comes next does not follow on what was before. */
  rest(): void;
  /** Of each closed second from now on. */
  setLimits(limits: Limits): void;
  facts(now: number): WindowFacts;
  /** The same numbers since the start of the run. */
  factsSinceStart(now: number): WindowFacts;
  histogramsSinceStart(): Record<LatencyKind, Histogram>;
  takeSeconds(): SecondSlice[];
  setWindow(windowS: number): void;
  setDeadline(deadlineMs: number | null): void;
  /** The window begins anew with the second that runs; what was before counts for the whole run only. */
  restart(): void;
}

export function createWindow({ startAt, integrals, ...options }: WindowOptions): TrailingWindow {
  let { windowS, deadlineMs } = options;
  let current = new Second(startAt);
  let before = integrals(startAt);
  let slices: SecondSlice[] = [];
  let steadyFrom: number | undefined;
  const past: ClosedSecond[] = [];
  const histograms = newHistograms();
  /** What has left the window, so that the whole run is this, the window and the second that runs. */
  const gone = new Second(startAt);
  const goneHistograms = newHistograms();
  let goneArea: Integrals = { queued: 0, inFlight: 0, atLimit: 0 };
  const onLatency: OnLatency = (kind, cell) => histograms[kind].add(cell, 1);

  /** Time of the run, and the last completion in it. */
  let time = startAt;
  let completedAt: number | undefined;
  /** When the result on screen was drawn, and how old it was. */
  let shown: { readonly at: number; readonly ageMs: number } | undefined;
  /** Up to then its age is counted. */
  let agedTo = startAt;
  let limits: Limits = { queue: 0, inFlight: 0 };

  /** What is on screen grows older also while nothing new comes; each second has its own share. */
  function age(to: number): void {
    if (shown !== undefined && to > agedTo) current.aged(shown.ageMs + agedTo - shown.at, shown.ageMs + to - shown.at);
    agedTo = Math.max(agedTo, to);
  }

  function advance(now: number): void {
    time = now;
    while (now - current.at >= 1000) {
      const end = current.at + 1000;
      age(end);
      const after = integrals(end);
      past.push(current.close(difference(after, before)));
      before = after;
      forget();
      const slice = closeSecond(past, limits);
      if (slice !== undefined) slices.push(slice);
      steadyFrom = steadySince(past, windowS, steadyFrom);
      current = new Second(end);
    }
  }

  function blank(): void {
    age(time);
    shown = undefined;
  }

  function forget(keep = windowS): void {
    while (past.length > keep) {
      const oldest = past.shift();
      if (oldest === undefined) return;
      for (const kind of latencyKinds) {
        histograms[kind].addSparse(oldest.latencies[kind], -1);
        goneHistograms[kind].addSparse(oldest.latencies[kind], 1);
      }
      gone.absorb(oldest);
      goneArea = total(goneArea, oldest.area);
    }
  }

  function whole(): Record<LatencyKind, Histogram> {
    const all = newHistograms();
    for (const kind of latencyKinds) {
      all[kind].merge(goneHistograms[kind]);
      all[kind].merge(histograms[kind]);
    }
    return all;
  }

  return {
    histogramsSinceStart: whole,
    advance,
    offered() {
      current.offered += 1;
    },
    admitted() {
      current.admitted += 1;
    },
    settled(delivery, outcome) {
      const completed = outcome.kind === 'completed';
      const gapMs = completed && completedAt !== undefined ? time - completedAt : undefined;
      current.settled(delivery, outcome, deadlineMs, gapMs, onLatency);
      if (completed) completedAt = time;
    },
    presented(delivery) {
      current.showed(delivery);
      age(time);
      shown = { at: time, ageMs: delivery.stamps.presented - delivery.stamps.scheduled };
    },
    rest() {
      completedAt = undefined;
      blank();
    },
    blank,
    setLimits(next) {
      limits = next;
    },
    facts(now) {
      age(now);
      let area = difference(integrals(now), before);
      for (const second of past) area = total(area, second.area);
      return windowFacts({
        spanMs: Math.max(1, now - (past[0] ?? current).at),
        seconds: [...past, current],
        histograms,
        area,
        steadyMs: steadyFrom === undefined ? undefined : now - steadyFrom,
        stallMs: completedAt === undefined ? 0 : now - completedAt,
      });
    },
    factsSinceStart(now) {
      age(now);
      let area = total(goneArea, difference(integrals(now), before));
      for (const second of past) area = total(area, second.area);
      return windowFacts({
        spanMs: Math.max(1, now - startAt),
        seconds: [gone, ...past, current],
        histograms: whole(),
        area,
        steadyMs: undefined,
        stallMs: completedAt === undefined ? 0 : now - completedAt,
      });
    },
    takeSeconds() {
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
    restart() {
      steadyFrom = undefined;
      forget(0);
    },
  };
}

const newHistograms = (): Record<LatencyKind, Histogram> => ({
  response: new Histogram(),
  service: new Histogram(),
  queueing: new Histogram(),
  gap: new Histogram(),
});

const difference = (a: Integrals, b: Integrals): Integrals => ({
  queued: a.queued - b.queued,
  inFlight: a.inFlight - b.inFlight,
  atLimit: a.atLimit - b.atLimit,
});

const total = (a: Integrals, b: Integrals): Integrals => ({
  queued: a.queued + b.queued,
  inFlight: a.inFlight + b.inFlight,
  atLimit: a.atLimit + b.atLimit,
});
