/** The line between the same and another result: 1e-4 of the largest value, and a millionth. */
import { expect, it } from 'vitest';
import { sameOutputs } from './sameOutputs.ts';

const output = (values: readonly number[], dims = [values.length], name = 'y') =>
  [{ name, type: 'float32', dims, data: Float32Array.from(values) }] as const;

it.each([
  ['the same', [1, -100], [1, -100], 'agrees'],
  ['just within', [0, 100.009], [0, 100], 'agrees'],
  ['just beyond', [0, 100.011], [0, 100], 'differs'],
  ['nothing but noise near zero', [9e-7], [0], 'agrees'],
  ['something where nothing was', [2e-6], [0], 'differs'],
  ['no number in both', [NaN, 1], [NaN, 1], 'agrees'],
  ['no number in one', [NaN, 1], [1, 1], 'differs'],
  ['an infinity in both', [Infinity, 1], [Infinity, 1], 'agrees'],
  ['an infinity against a number', [1, 1], [Infinity, 1], 'differs'],
  ['no elements', [], [], 'agrees'],
])('%s', (_, got, reference, status) => {
  expect(sameOutputs(output(got), output(reference)).status).toBe(status);
});

it('tells another shape, and an output that is missing', () => {
  expect(sameOutputs(output([1, 2], [2, 1]), output([1, 2]))).toMatchObject({ why: 'Output y has another shape.' });
  expect(sameOutputs(output([1], [1], 'z'), output([1]))).toMatchObject({ status: 'differs' });
});
