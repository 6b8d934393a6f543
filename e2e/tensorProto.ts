/** Tensors of the ONNX backend tests: one TensorProto in a file, its numbers as plain ones. */
import { readOnnx } from '../src/models/onnxReader.ts';
import { elementTypes } from '../src/models/elementTypes.ts';
import { sourceOfBytes } from '../src/models/byteSource.ts';
import { sizeOf } from '../src/models/onnxModel.ts';
import { numbersOf } from '../src/models/tensorNumbers.ts';

export interface PlainTensor {
  readonly type: string;
  readonly dims: readonly number[];
  /** Undefined where it holds text. */
  readonly values: readonly number[] | undefined;
}

/** The bytes become the only initialiser of a graph, so that the reader of models reads them. */
export function readTensorProto(bytes: Uint8Array): PlainTensor {
  const graph = field(5, bytes);
  const whole = field(7, graph);
  const tensor = readOnnx(whole).graph?.initialisers[0];
  if (tensor === undefined) throw new Error('The file holds no tensor.');
  const values = numbersOf(tensor, sourceOfBytes(whole), sizeOf(tensor.dims));
  return { type: elementTypes[tensor.type] ?? 'unknown', dims: tensor.dims, values };
}

function field(number: number, bytes: Uint8Array): Uint8Array {
  const head = [(number << 3) | 2];
  let length = bytes.length;
  for (; length > 127; length >>>= 7) head.push((length & 127) | 128);
  return Uint8Array.from([...head, length, ...bytes]);
}
