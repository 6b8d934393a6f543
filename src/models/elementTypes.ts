/** ONNX element type numbers (TensorProto.DataType) as the words of `core/`. What Weir has no word for is `unknown`. */
import type { TensorType } from '../core/tensor.ts';

export const elementTypes: Readonly<Record<number, TensorType>> = {
  1: 'float32',
  2: 'uint8',
  3: 'int8',
  4: 'uint16',
  5: 'int16',
  6: 'int32',
  7: 'int64',
  8: 'string',
  9: 'bool',
  10: 'float16',
  11: 'float64',
  12: 'uint32',
  13: 'uint64',
  21: 'uint4',
  22: 'int4',
};

const sizes: Readonly<Record<number, number>> = {
  1: 4,
  4: 2,
  5: 2,
  6: 4,
  7: 8,
  10: 2,
  11: 8,
  12: 4,
  13: 8,
  14: 8,
  15: 16,
  16: 2,
  21: 0.5,
  22: 0.5,
  23: 0.5,
};

/** Of one element in a file; where it is not known, one byte, which is the least that whole types have. */
export function bytesOf(elementType: number): number {
  return sizes[elementType] ?? 1;
}
