/** What we ourselves hold on the GPU, counted: the runtime says nothing of its own part. */
import type { GpuHeld } from '../core/engine.ts';

export interface GpuMemory {
  readonly device: GPUDevice;
  held(): GpuHeld;
  /** @param bytes rounded up to 16, which the runtime wants of its tensors */
  buffer(bytes: number, usage: number): GPUBuffer;
  /** RGBA, 8 bits a channel. */
  texture(width: number, height: number): GPUTexture;
  free(held: GPUBuffer | GPUTexture | undefined): void;
  /** A frame is open until it is closed by this. */
  opened(frame: VideoFrame): void;
  closed(frame: VideoFrame): void;
}

/** What the runtime expects of a buffer that holds a tensor. */
export const tensorUsage = () => GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;

export function createGpuMemory(device: GPUDevice): GpuMemory {
  const sizes = new Map<GPUBuffer | GPUTexture, number>();
  const frames = new Set<VideoFrame>();
  let bytes = 0;

  function keep<T extends GPUBuffer | GPUTexture>(made: T, size: number): T {
    sizes.set(made, size);
    bytes += size;
    return made;
  }

  return {
    device,
    held: () => ({ bytes, buffers: sizes.size, frames: frames.size }),
    buffer(wanted, usage) {
      const size = Math.max(16, Math.ceil(wanted / 16) * 16);
      return keep(device.createBuffer({ size, usage }), size);
    },
    texture(width, height) {
      const usage = GPUTextureUsage.TEXTURE_BINDING | GPUTextureUsage.COPY_DST;
      return keep(device.createTexture({ size: [width, height], format: 'rgba8unorm', usage }), width * height * 4);
    },
    free(held) {
      if (held === undefined) return;
      bytes -= sizes.get(held) ?? 0;
      sizes.delete(held);
      held.destroy();
    },
    opened: (frame) => void frames.add(frame),
    closed(frame) {
      frames.delete(frame);
      frame.close();
    },
  };
}
