/** Which preparations the GPU takes. The worker that makes pictures must know it too, and it has no device. */
import type { Prepare } from '../core/card.ts';
import type { TensorType } from '../core/tensor.ts';

/** Bytes of one value; what is left out has no place in a GPU tensor of the runtime, or no integers of that size in WGSL. */
const bytesOf: Partial<Record<TensorType, 1 | 2 | 4>> = { float32: 4, float16: 2, uint8: 1, int32: 4, uint32: 4 };

/** Pixels that share a word of the buffer: one, two halves, or four bytes. Undefined: the GPU does not write this type. */
export function pixelsPerWord(type: TensorType): 1 | 2 | 4 | undefined {
  const bytes = bytesOf[type];
  return bytes === undefined ? undefined : bytes === 4 ? 1 : bytes === 2 ? 2 : 4;
}

/** Undefined: it takes them. */
export function whyNotOnGpu({ type, width, height, dims }: Prepare): string | undefined {
  const pixels = pixelsPerWord(type);
  if (pixels === undefined) return `An input of type ${type} is prepared on the CPU.`;
  if (dims !== undefined) return 'An input that is no picture is prepared on the CPU.';
  if ((width * height) % pixels !== 0)
    return `${width} × ${height} values of ${type} do not fill whole words of a GPU buffer, so the CPU prepares them.`;
  return undefined;
}
