/** Output tensors out of ORT's heap: own transferable buffers, float16 widened. */
import { WeirError } from '../core/errors.ts';
import type { TensorData, TensorType, TensorValue } from '../core/tensor.ts';
import { widen } from './numbers.ts';

/** The part of ORT's Tensor that is needed, so that tests can pass plain objects. */
export interface OrtOutput {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: unknown;
}

/** Throws `bad-output` for strings. */
export function readOutput(name: string, output: OrtOutput): TensorValue {
  const type = output.type as TensorType;
  return { name, type, dims: [...output.dims], data: ownCopy(name, type, output.data) };
}

function ownCopy(name: string, type: TensorType, data: unknown): TensorData {
  if (!ArrayBuffer.isView(data)) throw new WeirError('bad-output', `Output ${name} holds ${type}, not numbers.`);
  if (type === 'float16') {
    // Where the browser has no Float16Array, ORT hands out the bits.
    if (data instanceof Uint16Array) return widen(data);
    return new Float32Array(data as unknown as ArrayLike<number>);
  }
  const numbers = data as Float32Array<ArrayBuffer>;
  // On WASM ORT has copied the tensor out of its heap already; only a view into something larger must be copied again.
  const alone = numbers.byteLength === numbers.buffer.byteLength && numbers.buffer instanceof ArrayBuffer;
  return alone ? numbers : numbers.slice();
}
