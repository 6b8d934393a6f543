/** Outputs that are no numbers mean nothing: the frame fails instead of showing boxes nowhere. */
import { WeirError } from '../core/errors.ts';
import { hasNaN } from '../core/hasNaN.ts';
import type { TensorValue } from '../core/tensor.ts';

/** @throws WeirError bad-output */
export function checkNumbers(outputs: readonly TensorValue[]): void {
  for (const { name, data } of outputs)
    if (hasNaN(data)) throw new WeirError('bad-output', `Output ${name} contains values that are not numbers (NaN).`);
}

/** Every value of every output is zero: a model seldom means that. */
export function allZero(outputs: readonly TensorValue[]): boolean {
  return outputs.every(({ data }) => {
    // Nearly always the first few tell.
    for (let i = 0; i < data.length; i++) if (Number(data[i]) !== 0) return false;
    return true;
  });
}
