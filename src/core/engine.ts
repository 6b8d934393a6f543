/** The contract of whatever runs a model: the worker pool, and the simulated engine. Tensors in, tensors out. */
import type { Prepare } from './card.ts';
import type { WeirErrorData } from './errors.ts';
import type { Payload, Picture } from './payload.ts';
import type { TensorValue } from './tensor.ts';

export type Provider = 'webgpu' | 'wasm' | 'simulated';

/** What truly ran; never invented. */
export interface EngineFacts {
  readonly provider: Provider;
  readonly threads: number;
  readonly sessions: number;
  readonly isolated: boolean;
  readonly adapter?: string;
  readonly software?: boolean;
  /** Why it is not what was asked for. */
  readonly fallback?: string;
  readonly coldMs: { readonly create: number; readonly firstRun: number };
}

export interface EngineJob {
  readonly payload: Payload;
  /** Ask for the upright picture, drawn into this recycled buffer when it is large enough. */
  readonly picture?: { readonly recycle?: ArrayBuffer };
  /** Ask for a copy of the prepared input tensor, to check outputs against another runtime. */
  readonly inspect?: boolean;
}

/** How the picture was fitted into the input, to map results back: input = source * scale + offset. */
export interface Fit {
  readonly sourceWidth: number;
  readonly sourceHeight: number;
  readonly scaleX: number;
  readonly scaleY: number;
  readonly offsetX: number;
  readonly offsetY: number;
  readonly inputWidth: number;
  readonly inputHeight: number;
}

export interface EngineTimes {
  readonly began: number;
  readonly prepared: number;
  readonly ran: number;
}

export type EngineReply =
  | {
      readonly ok: true;
      readonly times: EngineTimes;
      readonly outputs: readonly TensorValue[];
      readonly fit: Fit;
      readonly picture?: Picture;
      /** The prepared input, when the job asked for it; float16 as its bits. */
      readonly input?: TensorValue;
    }
  | { readonly ok: false; readonly error: WeirErrorData; readonly times?: EngineTimes };

export interface InferenceEngine {
  readonly facts: EngineFacts;
  /** Sessions that run side by side. */
  readonly sessions: number;
  /** Never rejects: the failure of one frame is a value. Jobs are queued first come first served behind busy sessions. */
  run(job: EngineJob): Promise<EngineReply>;
  /** Preparation for all frames to come; undefined fields stay. */
  setPrepare(prepare: Prepare): void;
  /** Busy ms of all sessions since creation, measured in the engine workers. */
  busyMs(): number;
  /** Fresh workers started after a loss, and why the last one. */
  readonly losses: number;
  onLoss?: (error: WeirErrorData) => void;
  /** Pending runs resolve with `cancelled`; workers are ended. */
  dispose(): void;
}
