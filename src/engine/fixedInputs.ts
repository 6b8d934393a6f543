/**
 * Inputs of a recorded run: each lies in one buffer for ever, because a replay reads the buffers that it was recorded with,
 * whatever it is given. Values are written into them.
 */
import { WeirError } from '../core/errors.ts';
import type { TensorType } from '../core/tensor.ts';
import { type GpuMemory, tensorUsage } from './gpuMemory.ts';

export interface FixedInputs {
  /** The buffer of an input; its shape is fixed by the first call. @throws WeirError cannot-feed for another one */
  place(name: string, dims: readonly number[], bytes: number): GPUBuffer;
  write(name: string, dims: readonly number[], data: ArrayBufferView<ArrayBufferLike>): GPUBuffer;
  dispose(): void;
}

export interface GpuTensor {
  readonly name: string;
  readonly type: TensorType;
  readonly dims: readonly number[];
  readonly buffer: GPUBuffer;
}

export function createFixedInputs(memory: GpuMemory): FixedInputs {
  const held = new Map<string, { readonly buffer: GPUBuffer; readonly dims: string }>();

  function place(name: string, dims: readonly number[], bytes: number): GPUBuffer {
    const shape = dims.join(', ');
    const found = held.get(name);
    if (found?.dims === shape) return found.buffer;
    if (found !== undefined)
      throw new WeirError(
        'cannot-feed',
        `The run is captured for ${name.slice(0, 60)} [${found.dims}], and this is [${shape}]: switch graph capture off, or send one size, without batches.`,
      );
    const buffer = memory.buffer(bytes, tensorUsage());
    held.set(name, { buffer, dims: shape });
    return buffer;
  }

  return {
    place,
    write(name, dims, data) {
      const buffer = place(name, dims, data.byteLength);
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      // A write has whole words; what lies behind the last one is padding of the buffer.
      const padded = bytes.length % 4 === 0 ? bytes : new Uint8Array(Math.ceil(bytes.length / 4) * 4);
      if (padded !== bytes) padded.set(bytes);
      memory.device.queue.writeBuffer(buffer, 0, padded);
      return buffer;
    },
    dispose() {
      for (const { buffer } of held.values()) memory.free(buffer);
      held.clear();
    },
  };
}
