import { expect, test } from 'vitest';
import type { TensorValue } from '../core/tensor.ts';
import { createStack, splitOutputs } from './stack.ts';

const input = (values: readonly number[], dims: readonly number[] = [1, values.length]): TensorValue => ({
  name: 'x',
  type: 'float32',
  dims,
  data: Float32Array.from(values),
});

test('inputs stand one after the other, also when not all places were taken', () => {
  const stack = createStack(3);
  const shared = new Float32Array([1, 2]);
  const first = stack.add({ ...input([1, 2]), data: shared });
  // What prepares pictures overwrites its own memory with the next one.
  shared.set([3, 4]);
  stack.add({ ...input([3, 4]), data: shared });
  expect([...first.data]).toEqual([1, 2]);
  expect(stack.whole()).toMatchObject({ dims: [2, 2] });
  expect([...(stack.whole()?.data ?? [])]).toEqual([1, 2, 3, 4]);
});

test('what is unlike the first does not go into the batch', () => {
  const stack = createStack(3);
  stack.add(input([1, 2]));
  expect(() => stack.add(input([1, 2, 3]))).toThrow('[1, 3] does not fit beside [1, 2]');
  expect(() => stack.add({ ...input([1, 2]), type: 'uint8' })).toThrow('does not fit');
  const other = createStack(3);
  expect(() => other.add(input([1, 2], [2, 1]))).toThrow('[2, 1] is no single frame');
  // It is no measure for those that come after it.
  other.add(input([1, 2]));
  other.add(input([3, 4]));
  expect(other.whole()?.dims).toEqual([2, 2]);
  expect(() => stack.add(undefined)).toThrow('Nothing feeds');
  expect(createStack(2).whole()).toBeUndefined();
});

test('outputs are cut apart into buffers of their own, or it is said why not', () => {
  const parts = splitOutputs([input([1, 2, 3, 4, 5, 6], [2, 3]), { ...input([7, 8], [2]), name: 'y' }], 2);
  expect(parts.map((part) => part.map(({ dims, data }) => [dims, ...data]))).toEqual([
    [
      [[1, 3], 1, 2, 3],
      [[1], 7],
    ],
    [
      [[1, 3], 4, 5, 6],
      [[1], 8],
    ],
  ]);
  expect(parts[0]?.[0]?.data.buffer).not.toBe(parts[1]?.[0]?.data.buffer);
  expect(() => splitOutputs([input([1, 2, 3], [3])], 2)).toThrow('Output x is [3] for 2 frames');
});
