/** The GPU preparer alone on a page, so that a test can try many preparations without a model for each. */
import type { Prepare } from '../../src/core/card.ts';
import { requestDevice } from '../../src/engine/gpuDevice.ts';
import { createGpuMemory, type GpuMemory } from '../../src/engine/gpuMemory.ts';
import { createGpuPreparer, type GpuPreparer, type Upload } from '../../src/engine/gpuPreparer.ts';
import { createReadback, type Readback } from '../../src/engine/gpuReadback.ts';

/** RGBA, or the planes of a camera's frame. */
export interface Given {
  readonly bytes: readonly number[];
  readonly width: number;
  readonly height: number;
  readonly yuv?: { readonly format: 'I420' | 'NV12'; readonly colorSpace: VideoColorSpaceInit };
}

export interface Prepared {
  readonly bytes: readonly number[];
  /** What would be shown of a camera's frame. */
  readonly picture: readonly number[] | undefined;
  readonly held: { readonly buffers: number; readonly frames: number };
}

let made: { memory: GpuMemory; preparer: GpuPreparer; readback: Readback } | undefined;

/** False: there is no adapter. */
export async function open(): Promise<boolean> {
  const owned = await requestDevice();
  if (owned === undefined) return false;
  const memory = createGpuMemory(owned.device);
  made = { memory, preparer: createGpuPreparer(memory), readback: createReadback(memory) };
  return true;
}

export async function prepare(given: Given, wanted: Prepare): Promise<Prepared> {
  if (made === undefined) throw new Error('Open it first.');
  const { memory, preparer, readback } = made;
  await preparer.use(wanted);
  const upload = uploadOf(given);
  if ('close' in upload) memory.opened(upload);
  const { buffer, bytes, picture } = await preparer.prepare([upload], true);
  const [tensor, shown] = await readback.read([{ buffer, bytes }, ...(picture === undefined ? [] : [picture])]);
  const plain = (part: ArrayBuffer | undefined) => (part === undefined ? undefined : [...new Uint8Array(part)]);
  return { bytes: plain(tensor) ?? [], picture: plain(shown), held: memory.held() };
}

function uploadOf({ bytes, width, height, yuv }: Given): Upload {
  const data = Uint8Array.from(bytes);
  if (yuv === undefined) return { buffer: data.buffer, width, height };
  const { format, colorSpace } = yuv;
  return new VideoFrame(data, { format, codedWidth: width, codedHeight: height, timestamp: 0, colorSpace });
}
