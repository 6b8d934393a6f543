/** Tensor data as plain numbers: 64-bit integers are the one kind that arithmetic does not take as it is. */
import type { TensorData } from '../core/tensor.ts';

export type NumberData = Exclude<TensorData, BigInt64Array | BigUint64Array>;

/** The same array for all types but the 64-bit integers, which are rounded to doubles. */
export function numbersOf(data: TensorData): NumberData {
  return data instanceof BigInt64Array || data instanceof BigUint64Array ? Float64Array.from(data, Number) : data;
}
