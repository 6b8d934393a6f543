/** The public picture of a running station: what `weir.snapshot()` returns. Plain JSON; names are fixed. */
import type { GpuHeld } from './engine.ts';
import type { ErrorCode } from './errors.ts';
import type { DropCause } from './outcome.ts';
import type { ModelRepair } from './repair.ts';
import type { TensorInfo } from './tensor.ts';
import type { TruthObject } from './truth.ts';
import type { WorkFacts } from './work.ts';

export interface Counts {
  offered: number;
  refused: number;
  admitted: number;
  completed: number;
  failed: number;
  dropped: Record<DropCause, number>;
  released: number;
  queued: number;
  inFlight: number;
  missed: number;
}

export function emptyCounts(): Counts {
  return {
    offered: 0,
    refused: 0,
    admitted: 0,
    completed: 0,
    failed: 0,
    dropped: { newest: 0, oldest: 0, superseded: 0, expired: 0, shed: 0, cancelled: 0, shutdown: 0 },
    released: 0,
    queued: 0,
    inFlight: 0,
    missed: 0,
  };
}

export interface Percentiles {
  readonly n: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  /** Whether n is large enough for each percentile (DESIGN.md section 3). */
  readonly valid: { readonly p50: boolean; readonly p95: boolean; readonly p99: boolean };
}

/** Over all that ended, what was not completed counting as infinite: what the source experiences. Null: not served. */
export interface OfferedPercentiles {
  readonly n: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly valid: Percentiles['valid'];
}

/** How evenly results come, ms. */
export interface Jitter {
  /** Standard deviation of the response time. */
  readonly deviation: number;
  /** p99 - p50 of the response time. */
  readonly spread: number;
  /** From one completion to the next: 99th percentile, and the longest, the one that lasts included. */
  readonly gapP99: number;
  readonly longestStall: number;
}

/** Age of information: now - scheduled of the newest result on screen, ms. */
/** Undefined while nothing is on screen. */
export interface Age {
  readonly mean: number | undefined;
  readonly peak: number | undefined;
}

export interface Stages {
  readonly late: number;
  readonly queueing: number;
  /** Waiting for the others of its batch. */
  readonly batching: number;
  readonly transfer: number;
  readonly prepare: number;
  readonly run: number;
  /** Waiting for earlier frames, where results leave in the order of arrival. */
  readonly ordering: number;
  readonly decode: number;
  readonly unattributed: number;
  readonly present: number;
  readonly publish: number;
}

export type StationState = 'idle' | 'loading' | 'running' | 'paused' | 'failed';

export interface Snapshot {
  readonly state: StationState;
  readonly error?: { readonly code: ErrorCode; readonly message: string };
  readonly counts: Counts;
  readonly sources: Readonly<Record<string, Counts>>;
  readonly ratesPerS: {
    readonly offered: number;
    readonly admitted: number;
    readonly completed: number;
    readonly dropped: number;
    readonly goodput: number;
  };
  readonly latencyMs: {
    readonly response: Percentiles;
    readonly service: Percentiles;
    readonly queueing: Percentiles;
    readonly offered: OfferedPercentiles;
  };
  readonly jitterMs: Jitter;
  readonly ageMs: Age;
  /** Misses / ended over the window, 0..1; without a deadline only drops and failures miss. */
  readonly missRatio: number;
  readonly stagesMs: Stages;
  readonly engine: {
    readonly requested: string;
    readonly provider: string;
    readonly adapter?: string;
    readonly software?: boolean;
    readonly threads: number;
    readonly sessions: number;
    readonly fallback?: string;
    /** Where pictures become tensors, and why not on the GPU that there is. */
    readonly preparesOn?: 'gpu' | 'cpu';
    readonly preparesWhy?: string;
    /** Runs are recorded once and replayed. */
    readonly captured?: boolean;
    /** What we ourselves hold on the GPU; the runtime does not tell its part. */
    readonly gpu?: GpuHeld;
    /** Fresh workers started after a loss. */
    readonly losses?: number;
    readonly coldMs?: { readonly download: number; readonly create: number; readonly firstRun: number };
  };
  readonly model:
    | {
        readonly name: string;
        readonly sha256: string;
        readonly task: string;
        readonly inputs: readonly TensorInfo[];
        readonly outputs: readonly TensorInfo[];
        /** What was mended before the runtime saw the model, and whether that was checked. */
        readonly repair?: ModelRepair;
      }
    | undefined;
  /** Work queues by the name of their source. */
  readonly work?: Readonly<Record<string, WorkFacts>>;
  readonly result: unknown;
  /** What truly is in the frame of `result`, where the source knows it (scene); back to front. */
  readonly truth?: readonly TruthObject[];
}
