import { expect, test } from 'vitest';
import { compareOutputs } from './compareOutputs.ts';

const output = (name: string, ...values: number[]) =>
  ({ name, type: 'float32', dims: [values.length], data: Float32Array.from(values) }) as const;

test('the worst output, relative to its largest value', () => {
  const reference = [output('a', 10, -100), output('b', 0, 0), output('c', 1, 2)];
  expect(compareOutputs(reference, reference)).toEqual({ worst: 0, output: 'a' });
  const got = [output('a', 10, -99), output('b', 0, 0), output('c', 1.5, 2)];
  expect(compareOutputs(got, reference)).toEqual({ worst: 0.25, output: 'c' });
  expect(compareOutputs([output('b', 1, 0)], [output('b', 0, 0)]).worst).toBe(Infinity);
  expect(compareOutputs([output('a', NaN)], [output('a', 1)]).worst).toBe(Infinity);
});

test('outputs of other names or shapes are refused', () => {
  expect(() => compareOutputs([output('a', 1)], [output('b', 1)])).toThrow(/Output b/);
  expect(() => compareOutputs([output('a', 1, 2)], [output('a', 1)])).toThrow(/Output a/);
});
