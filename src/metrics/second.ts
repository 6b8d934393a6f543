/** One second of the run as it is gathered: counts, sums of stages and the latencies of what ended in it. */
import type { Delivery } from '../core/delivery.ts';
import { type DropCause, dropCauses, type Outcome } from '../core/outcome.ts';
import { emptyCounts, type Stages } from '../core/snapshot.ts';
import type { Integrals } from './ledger.ts';
import { CellList, type SparseHistogram } from './sparse.ts';
import { cellOf } from './histogram.ts';

/** The engine's time for one frame, without waiting: where it was prepared ahead, it waited in between. */
const serviceMsOf = ({ began, prepared, started, ran }: Delivery['stamps']) => prepared - began + (ran - started);

/** `gap`: from one completion to the next. */
export const latencyKinds = ['response', 'service', 'queueing', 'gap'] as const;
export type LatencyKind = (typeof latencyKinds)[number];

export type StageSums = { -readonly [K in keyof Stages]: number };

export const noStages = (): StageSums => ({
  late: 0,
  queueing: 0,
  batching: 0,
  transfer: 0,
  prepare: 0,
  run: 0,
  ordering: 0,
  decode: 0,
  unattributed: 0,
  present: 0,
  publish: 0,
});

export const stageNames = Object.keys(noStages()) as (keyof StageSums)[];

/** A stage whose moments are not both known counts as 0, so that its time shows up as unattributed. */
const span = (from: number, to: number) => (Number.isNaN(to - from) ? 0 : to - from);

/** Told of each latency as it is recorded, as a cell of a histogram. */
export type OnLatency = (kind: LatencyKind, cell: number) => void;

export class Second {
  offered = 0;
  admitted = 0;
  completed = 0;
  /** Completed within the deadline. */
  good = 0;
  failed = 0;
  readonly dropped: Record<DropCause, number> = emptyCounts().dropped;
  readonly stages = noStages();
  presented = 0;
  /** Dropped at any place, failed, or completed after the deadline. */
  misses = 0;
  /** Sum over the completed, ms, and of squares, ms^2. */
  responseSum = 0;
  responseSquares = 0;
  /** Of the result on screen: the integral of its age, ms^2, over how long, ms, and the largest, ms. */
  ageArea = 0;
  agedMs = 0;
  agePeak = 0;
  /** Enqueued to settled, ms, over all admitted that ended here, drops included: W of Little's law. */
  residenceSum = 0;
  residences = 0;
  readonly maxMs: Record<LatencyKind, number> = { response: 0, service: 0, queueing: 0, gap: 0 };
  readonly #lists = {
    response: new CellList(),
    service: new CellList(),
    queueing: new CellList(),
    gap: new CellList(),
  };

  constructor(readonly at: number) {}

  /** @param gapMs since the completion before; undefined: there was none */
  settled(
    { stamps, deadlineMs: own }: Delivery,
    outcome: Outcome,
    deadlineMs: number | null,
    gapMs: number | undefined,
    onLatency: OnLatency,
  ): void {
    if (!Number.isNaN(stamps.enqueued)) {
      const left = Number.isNaN(stamps.dequeued) ? stamps.settled : stamps.dequeued;
      this.#latency('queueing', left - stamps.enqueued, onLatency);
      this.residenceSum += stamps.settled - stamps.enqueued;
      this.residences += 1;
    }
    if (outcome.kind === 'dropped') {
      this.dropped[outcome.cause] += 1;
      this.misses += 1;
    } else if (outcome.kind === 'failed') {
      this.failed += 1;
      this.misses += 1;
    } else if (outcome.kind === 'completed') {
      this.completed += 1;
      const response = stamps.decoded - stamps.scheduled;
      // What a frame says of itself is stricter than what is wanted of all.
      const limit = own ?? deadlineMs;
      if (limit === null || response <= limit) this.good += 1;
      else this.misses += 1;
      if (gapMs !== undefined) this.#latency('gap', gapMs, onLatency);
      if (Number.isNaN(response)) return;
      this.responseSum += response;
      this.responseSquares += response * response;
      this.#latency('response', response, onLatency);
      this.#latency('service', serviceMsOf(stamps), onLatency);
      this.#stages(stamps, response);
    }
  }

  /** Adds another second's counts and sums, but not its latencies: those live in histograms. */
  absorb(other: Second): void {
    this.offered += other.offered;
    this.admitted += other.admitted;
    this.completed += other.completed;
    this.good += other.good;
    this.failed += other.failed;
    this.presented += other.presented;
    this.misses += other.misses;
    this.responseSum += other.responseSum;
    this.responseSquares += other.responseSquares;
    this.ageArea += other.ageArea;
    this.agedMs += other.agedMs;
    this.agePeak = Math.max(this.agePeak, other.agePeak);
    this.residenceSum += other.residenceSum;
    this.residences += other.residences;
    for (const cause of dropCauses) this.dropped[cause] += other.dropped[cause];
    for (const stage of stageNames) this.stages[stage] += other.stages[stage];
    for (const kind of latencyKinds) this.maxMs[kind] = Math.max(this.maxMs[kind], other.maxMs[kind]);
  }

  showed({ stamps }: Delivery): void {
    this.presented += 1;
    this.stages.present += span(stamps.decoded, stamps.presented);
  }

  /** A result was on screen from one moment to another, ms after it should have arrived. */
  aged(from: number, to: number): void {
    this.ageArea += ((from + to) / 2) * (to - from);
    this.agedMs += to - from;
    this.agePeak = Math.max(this.agePeak, to);
  }

  /** DESIGN.md section 3. What no stage explains is a stage of its own, so that the stages sum to the response. */
  #stages(stamps: Delivery['stamps'], response: number): void {
    const late = span(stamps.scheduled, stamps.arrived);
    const queueing = span(stamps.enqueued, stamps.dequeued);
    const batched = Number.isNaN(stamps.batched) ? stamps.dequeued : stamps.batched;
    const batching = span(stamps.dequeued, batched);
    const transfer =
      span(batched, stamps.began) + span(stamps.prepared, stamps.started) + span(stamps.ran, stamps.returned);
    const prepare = span(stamps.began, stamps.prepared);
    const run = span(stamps.started, stamps.ran);
    const ordered = Number.isNaN(stamps.ordered) ? stamps.returned : stamps.ordered;
    const ordering = span(stamps.returned, ordered);
    const decode = span(ordered, stamps.decoded);
    const { stages } = this;
    stages.late += late;
    stages.queueing += queueing;
    stages.batching += batching;
    stages.transfer += transfer;
    stages.prepare += prepare;
    stages.run += run;
    stages.ordering += ordering;
    stages.decode += decode;
    stages.unattributed += response - late - queueing - batching - transfer - prepare - run - ordering - decode;
    stages.publish += span(stamps.decoded, stamps.settled);
  }

  #latency(kind: LatencyKind, ms: number, onLatency: OnLatency): void {
    if (Number.isNaN(ms)) return;
    const cell = cellOf(ms);
    this.#lists[kind].push(cell);
    if (ms > this.maxMs[kind]) this.maxMs[kind] = ms;
    onLatency(kind, cell);
  }

  /** Ends the second; `area` is what the integrals of the live counters grew by in it. */
  close(area: Integrals): ClosedSecond {
    return Object.assign(this, {
      area,
      latencies: {
        response: this.#lists.response.take(),
        service: this.#lists.service.take(),
        queueing: this.#lists.queueing.take(),
        gap: this.#lists.gap.take(),
      },
    });
  }
}

export type ClosedSecond = Second & {
  readonly area: Integrals;
  readonly latencies: Readonly<Record<LatencyKind, SparseHistogram>>;
};
