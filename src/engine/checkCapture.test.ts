import { expect, test } from 'vitest';
import type { TensorValue } from '../core/tensor.ts';
import { referenceOf, whyNotCaptured } from './checkCapture.ts';

const tensor = (...values: number[]): TensorValue => ({
  name: 'y',
  type: 'float32',
  dims: [values.length],
  data: new Float32Array(values),
});
const inputs = [tensor(1, 2), tensor(3, 5)];
const double = async ({ data }: TensorValue) => [tensor(...Array.from(data as Float32Array, (value) => value * 2))];
const number = (value: number) => async () => [tensor(value)];

test('a replay that gives the right outputs passes', async () => {
  expect(await whyNotCaptured(inputs, await referenceOf(inputs, double), double)).toBeUndefined();
});

test('a replay that repeats an earlier input is found out, whichever it is', async () => {
  const reference = await referenceOf(inputs, double);
  for (const stuckAfter of [1, 2, 3, 4, 5]) {
    let runs = 0;
    let last = await double(inputs[0] as TensorValue);
    const stuck = async (input: TensorValue) => {
      if (runs++ < stuckAfter) last = await double(input);
      return last;
    };
    expect(await whyNotCaptured(inputs, reference, stuck)).toMatch(/other outputs/);
  }
});

test('outputs that do not depend on the input cannot be checked, and NaN is no agreement', async () => {
  expect(await whyNotCaptured(inputs, await referenceOf(inputs, number(7)), number(7))).toMatch(/cannot be checked/);
  expect(await whyNotCaptured(inputs, await referenceOf(inputs, double), number(NaN))).toMatch(/other outputs/);
});
