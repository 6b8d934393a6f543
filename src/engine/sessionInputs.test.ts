/** Inputs beside the fed one: every element type, carried state, and tensors from outside that fit or are refused. */
import * as ort from 'onnxruntime-web';
import { describe, expect, it } from 'vitest';
import type { TensorInfo, TensorType } from '../core/tensor.ts';
import { fitTensor } from './fitTensor.ts';
import { fromNumbers, halfOf, widen } from './numbers.ts';
import { createSessionInputs } from './sessionInputs.ts';

const types: readonly TensorType[] = [
  'float32',
  'float16',
  'float64',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'uint32',
  'int32',
  'uint64',
  'int64',
  'bool',
  'uint4',
  'int4',
];
const info = (name: string, type: TensorType, shape: TensorInfo['shape']): TensorInfo => ({ name, type, shape });

describe('numbers', () => {
  it.each(types)('%s holds what was asked for, clamped and rounded', (type) => {
    const data = fromNumbers(type, 4, (i) => [0, 1, 2.5, 300][i] ?? 0);
    const numbers = type === 'float16' ? [...widen(data as Uint16Array)] : Array.from(data as Uint8Array, Number);
    const expected: Partial<Record<TensorType, number[]>> = {
      uint8: [0, 1, 3, 255],
      int8: [0, 1, 3, 127],
      bool: [0, 1, 1, 1],
      uint4: [0x10, 0xf3],
      int4: [0x10, 0x73],
    };
    const whole = /^(u?int)/.test(type) ? [0, 1, 3, 300] : [0, 1, 2.5, 300];
    expect(numbers).toEqual(expected[type] ?? whole);
  });

  it('halves are those of widen, for every finite half', () => {
    for (let bits = 0; bits < 0x7c00; bits++) {
      const value = widen(new Uint16Array([bits]))[0] ?? NaN;
      expect(halfOf(value)).toBe(bits);
      expect(halfOf(-value)).toBe(bits | 0x8000);
    }
    expect([halfOf(65_520), halfOf(-Infinity), halfOf(2 ** -26)]).toEqual([0x7c00, 0xfc00, 0]);
    // Half-way cases go to the even neighbour.
    expect([halfOf(1 + 2 ** -11), halfOf(1 + 3 * 2 ** -11), halfOf(3 * 2 ** -25)]).toEqual([0x3c00, 0x3c02, 2]);
  });
});

describe('session inputs', () => {
  it.each(types)('ORT takes a filled input of type %s', (type) => {
    const inputs = createSessionInputs(ort as never, [info('x', type, [3])]);
    for (const fill of [
      { kind: 'constant', dims: [3], value: 1 },
      { kind: 'ramp', dims: [3] },
      { kind: 'noise', dims: [3] },
    ] as const) {
      inputs.setFeed({ fills: { x: fill } });
      expect(inputs.unfilled()).toEqual([]);
      expect(inputs.tensors(undefined)['x']).toMatchObject({ type, dims: [3] });
    }
  });

  it('state is zeros first, then the output of the run before, and begins anew with a new feed', () => {
    const inputs = createSessionInputs(ort as never, [info('x', 'float32', [1]), info('state', 'float32', [2])]);
    const feed = { fills: { state: { kind: 'state', dims: [2], from: 'next' } } } as const;
    const fed = { name: 'x', type: 'float32', dims: [1], data: new Float32Array([7]) } as const;
    const state = () => [...((inputs.tensors(fed)['state'] as ort.Tensor).data as Float32Array)];
    inputs.setFeed(feed);
    expect(inputs.unfilled()).toEqual(['x']);
    expect(state()).toEqual([0, 0]);
    const output = { name: 'next', type: 'float32', dims: [2], data: new Float32Array([3, 4]) } as const;
    inputs.keepState([output]);
    // The buffer of an output leaves the worker; the state must be a copy of it.
    output.data.fill(9);
    expect(state()).toEqual([3, 4]);
    expect(inputs.copies(fed).map(({ name }) => name)).toEqual(['x', 'state']);
    inputs.setFeed(feed);
    expect(state()).toEqual([0, 0]);
  });

  it('an input that nothing feeds is named', () => {
    const inputs = createSessionInputs(ort as never, [info('ids', 'int64', [1, 'len'])]);
    expect(() => inputs.tensors(undefined)).toThrow(/input ids \[1, len\]/);
  });
});

describe('tensors from outside', () => {
  const payload = (type: TensorType, dims: number[], fit?: 'cut' | 'spread') => ({
    kind: 'tensor' as const,
    type,
    dims,
    data: fromNumbers(
      type,
      dims.reduce((product, dim) => product * dim, 1),
      (i) => i,
    ),
    ...(fit === undefined ? {} : { fit }),
  });

  it('fit with a batch of one added or taken away, free dimensions and another type', () => {
    expect(fitTensor(payload('float32', [2, 2]), info('x', 'float32', [1, 2, 'n'])).dims).toEqual([1, 2, 2]);
    expect(fitTensor(payload('float32', [1, 1, 4]), info('x', 'float32', [4])).dims).toEqual([4]);
    const bytes = fitTensor(payload('uint8', [3]), info('x', 'float32', ['n']));
    expect([...(bytes.data as Float32Array)]).toEqual([0, 1, 2]);
    const half = fitTensor(payload('float16', [3]), info('x', 'int64', [3]));
    expect([...(half.data as BigInt64Array)]).toEqual([0n, 1n, 2n]);
  });

  it('of another shape are refused with both shapes', () => {
    expect(() => fitTensor(payload('float32', [2, 3]), info('x', 'float32', [1, 4]))).toThrow(
      'The tensor is float32 [2, 3]; input x takes float32 [1, 4].',
    );
  });

  it('bytes and sound are cut or padded to the declared length', () => {
    expect([...(fitTensor(payload('uint8', [3], 'cut'), info('x', 'int32', ['b', 5])).data as Int32Array)]).toEqual([
      0, 1, 2, 0, 0,
    ]);
    expect([...(fitTensor(payload('uint8', [3], 'cut'), info('x', 'uint8', [2])).data as Uint8Array)]).toEqual([0, 1]);
    expect(fitTensor(payload('float32', [3], 'cut'), info('x', 'float32', ['b', 'n'])).dims).toEqual([1, 3]);
  });

  it('one value fills the whole input, in the type of the input', () => {
    const one = { ...payload('float64', [1], 'spread'), data: Float64Array.of(0.5) };
    const filled = fitTensor(one, info('x', 'float32', [1, 3, 'h', 'w']), [1, 3, 2, 2]);
    expect(filled).toMatchObject({ dims: [1, 3, 2, 2], data: new Float32Array(12).fill(0.5) });
    const whole = fitTensor({ ...one, data: Float64Array.of(7) }, info('x', 'int64', [2]), [2]);
    expect(whole.data).toEqual(BigInt64Array.of(7n, 7n));
  });
});
