/** What the pipeline worker tells the page, in batches at about 10 Hz: the snapshot, closed seconds, live facts. */
import type { ModelCard, ModelFacts } from './card.ts';
import type { SourceState } from './delivery.ts';
import type { WeirErrorData } from './errors.ts';
import type { DropCause } from './outcome.ts';
import type { Snapshot } from './snapshot.ts';

/** One closed second of the run: a column of every time chart. */
export interface SecondSlice {
  /** Start of the second, ms on the common clock. */
  readonly at: number;
  readonly offered: number;
  readonly completed: number;
  readonly failed: number;
  readonly dropped: Readonly<Record<DropCause, number>>;
  /** Time means over the second. */
  readonly queuedMean: number;
  readonly inFlightMean: number;
  /** Share of the second in which the queue stood at its limit, 0..1. */
  readonly atLimit: number;
  /** Frames that ended without a result in time: dropped, failed, or after the deadline. */
  readonly misses: number;
  /** In force at its end. */
  readonly queueLimit: number;
  readonly inFlightLimit: number;
  /** Response percentiles over the shortest trailing span with enough samples; undefined: too few. */
  readonly p50: number | undefined;
  readonly p95: number | undefined;
  readonly p99: number | undefined;
  /** Heat map: response time in ms (bucket start) and count of completed frames, sparse, ascending. */
  readonly cellMs: Float32Array<ArrayBuffer>;
  readonly cellCount: Uint32Array<ArrayBuffer>;
}

/** A mark on the time axis, at most four words. */
export interface TimelineEvent {
  readonly at: number;
  readonly text: string;
}

/** Outputs that were looked at, and what was wrong with them; of the engine that serves. */
export interface CheckedOutputs {
  frames: number;
  notNumbers: number;
  allZero: number;
}

export interface LiveFacts {
  /** Now on the common clock, when this batch was made. */
  readonly now: number;
  /** ms of running since start, pauses excluded. */
  readonly elapsedMs: number;
  /** Age of the newest result on screen, ms; undefined before the first. */
  readonly ageMs: number | undefined;
  /** Busy share of all engine sessions over the window, 0..1. */
  readonly utilisation: number;
  readonly queueLimit: number;
  readonly inFlightLimit: number;
  readonly inFlightMean: number;
  /** |L - lambda W| / L over the window; undefined until the window is long enough. */
  readonly littleError: number | undefined;
  /** For how long throughput and latency have been steady, ms; undefined: not steady. */
  readonly steadyMs: number | undefined;
  /** Over how long rates and latencies are taken: less than the window after a start or a change. */
  readonly windowMs: number;
  /** Completed within the deadline per second over the window is ratesPerS.goodput; misses / ended, 0..1. */
  readonly missRatio: number;
  /** U by the utilisation law, X S / c, from throughput and service time; must agree with `utilisation`. Undefined: nothing was served. */
  readonly utilisationLaw: number | undefined;
  /** Drop rates over the window, per second, by cause; and failed. */
  readonly dropsPerS: Readonly<Record<DropCause, number>>;
  readonly failedPerS: number;
  /** Results in the newest picture, in words, such as "7 boxes". */
  readonly resultText: string;
  /**
   * Frames that the engine of this moment served within the window once it was warm: means of service time and of run,
   * and `batch` = frames / runs (Triton's inferences / executions).
   */
  readonly served?: {
    readonly frames: number;
    readonly meanMs: number;
    readonly runMs: number;
    readonly batch: number;
  };
  /** The newest errors of single frames, with how often each message came. */
  readonly frameErrors: readonly { readonly error: WeirErrorData; readonly count: number }[];
  /** By the name of each source. */
  readonly sources: Readonly<Record<string, SourceState>>;
  readonly losses: number;
  /** Of the runtimes of all sessions; 0: not known. */
  readonly heapBytes: number;
  readonly checked: CheckedOutputs;
  /** Why the model that serves takes no more than one frame at once; undefined: it takes batches. */
  readonly notBatched?: string;
}

export interface Telemetry {
  readonly snapshot: Snapshot;
  /** Rates, latencies and stages of the whole run; sent once a second, because they change slowly. */
  readonly sinceStart?: Pick<Snapshot, 'ratesPerS' | 'latencyMs' | 'jitterMs' | 'ageMs' | 'missRatio' | 'stagesMs'>;
  readonly live: LiveFacts;
  /** Seconds closed since the last batch. */
  readonly seconds: readonly SecondSlice[];
  readonly events: readonly TimelineEvent[];
  /** The run was started anew: forget earlier seconds. */
  readonly restarted: boolean;
}

export const openingSteps = ['download', 'verify', 'compile', 'warmUp', 'start'] as const;
export type OpeningStep = (typeof openingSteps)[number];

/** Progress of opening a model, step by step. */
export interface OpeningProgress {
  readonly name: string;
  readonly bytes?: number;
  readonly steps: readonly {
    readonly step: OpeningStep;
    readonly status: 'waiting' | 'doing' | 'done' | 'failed';
    readonly fact: string;
    readonly ms?: number;
    /** 0..1, only when truly known. */
    readonly share?: number;
    readonly startedAt?: number;
  }[];
  /** As soon as the file has been read. */
  readonly facts?: ModelFacts;
  readonly card?: ModelCard;
}
