/** What a session on WebGPU has beside ORT: the device's memory, preparation, and the way back for outputs. */
import type { Feed, Prepare } from '../core/card.ts';
import { carriesState } from '../core/card.ts';
import type { GpuHeld } from '../core/engine.ts';
import { inputDims } from '../core/inputDims.ts';
import type { TensorInfo } from '../core/tensor.ts';
import type { FixedInputs, GpuTensor } from './fixedInputs.ts';
import { createGpuMemory, type GpuMemory } from './gpuMemory.ts';
import { createGpuPreparer, type GpuInput, type Upload } from './gpuPreparer.ts';
import { createReadback, type Readback } from './gpuReadback.ts';
import { whyNotOnGpu } from './whyNotOnGpu.ts';

export interface GpuSession {
  /** Sides of pictures that it takes, px. */
  readonly side: number;
  /** The next run may begin before the outputs of this one are read: nothing of them is its input. */
  readonly overlaps: boolean;
  /** The input that the pictures make, in a buffer that the runtime reads. */
  prepare(uploads: readonly Upload[], wantsPicture: boolean): Promise<{ tensor: GpuTensor; made: GpuInput }>;
  held(): GpuHeld;
  opened(frame: VideoFrame): void;
}

export interface GpuParts {
  readonly memory: GpuMemory;
  readonly readback: Readback;
}

export function createGpuParts(device: GPUDevice): GpuParts {
  const memory = createGpuMemory(device);
  return { memory, readback: createReadback(memory) };
}

export interface OwnGpuSession extends GpuSession {
  setFeed(feed: Feed): void;
}

/** @param fixed where runs are recorded, which are given the same buffer for ever */
export function createGpuSession(
  { memory }: GpuParts,
  inputs: readonly TensorInfo[],
  fixed: FixedInputs | undefined,
): OwnGpuSession {
  let prepare: Prepare | undefined;
  let compiled: Promise<void> = Promise.resolve();
  let overlaps = true;
  const dimsOf = (used: Prepare, frames: number) => {
    const info = inputs.find(({ name }) => name === used.input);
    const dims = info === undefined ? [] : inputDims(used, info);
    return frames === 1 ? dims : [frames, ...dims.slice(1)];
  };
  const preparer = createGpuPreparer(
    memory,
    fixed === undefined
      ? undefined
      : (bytes, frames) => {
          if (prepare === undefined) throw new Error('A picture is prepared with a preparation.');
          return fixed.place(prepare.input, dimsOf(prepare, frames), bytes);
        },
  );
  return {
    side: memory.device.limits.maxTextureDimension2D,
    get overlaps() {
      return overlaps;
    },
    setFeed(feed) {
      overlaps = !carriesState(feed);
      prepare = feed.prepare !== undefined && whyNotOnGpu(feed.prepare) === undefined ? feed.prepare : undefined;
      compiled = preparer.use(prepare);
      // Whoever prepares waits for it, and hears of it there.
      compiled.catch(() => undefined);
    },
    async prepare(uploads, wantsPicture) {
      await compiled;
      const used = prepare;
      const made = await preparer.prepare(uploads, wantsPicture);
      if (used === undefined) throw new Error('Frames come for the GPU only where it prepares them.');
      const tensor = { name: used.input, type: used.type, dims: dimsOf(used, uploads.length), buffer: made.buffer };
      return { tensor, made };
    },
    held: memory.held,
    opened: memory.opened,
  };
}
