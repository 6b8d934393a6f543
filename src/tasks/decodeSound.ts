/** What a window of sound is: a probability of one thing (voice activity), or a value for each frequency. */
import type { Task } from '../core/card.ts';
import { WeirError } from '../core/errors.ts';
import type { TaskResult } from '../core/result.ts';
import type { TensorValue } from '../core/tensor.ts';
import { labelOf } from './labels.ts';
import { numbersOf } from './numbers.ts';

export function decodeSound(
  outputs: readonly TensorValue[],
  { show, scoreThreshold }: Extract<Task, { kind: 'sound' }>,
  labels: readonly string[] | undefined,
): Extract<TaskResult, { kind: 'sound' }> {
  if (show === 'activity') {
    const output = outputs.find(({ data }) => data.length === 1) ?? outputs.find(({ data }) => data.length > 0);
    if (output === undefined) throw new WeirError('bad-output', 'The model gave no value for the sound.');
    const values = numbersOf(output.data);
    // With several values, as of one for each speaker or class, the first is as good as any.
    return {
      kind: 'sound',
      items: [{ label: labels === undefined ? 'activity' : labelOf(labels, 0), score: values[0] ?? 0 }],
      scoreThreshold,
    };
  }
  const output = outputs.find(({ dims, data }) => data.length >= 16 && dims.at(-1) === data.length);
  if (output === undefined)
    throw new WeirError('bad-output', 'A spectrum needs an output with one value for each frequency; there is none.');
  const spectrum = Float32Array.from(numbersOf(output.data));
  let sum = 0;
  for (const value of spectrum) sum += value;
  return { kind: 'sound', items: [{ label: 'mean', score: sum / spectrum.length }], spectrum, scoreThreshold };
}
