/**
 * Outputs from the GPU to the CPU through a ring of mapped buffers of our own: the runtime's own download makes and destroys
 * one each time, and would hold the next run back until it is done.
 */
import { WeirError } from '../core/errors.ts';
import type { GpuMemory } from './gpuMemory.ts';

export interface Part {
  readonly buffer: GPUBuffer;
  readonly bytes: number;
}

export interface Readback {
  /**
   * Submits the copies before it returns: what the buffers hold may change afterwards. Each part comes back in an
   * ArrayBuffer of its own. @throws WeirError device-lost
   */
  read(parts: readonly Part[]): Promise<ArrayBuffer[]>;
}

/** One is read while the next run fills another; more are never open. */
const kept = 2;

export function createReadback(memory: GpuMemory): Readback {
  const { device } = memory;
  const ring: GPUBuffer[] = [];

  function take(bytes: number): GPUBuffer {
    const found = ring.findIndex(({ size }) => size >= bytes);
    const [buffer] = found >= 0 ? ring.splice(found, 1) : [];
    return buffer ?? memory.buffer(bytes, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
  }

  function giveBack(buffer: GPUBuffer): void {
    ring.push(buffer);
    // The smallest goes: sizes changed, and the larger ones serve all.
    while (ring.length > kept) {
      const least = ring.reduce((a, b) => (b.size < a.size ? b : a));
      ring.splice(ring.indexOf(least), 1);
      memory.free(least);
    }
  }

  return {
    async read(parts) {
      if (parts.length === 0) return [];
      let total = 0;
      const places = parts.map(({ bytes }) => {
        const at = total;
        // Where a mapped range may begin.
        total += Math.ceil(bytes / 8) * 8;
        return at;
      });
      const staging = take(total);
      const encoder = device.createCommandEncoder();
      parts.forEach(({ buffer, bytes }, index) =>
        encoder.copyBufferToBuffer(buffer, 0, staging, places[index] ?? 0, Math.ceil(bytes / 4) * 4),
      );
      device.queue.submit([encoder.finish()]);
      try {
        await staging.mapAsync(GPUMapMode.READ, 0, total);
      } catch (thrown) {
        memory.free(staging);
        throw new WeirError('device-lost', 'The GPU device was lost.', { cause: thrown });
      }
      const mapped = staging.getMappedRange(0, total);
      const out = parts.map(({ bytes }, index) => mapped.slice(places[index], (places[index] ?? 0) + bytes));
      staging.unmap();
      giveBack(staging);
      return out;
    },
  };
}
