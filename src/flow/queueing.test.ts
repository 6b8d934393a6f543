/**
 * The gate against queueing theory, a million arrivals each: that is how we know that the numbers are true.
 * Formulas: L. Kleinrock, Queueing Systems I (1975), chapter 3; Erlang B and C by their recursion.
 */
import { describe, expect, test } from 'vitest';
import { constant, experiment, exponential } from './virtualTime.fixture.ts';

const arrivals = 1_000_000;
const serviceMs = 10;

/** Within 3 %. */
const agrees = (measured: number, theory: number) =>
  expect(Math.abs(measured / theory - 1), `${measured} measured, ${theory} in theory`).toBeLessThanOrEqual(0.03);

/** Offered load in erlangs, and the mean gap that gives it. */
const gapFor = (erlangs: number) => serviceMs / erlangs;

/** Probability that all of c servers without a queue are busy (A. K. Erlang, 1917). */
function erlangB(erlangs: number, servers: number): number {
  let blocked = 1;
  for (let c = 1; c <= servers; c++) blocked = (erlangs * blocked) / (c + erlangs * blocked);
  return blocked;
}

/** Probability to wait at all with an endless queue. */
function erlangC(erlangs: number, servers: number): number {
  const blocked = erlangB(erlangs, servers);
  return (servers * blocked) / (servers - erlangs * (1 - blocked));
}

describe('dropNewest with K - 1 places and one slot is M/M/1/K', () => {
  for (const [load, places] of [
    [0.8, 5],
    [1.2, 4],
    [0.5, 3],
  ] as const)
    test(`load ${load}, K ${places}`, { timeout: 60_000 }, () => {
      const measured = experiment({
        settings: { policy: 'dropNewest', capacity: places - 1, maxInFlight: 1 },
        arrivals,
        gapMs: exponential(gapFor(load)),
        serviceMs: exponential(serviceMs),
        seed: 11,
      });
      // p_n = (1 - r) r^n / (1 - r^(K + 1)); blocked when n = K.
      const p = (n: number) => ((1 - load) * load ** n) / (1 - load ** (places + 1));
      agrees(measured.refused / measured.offered, p(places));
      const meanInSystem = Array.from({ length: places + 1 }, (_, n) => n * p(n)).reduce((sum, each) => sum + each, 0);
      agrees(measured.meanInSystem, meanInSystem);
      // Little's law gives the time in the system of the admitted; what is not service is wait.
      const admittedPerMs = (1 - p(places)) / gapFor(load);
      agrees(measured.meanWaitMs, meanInSystem / admittedPerMs - serviceMs);
    });
});

describe('skip with c slots is Erlang B, whatever the distribution of the service', () => {
  for (const [name, service] of [
    ['exponential', exponential(serviceMs)],
    ['constant', constant(serviceMs)],
  ] as const)
    for (const [erlangs, servers] of [
      [2, 3],
      [1, 1],
      [5, 4],
    ] as const)
      test(`${erlangs} erlangs, ${servers} slots, ${name} service`, { timeout: 60_000 }, () => {
        const measured = experiment({
          settings: { policy: 'skip', maxInFlight: servers },
          arrivals,
          gapMs: exponential(gapFor(erlangs)),
          serviceMs: service,
          seed: 12,
        });
        agrees(measured.refused / measured.offered, erlangB(erlangs, servers));
        agrees(measured.meanInSystem, erlangs * (1 - erlangB(erlangs, servers)));
      });
});

describe('dropNewest with endless places and c slots is M/M/c', () => {
  for (const [erlangs, servers] of [
    [1.6, 2],
    [0.7, 1],
    [3, 4],
  ] as const)
    test(`${erlangs} erlangs, ${servers} slots`, { timeout: 60_000 }, () => {
      const measured = experiment({
        settings: { policy: 'dropNewest', capacity: 1_000_000, maxInFlight: servers },
        arrivals,
        gapMs: exponential(gapFor(erlangs)),
        serviceMs: exponential(serviceMs),
        seed: 13,
      });
      expect(measured.refused).toBe(0);
      const waitMs = (erlangC(erlangs, servers) * serviceMs) / (servers - erlangs);
      agrees(measured.meanWaitMs, waitMs);
      agrees(measured.meanInSystem, (waitMs + serviceMs) / gapFor(erlangs));
    });
});

describe('latest before one slot with constant service', () => {
  // A service begins at once when something came during the last one, else after a mean gap: the throughput is
  // 1 / (S + exp(-r) / lambda), and what is not served is dropped.
  for (const [load, drops] of [
    [2, 0.531],
    [1.5, 0.419],
  ] as const)
    test(`${load} times the capacity drops ${drops}`, { timeout: 60_000 }, () => {
      const measured = experiment({
        settings: { policy: 'latest', maxInFlight: 1 },
        arrivals,
        gapMs: exponential(gapFor(load)),
        serviceMs: constant(serviceMs),
        seed: 14,
      });
      const ratio = measured.dropped / measured.offered;
      expect(Math.abs(ratio - drops), `${ratio} measured`).toBeLessThanOrEqual(0.01);
      expect(Math.abs(ratio - (1 - 1 / (load + Math.exp(-load))))).toBeLessThanOrEqual(0.003);
    });
});
