import { expect, test } from 'vitest';
import { allZero, checkNumbers } from './checkNumbers.ts';

test('NaN fails the frame, whatever the size of the output', () => {
  const output = (data: Float32Array<ArrayBuffer>) => [
    { name: 'y', type: 'float32', dims: [data.length], data } as const,
  ];
  expect(() => checkNumbers(output(Float32Array.of(0, 1, Infinity)))).not.toThrow();
  expect(() => checkNumbers(output(Float32Array.of(0, Number.NaN)))).toThrow(/Output y .* \(NaN\)/);
  expect(() => checkNumbers(output(new Float32Array(1_000_000).fill(Number.NaN)))).toThrow(/NaN/);
});

test('all zero is every value of every output', () => {
  const output = (...values: number[]) =>
    ({ name: 'y', type: 'float32', dims: [values.length], data: Float32Array.from(values) }) as const;
  expect(allZero([output(0, 0), output(-0)])).toBe(true);
  expect(allZero([output(0, 0), output(0, 1e-30)])).toBe(false);
});
