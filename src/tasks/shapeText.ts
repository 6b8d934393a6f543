/** A tensor in words, capped: names and dimensions come from the file. */
import type { TensorInfo } from '../core/tensor.ts';

export function shapeText({ name, shape }: TensorInfo): string {
  return `${name.slice(0, 60)} [${shape.map((dim) => String(dim).slice(0, 20)).join(', ')}]`;
}
