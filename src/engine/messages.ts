/** What the pool and an engine worker say to each other. Every request has an `id`; its reply echoes it. */
import type { Feed } from '../core/card.ts';
import type { EngineFacts, EngineJob, EngineReply } from '../core/engine.ts';
import type { WeirErrorData } from '../core/errors.ts';
import type { TensorInfo } from '../core/tensor.ts';

export interface ExternalData {
  readonly path: string;
  readonly data: ArrayBuffer;
}

export interface ModelBytes {
  readonly bytes: ArrayBuffer;
  readonly external: readonly ExternalData[];
}

export type RequestedProvider = 'auto' | 'webgpu' | 'wasm';
export type LoadStep = 'compile' | 'warmUp';
/** What one worker knows; the pool adds the number of sessions. */
export type WorkerFacts = Omit<EngineFacts, 'sessions'>;

export type ToEngine =
  | { readonly kind: 'ping'; readonly id: number }
  | {
      readonly kind: 'load';
      readonly id: number;
      readonly model: ModelBytes;
      readonly provider: RequestedProvider;
      readonly threads: number;
      readonly feed: Feed;
    }
  | { readonly kind: 'feed'; readonly id: number; readonly feed: Feed }
  | { readonly kind: 'run'; readonly id: number; readonly job: EngineJob };

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
  /** `busyMs`: of this job. `poisoned`: the worker can no longer be trusted. */
  | {
      readonly kind: 'ran';
      readonly id: number;
      readonly reply: EngineReply;
      readonly busyMs: number;
      readonly poisoned: boolean;
    }
  | { readonly kind: 'failed'; readonly id: number; readonly error: WeirErrorData }
  /** Unasked: the GPU device of this worker is gone. */
  | { readonly kind: 'lost'; readonly error: WeirErrorData };

/** The part of a Worker that the pool needs; tests pass a fake. */
export interface WorkerLike {
  postMessage(message: ToEngine, transfer: Transferable[]): void;
  terminate(): void;
  onmessage: ((event: MessageEvent<FromEngine>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  onmessageerror: ((event: MessageEvent) => void) | null;
}
