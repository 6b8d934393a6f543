/** A gate before c servers in virtual time: arrivals and services from seeded distributions, a million frames in a second or two. */
import { BehaviorSubject, Subject } from 'rxjs';
import { createRandom } from '../core/createRandom.ts';
import { Delivery, type FlowObserver } from '../core/delivery.ts';
import type { Payload } from '../core/payload.ts';
import { type AllSettings, base, gateAlone } from './gate.fixture.ts';

export interface Experiment {
  readonly settings: Partial<AllSettings>;
  readonly arrivals: number;
  /** Time to the next arrival and of one service, ms, from a random number in 0..1. */
  readonly gapMs: (random: number) => number;
  readonly serviceMs: (random: number) => number;
  readonly seed: number;
}

export interface Outcome {
  readonly offered: number;
  readonly refused: number;
  readonly completed: number;
  /** Dropped after admission. */
  readonly dropped: number;
  /** enqueued to dequeued over the completed, ms. */
  readonly meanWaitMs: number;
  /** Time mean of queued and in flight together, from the integral of the counters. */
  readonly meanInSystem: number;
  readonly elapsedMs: number;
}

const payload: Payload = { kind: 'scene', seed: 0, t: 0, width: 1, height: 1, difficulty: 0, motion: 1 };

/** Inverse of the exponential distribution function. */
export const exponential = (meanMs: number) => (random: number) => -Math.log(1 - random) * meanMs;
export const constant = (ms: number) => () => ms;

export function experiment({ settings, arrivals, gapMs, serviceMs, seed }: Experiment): Outcome {
  // Seeds of their own for arrivals and services, so that one does not shift the other.
  const gaps = createRandom(seed);
  const services = createRandom(seed ^ 0x9e3779b9);
  const source = new Subject<Delivery<Payload>>();
  const all: AllSettings = { ...base, maxOpen: 1024, ...settings };
  /** Ends of the services that run, soonest first: at most as many as there are slots. */
  const running: { readonly ends: number; readonly delivery: Delivery<Payload> }[] = [];
  const counts = { offered: 0, refused: 0, completed: 0, dropped: 0 };
  let now = 0;
  let waited = 0;
  let inSystem = 0;
  let area = 0;
  let last = 0;
  const change = (by: number) => {
    area += inSystem * (now - last);
    last = now;
    inSystem += by;
  };
  const observer: FlowObserver = {
    offered: () => {
      counts.offered += 1;
    },
    admitted: () => change(1),
    dequeued: () => {},
    settled({ stamps }, outcome) {
      if (Number.isNaN(stamps.enqueued)) counts.refused += 1;
      else {
        change(-1);
        if (outcome.kind === 'completed') {
          counts.completed += 1;
          waited += stamps.dequeued - stamps.enqueued;
        } else counts.dropped += 1;
      }
    },
    missed: () => {},
  };
  const clock = { now: () => now };
  const subscription = gateAlone({ pausable: false, open: () => source }, new BehaviorSubject(all), {
    clock,
    observer,
  }).subscribe((delivery) => {
    const ends = now + serviceMs(services());
    let at = running.length;
    while (at > 0 && (running[at - 1]?.ends ?? 0) > ends) at -= 1;
    running.splice(at, 0, { ends, delivery });
  });
  const serveUntil = (time: number) => {
    for (let next = running[0]; next !== undefined && next.ends <= time; next = running[0]) {
      now = next.ends;
      running.shift();
      next.delivery.settle({ kind: 'completed' }, now);
    }
    now = time;
  };
  let due = 0;
  for (let id = 0; id < arrivals; id++) {
    due += gapMs(gaps());
    serveUntil(due);
    source.next(new Delivery({ id, source: 's', payload, bytes: 0, scheduled: now, arrived: now }));
  }
  change(0);
  const elapsedMs = now;
  subscription.unsubscribe();
  return { ...counts, meanWaitMs: waited / counts.completed, meanInSystem: area / elapsedMs, elapsedMs };
}
