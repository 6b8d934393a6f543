/** What a work queue's numbers are made of; it outlives a pause, so that they go on where they were. */
import type { Percentiles } from '../core/snapshot.ts';
import { createWorkLedger, type WorkLedger } from './workCounts.ts';

/** A histogram of durations; `metrics/` has the one that all of Weir uses. */
export interface Times {
  record(ms: number): void;
  read(): Percentiles;
}

export interface WorkMemory {
  readonly ledger: WorkLedger;
  readonly wait: Times;
  readonly run: Times;
  readonly total: Times;
  readonly publish: Times;
}

export function createWorkMemory(createTimes: () => Times): WorkMemory {
  return {
    ledger: createWorkLedger(),
    wait: createTimes(),
    run: createTimes(),
    total: createTimes(),
    publish: createTimes(),
  };
}
