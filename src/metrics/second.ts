/** One second of the run as it is gathered: counts, stage sums and the cells of its latencies, sparse. */
import type { DropCause } from '../core/outcome.ts';
import { emptyCounts, type Stages } from '../core/snapshot.ts';
import { cellOf } from './histogram.ts';
import type { Integrals } from './ledger.ts';

/** A growing list of small integers, for the cells of one second. */
export class Cells {
  #items = new Uint16Array(32);
  length = 0;

  push(cell: number): void {
    if (this.length === this.#items.length) {
      const larger = new Uint16Array(this.length * 2);
      larger.set(this.#items);
      this.#items = larger;
    }
    this.#items[this.length++] = cell;
  }

  view(): Uint16Array {
    return this.#items.subarray(0, this.length);
  }
}

export type StageSums = { -readonly [K in keyof Stages]: number };

export const noStages = (): StageSums => ({
  late: 0,
  queueing: 0,
  transfer: 0,
  prepare: 0,
  run: 0,
  decode: 0,
  unattributed: 0,
  present: 0,
  publish: 0,
});

export class Second {
  offered = 0;
  admitted = 0;
  completed = 0;
  good = 0;
  failed = 0;
  readonly dropped: Record<DropCause, number> = emptyCounts().dropped;
  readonly stages = noStages();
  presented = 0;
  responseSum = 0;
  /** Residence of all that were admitted and ended here, drops included: W of Little's law. */
  residenceSum = 0;
  residences = 0;
  readonly response = new Cells();
  readonly service = new Cells();
  readonly queueing = new Cells();
  responseMax = 0;
  serviceMax = 0;
  queueingMax = 0;
  /** What the ledger's integrals grew by in this second. */
  area: Integrals = { queued: 0, inFlight: 0, atLimit: 0 };
  ms = 1000;

  constructor(readonly at: number) {}

  record(kind: 'response' | 'service' | 'queueing', ms: number): number {
    const cell = cellOf(ms);
    this[kind].push(cell);
    const max = `${kind}Max` as const;
    if (ms > this[max]) this[max] = ms;
    return cell;
  }
}
