/** Outputs of the same frame from two engines. */
import type { Agreement } from '../core/agreement.ts';
import { WeirError } from '../core/errors.ts';
import type { TensorValue } from '../core/tensor.ts';

/**
 * The largest |a - b| over max |b| of any output. An output that is all zero in both agrees.
 * @throws WeirError bad-output when they are not the same outputs
 */
export function compareOutputs(
  got: readonly TensorValue[],
  reference: readonly TensorValue[],
): Pick<Agreement, 'worst' | 'output'> {
  let worst = -1;
  let output = '';
  for (const { name, data, dims } of reference) {
    const other = got.find((each) => each.name === name);
    if (other === undefined || other.dims.join() !== dims.join())
      throw new WeirError('bad-output', `Output ${name.slice(0, 60)} is not the same in both engines.`);
    let largest = 0;
    let difference = 0;
    for (let i = 0; i < data.length; i++) {
      const value = Number(data[i]);
      largest = Math.max(largest, Math.abs(value));
      const apart = Math.abs(Number(other.data[i]) - value);
      // NaN against a number is as far apart as can be.
      difference = Number.isNaN(apart) ? Infinity : Math.max(difference, apart);
    }
    const share = difference === 0 ? 0 : difference / largest;
    if (share > worst) [worst, output] = [share, name];
  }
  return { worst: Math.max(0, worst), output };
}
