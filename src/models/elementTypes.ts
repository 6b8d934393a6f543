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
