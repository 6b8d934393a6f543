/** Class scores [1,C] (or [C], [1,C,1,1]) as the best K classes, as probabilities where the model gives logits. */
import type { Task } from '../core/card.ts';
import { WeirError } from '../core/errors.ts';
import type { ClassScore } from '../core/result.ts';
import type { TensorValue } from '../core/tensor.ts';
import { labelOf } from './labels.ts';
import { type NumberData, numbersOf } from './numbers.ts';

export function decodeClassification(
  outputs: readonly TensorValue[],
  task: Extract<Task, { kind: 'classification' }>,
  labels: readonly string[] | undefined,
): ClassScore[] {
  const output = outputs.find(({ dims }) => isVector(dims)) ?? outputs.find(({ data }) => data.length > 0);
  if (output === undefined) throw new WeirError('bad-output', 'The model gave no class scores.');
  const raw = numbersOf(output.data);
  const wanted = task.softmax === 'yes' || (task.softmax === 'auto' && !isDistribution(raw));
  const scores = wanted ? softmax(raw) : raw;
  return best(scores, task.topK).map((index) => ({ label: labelOf(labels, index), index, score: scores[index] ?? 0 }));
}

function isVector(dims: readonly number[]): boolean {
  return dims.filter((dim) => dim !== 1).length === 1 && !dims.includes(0);
}

/** Values in 0..1 that add up to 1 have been through a softmax already. */
export function isDistribution(values: NumberData): boolean {
  let sum = 0;
  for (const value of values) {
    if (!(value >= -1e-4 && value <= 1.0001)) return false;
    sum += value;
  }
  return Math.abs(sum - 1) < 0.01;
}

/** exp(x - max) / sum; the shift keeps large logits from overflowing. NaN counts as minus infinity. */
export function softmax(values: NumberData): Float64Array<ArrayBuffer> {
  let max = -Infinity;
  for (const value of values) if (value > max) max = value;
  const out = new Float64Array(values.length);
  let sum = 0;
  for (let i = 0; i < out.length; i++) {
    const value = values[i] ?? NaN;
    // Infinity - Infinity is NaN, where the share is meant to be all of it.
    const power = value === max ? 1 : Math.exp(value - max);
    out[i] = power === power ? power : 0;
    sum += out[i] ?? 0;
  }
  if (sum > 0) for (let i = 0; i < out.length; i++) out[i] = (out[i] ?? 0) / sum;
  return out;
}

/** Indices of the K largest values, largest first, the lower index first among equals: one pass, K small. */
function best(values: NumberData, count: number): number[] {
  const found: number[] = [];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? NaN;
    if (!(value === value) || (found.length === count && value <= (values[found[count - 1] ?? 0] ?? 0))) continue;
    let at = found.length;
    while (at > 0 && (values[found[at - 1] ?? 0] ?? 0) < value) at--;
    found.splice(at, 0, i);
    if (found.length > count) found.pop();
  }
  return found;
}
