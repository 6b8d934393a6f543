/** What the pool and an engine worker say to each other. Every request has an `id`; its reply echoes it. */
import type { Feed } from '../core/card.ts';
import type { EngineFacts, EngineJob, EngineReply, GpuHeld } from '../core/engine.ts';
import type { WeirErrorData } from '../core/errors.ts';
import type { GraphLevel, Layout } from '../core/settings.ts';
import type { Profile } from '../core/profile.ts';
import type { TensorInfo } from '../core/tensor.ts';
import type { Ready } from './feedJobs.ts';
import type { ProfileRequest } from './profileModel.ts';

export interface ExternalData {
  readonly path: string;
  readonly data: ArrayBuffer;
}

export interface ModelBytes {
  readonly bytes: ArrayBuffer;
  readonly external: readonly ExternalData[];
}

export type RequestedProvider = 'auto' | 'webgpu' | 'wasm';
/** How the runtime is to treat the graph. */
export interface GraphOptions {
  readonly level: GraphLevel;
  /** On WebGPU only. */
  readonly layout: Layout;
  /** Free dimensions that have a size, by name. */
  readonly sizes: Readonly<Record<string, number>>;
  /** On WebGPU only: a run is recorded once and replayed. */
  readonly capture: boolean;
  /** Outputs of types that a GPU can hold; they stay there until they are read. */
  readonly gpuOutputs: readonly string[];
}

export type LoadStep = 'compile' | 'warmUp';
/** What one worker knows; the pool adds the number of sessions. */
export type WorkerFacts = Omit<EngineFacts, 'sessions'> & {
  /** Sides of pictures that the GPU takes, px; undefined without one. */
  readonly gpuSide?: number;
};

export type ToEngine =
  | { readonly kind: 'ping'; readonly id: number }
  | {
      readonly kind: 'load';
      readonly id: number;
      readonly model: ModelBytes;
      readonly provider: RequestedProvider;
      readonly threads: number;
      readonly graph: GraphOptions;
      readonly feed: Feed;
      /** Its frames come ready through it, from the feeder in front of it. */
      readonly port?: MessagePort;
    }
  /** This worker makes inputs ready for the one behind the port; it is given the frames and the feeds. */
  | { readonly kind: 'feeder'; readonly id: number; readonly port: MessagePort; readonly feed: Feed }
  /** Loads the runtime of WASM before there is a model for it. */
  | { readonly kind: 'warm'; readonly id: number; readonly threads: number }
  /** Times the operators of a model with one frame, and does nothing else. */
  | ({ readonly kind: 'profile'; readonly id: number } & ProfileRequest)
  | { readonly kind: 'feed'; readonly id: number; readonly feed: Feed }
  | { readonly kind: 'run'; readonly id: number; readonly jobs: readonly EngineJob[] };

export type FromEngine =
  /** `now` on the worker's clock, to measure its offset. */
  | { readonly kind: 'pong'; readonly id: number; readonly now: number }
  | { readonly kind: 'step'; readonly id: number; readonly step: LoadStep }
  | {
      readonly kind: 'loaded';
      readonly id: number;
      readonly facts: WorkerFacts;
      readonly inputs: readonly TensorInfo[];
      readonly outputs: readonly TensorInfo[];
    }
  /** `busyMs`: of the session, for this batch. `poisoned`: the worker can no longer be trusted. */
  | {
      readonly kind: 'ran';
      readonly id: number;
      readonly replies: readonly EngineReply[];
      readonly busyMs: number;
      readonly poisoned: boolean;
      /** Of the runtime's heap. */
      readonly heapBytes: number;
      readonly gpu?: GpuHeld;
    }
  | { readonly kind: 'profiled'; readonly id: number; readonly profile: Omit<Profile, 'model'> }
  | { readonly kind: 'failed'; readonly id: number; readonly error: WeirErrorData }
  /** Unasked: the GPU device of this worker is gone. */
  | { readonly kind: 'lost'; readonly error: WeirErrorData };

/** From a feeder to the worker that runs what it made ready, and back. */
export type ToRunner =
  | { readonly kind: 'feed'; readonly feed: Feed }
  | { readonly kind: 'ready'; readonly id: number; readonly ready: Ready };
export interface ToFeeder {
  readonly inputs: readonly TensorInfo[];
  readonly gpuSide?: number;
}

/** The part of a Worker that the pool needs; tests pass a fake. */
export interface WorkerLike {
  postMessage(message: ToEngine, transfer: Transferable[]): void;
  terminate(): void;
  onmessage: ((event: MessageEvent<FromEngine>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  onmessageerror: ((event: MessageEvent) => void) | null;
}
