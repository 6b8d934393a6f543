/** Output tensors out of ORT's heap: own transferable buffers, float16 widened, NaN noticed. */
import { WeirError } from '../core/errors.ts';
import type { TensorData, TensorType, TensorValue } from '../core/tensor.ts';
import { widen } from './numbers.ts';

/** The part of ORT's Tensor that is needed, so that tests can pass plain objects. */
export interface OrtOutput {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: unknown;
}

/** Throws `bad-output` for strings and for NaN among the (sampled) floats. */
export function readOutput(name: string, output: OrtOutput): TensorValue {
  const type = output.type as TensorType;
  const data = ownCopy(name, type, output.data);
  if ((data instanceof Float32Array || data instanceof Float64Array) && hasNaN(data))
    throw new WeirError('bad-output', `Output ${name} contains values that are not numbers (NaN).`);
  return { name, type, dims: [...output.dims], data };
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

const sampleLimit = 65_536;

/** All values up to 65,536, evenly spread samples beyond: a broken model gives NaN nearly everywhere. */
export function hasNaN(data: Float32Array | Float64Array): boolean {
  // An odd step visits every column of a power-of-two layout.
  const step = data.length <= sampleLimit ? 1 : Math.ceil(data.length / sampleLimit) | 1;
  for (let i = 0; i < data.length; i += step) {
    const value = data[i];
    if (value !== value) return true;
  }
  return false;
}
