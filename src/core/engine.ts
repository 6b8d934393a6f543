/** The contract of whatever runs a model: the worker pool, and the simulated engine. Tensors in, tensors out. */
import type { Feed } from './card.ts';
import type { WeirErrorData } from './errors.ts';
import type { Payload, Picture } from './payload.ts';
import type { TensorInfo, TensorValue } from './tensor.ts';

export type Provider = 'webgpu' | 'wasm' | 'simulated';

/** What truly ran; never invented. */
export interface EngineFacts {
  readonly provider: Provider;
  readonly threads: number;
  readonly sessions: number;
  readonly isolated: boolean;
  /** Inputs are made ready in a worker of their own, beside the run before. */
  readonly feeder?: boolean;
  readonly adapter?: string;
  /** Pictures become tensors on the GPU; else why they do not, where there is a GPU. */
  readonly preparesOn?: 'gpu' | 'cpu';
  readonly preparesWhy?: string;
  /** Runs are recorded once and replayed. */
  readonly captured?: boolean;
  readonly software?: boolean;
  /** Why it is not what was asked for. */
  readonly fallback?: string;
  readonly coldMs: { readonly create: number; readonly firstRun: number };
}

/** What we ourselves hold on a GPU, as we counted it: buffers and textures, and frames of a camera that are not closed yet. */
export interface GpuHeld {
  readonly bytes: number;
  readonly buffers: number;
  readonly frames: number;
}

export interface EngineJob {
  readonly payload: Payload;
  /** Ask for the upright picture, drawn into this recycled buffer when it is large enough. */
  readonly picture?: { readonly recycle?: ArrayBuffer };
  /** Ask for copies of the inputs, to check outputs against another runtime. */
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

/** A picture that is the input as it is; 1 x 1 where there is none. */
export function wholeFit({ width, height }: { readonly width: number; readonly height: number }): Fit {
  return {
    sourceWidth: width,
    sourceHeight: height,
    scaleX: 1,
    scaleY: 1,
    offsetX: 0,
    offsetY: 0,
    inputWidth: width,
    inputHeight: height,
  };
}

export interface EngineTimes {
  readonly began: number;
  readonly prepared: number;
  /** The run began; later than prepared where it was made ready while another one ran. */
  readonly started: number;
  readonly ran: number;
}

export type EngineReply =
  | {
      readonly ok: true;
      readonly times: EngineTimes;
      readonly outputs: readonly TensorValue[];
      readonly fit: Fit;
      readonly picture?: Picture;
      /** All inputs, the fed one first, when the job asked for them; float16 as its bits. */
      readonly inputs?: readonly TensorValue[];
    }
  | { readonly ok: false; readonly error: WeirErrorData; readonly times?: EngineTimes };

export interface InferenceEngine {
  readonly facts: EngineFacts;
  /** What the engine itself found in the model; empty where it runs none. */
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /** Sessions that run side by side. */
  readonly sessions: number;
  /**
   * Runs these together, and answers each in its place. Never rejects: the failure of one frame is a value, and takes no
   * other frame of its batch with it. Batches are queued first come first served behind busy sessions.
   */
  run(jobs: readonly EngineJob[]): Promise<readonly EngineReply[]>;
  /** How all frames to come are fed; carried state begins anew. */
  setFeed(feed: Feed): void;
  /** Busy ms of all sessions since creation, measured in the engine workers. */
  busyMs(): number;
  /** Of the runtimes of all sessions, after their last run. */
  heapBytes(): number;
  /** Of all sessions, after their last run; undefined without a GPU. */
  gpuHeld?(): GpuHeld | undefined;
  /** Whether frames are best given as the browser has them, because the GPU takes them so. */
  takesFrames?(): boolean;
  /** Fresh workers started after a loss, and why the last one. */
  readonly losses: number;
  /** It was lost too often without one good run between: no more is tried, and all frames to come fail with this. */
  onGiveUp?: (error: WeirErrorData) => void;
  /** `fallback`: why it runs on another provider from now on. */
  onLoss?: (error: WeirErrorData, fallback?: string) => void;
  /** Pending runs resolve with `cancelled`; workers are ended. */
  dispose(): void;
}
