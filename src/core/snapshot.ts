/** The public picture of a running station: what `weir.snapshot()` returns. Plain JSON; names are fixed. */
import type { ErrorCode } from './errors.ts';
import type { DropCause } from './outcome.ts';
import type { TensorInfo } from './tensor.ts';

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

export interface Stages {
  readonly late: number;
  readonly queueing: number;
  readonly transfer: number;
  readonly prepare: number;
  readonly run: number;
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
  readonly latencyMs: { readonly response: Percentiles; readonly service: Percentiles; readonly queueing: Percentiles };
  readonly stagesMs: Stages;
  readonly engine: {
    readonly requested: string;
    readonly provider: string;
    readonly adapter?: string;
    readonly software?: boolean;
    readonly threads: number;
    readonly sessions: number;
    readonly fallback?: string;
    readonly coldMs?: { readonly download: number; readonly create: number; readonly firstRun: number };
  };
  readonly model:
    | {
        readonly name: string;
        readonly sha256: string;
        readonly task: string;
        readonly inputs: readonly TensorInfo[];
        readonly outputs: readonly TensorInfo[];
      }
    | undefined;
  readonly result: unknown;
}
