/** Graphs of opset 1 to 6, and what ORT makes of them once they were raised, against answers worked out by hand. */
import { describe, expect, it } from 'vitest';
import { sourceOfBytes } from '../byteSource.ts';
import { readOnnx } from '../onnxReader.ts';
import { assemble, writeModel } from '../writeModel.ts';
import { runInOrt, type Sketch, sketch, type Values } from './ort.fixture.ts';
import { repairModel } from './repairModel.ts';

const count = (n: number, from = 0) => Array.from({ length: n }, (_, i) => i + from);
const x = (dims: readonly number[]): Values => ({ dims, values: count(dims.reduce((a, b) => a * b, 1)) });
const weight = (values: readonly number[], dims: readonly number[] = [values.length]) => ({ dims, values });
const integers = (values: readonly number[]) => ({ dims: [values.length], values, integers: true as const });

interface Row {
  readonly name: string;
  readonly opset: number;
  readonly input: readonly number[];
  readonly weights?: Sketch['weights'];
  readonly nodes: Sketch['nodes'];
  readonly dims: readonly number[];
  readonly values: readonly number[];
}

const rows: readonly Row[] = [
  {
    name: 'Add along an axis in the middle',
    opset: 6,
    input: [1, 2, 3],
    weights: { b: weight([10, 20]) },
    nodes: [['Add', 'x b', 'y', { broadcast: 1, axis: 1 }]],
    dims: [1, 2, 3],
    values: [10, 11, 12, 23, 24, 25],
  },
  {
    name: 'Sub along a negative axis, in place in opset 1',
    opset: 1,
    input: [2, 2],
    weights: { b: weight([1, 2]) },
    nodes: [['Sub', 'x b', 'y', { broadcast: 1, axis: -2, consumed_inputs: [1, 0] }]],
    dims: [2, 2],
    values: [-1, 0, 0, 1],
  },
  {
    name: 'Mul by one number, wherever it stands',
    opset: 5,
    input: [2, 2],
    weights: { b: weight([3]) },
    nodes: [['Mul', 'x b', 'y', { broadcast: 1, axis: 0 }]],
    dims: [2, 2],
    values: [0, 3, 6, 9],
  },
  {
    name: 'Div of a value whose shape follows from a convolution',
    opset: 6,
    input: [1, 1, 2, 2],
    weights: { w: weight([1, 2], [2, 1, 1, 1]), b: weight([1, 2]) },
    nodes: [
      ['Conv', 'x w', 'c', { kernel_shape: [1, 1] }],
      ['Div', 'c b', 'y', { broadcast: 1, axis: 1 }],
    ],
    dims: [1, 2, 2, 2],
    values: [0, 1, 2, 3, 0, 1, 2, 3],
  },
  {
    name: 'PRelu with a slope for each channel',
    opset: 6,
    input: [1, 2, 2],
    weights: { s: weight([10, 100]), m: weight([-1]) },
    nodes: [
      ['Mul', 'x m', 'n', { broadcast: 1 }],
      ['PRelu', 'n s', 'y'],
    ],
    dims: [1, 2, 2],
    values: [-0, -10, -200, -300],
  },
  {
    name: 'Dropout and BatchNormalization as they infer',
    opset: 6,
    input: [1, 2, 1, 1],
    weights: { s: weight([1, 2]), b: weight([0, 1]), m: weight([0, 1]), v: weight([1, 1]) },
    nodes: [
      ['Dropout', 'x', 'd', { is_test: 1 }],
      ['BatchNormalization', 'd s b m v', 'y', { is_test: 1, epsilon: { float: 0 } }],
    ],
    dims: [1, 2, 1, 1],
    values: [0, 1],
  },
  {
    name: 'Reshape by an attribute, Concat without an axis, Relu in place',
    opset: 1,
    input: [4],
    nodes: [
      ['Reshape', 'x', 'r', { shape: [1, 2, 2], consumed_inputs: [0] }],
      ['Concat', 'r r', 'c'],
      ['Relu', 'c', 'y', { consumed_inputs: [0] }],
    ],
    dims: [1, 4, 2],
    values: [0, 1, 2, 3, 0, 1, 2, 3],
  },
  {
    name: 'Pad by its old name',
    opset: 1,
    input: [1, 2],
    nodes: [['Pad', 'x', 'y', { paddings: [0, 1, 0, 1], value: { float: 7 } }]],
    dims: [1, 4],
    values: [7, 0, 1, 7],
  },
  {
    name: 'Cast to a type by name, and back',
    opset: 4,
    input: [2],
    nodes: [
      ['Cast', 'x', 'i', { to: 'INT64' }],
      ['Cast', 'i', 'y', { to: 'FLOAT' }],
    ],
    dims: [2],
    values: [0, 1],
  },
  {
    name: 'Split by an input',
    opset: 1,
    input: [3],
    weights: { sizes: integers([1, 2]) },
    nodes: [['Split', 'x sizes', 'z y', { axis: 0 }]],
    dims: [2],
    values: [1, 2],
  },
  {
    name: 'Tile by two inputs',
    opset: 5,
    input: [1, 2],
    weights: { tiles: { ...integers([2]), dims: [] }, axis: { ...integers([1]), dims: [] } },
    nodes: [['Tile', 'x tiles axis', 'y']],
    dims: [1, 4],
    values: [0, 1, 0, 1],
  },
  {
    name: 'Upsample by width and height',
    opset: 1,
    input: [1, 1, 1, 2],
    nodes: [['Upsample', 'x', 'y', { height_scale: { float: 2 }, width_scale: { float: 1 } }]],
    dims: [1, 1, 2, 2],
    values: [0, 1, 0, 1],
  },
  {
    name: 'Upsample in opset 10, where it is no more',
    opset: 10,
    input: [1, 1, 1, 2],
    weights: { s: weight([1, 1, 2, 2]) },
    nodes: [['Upsample', 'x s', 'y', { mode: 'nearest' }]],
    dims: [1, 1, 2, 4],
    values: [0, 0, 1, 1, 0, 0, 1, 1],
  },
  {
    name: 'Upsample in opset 13',
    opset: 13,
    input: [1, 1, 1, 2],
    weights: { s: weight([1, 1, 1, 3]) },
    nodes: [['Upsample', 'x s', 'y', { mode: 'linear' }]],
    dims: [1, 1, 1, 6],
    values: [0, 1 / 3, 2 / 3, 1, 1, 1],
  },
];

function raised(row: Row): { before: Uint8Array; after: Uint8Array; kinds: readonly string[] } {
  const before = sketch({
    opset: row.opset,
    inputs: { x: row.input },
    outputs: ['y'],
    ...(row.weights === undefined ? {} : { weights: row.weights }),
    nodes: row.nodes,
  });
  const source = sourceOfBytes(before);
  const repaired = repairModel(readOnnx(before), source);
  if (repaired === undefined) throw new Error('There is a graph.');
  return {
    before,
    after: assemble(writeModel(repaired.model), source),
    kinds: repaired.notes.map(({ kind }) => kind),
  };
}

describe('old operators', () => {
  it.each(rows)('$name', async (row) => {
    const { before, after, kinds } = raised(row);
    expect(kinds).toContain('oldOperators');
    await expect(runInOrt(before, { x: x(row.input) }), 'ORT has it by now').rejects.toThrow();
    const { y } = await runInOrt(after, { x: x(row.input) });
    expect(y?.dims).toEqual(row.dims);
    y?.values.forEach((value, i) => expect(value).toBeCloseTo(row.values[i] ?? NaN, 6));
  });

  it('leaves alone what it cannot say exactly', () => {
    // Nothing tells the rank of the first operand.
    const { kinds } = raised({
      name: '',
      opset: 6,
      input: ['n' as never],
      weights: { b: weight([1, 2]), shape: integers([1]) },
      nodes: [
        ['NonZero', 'x', 'r'],
        ['Mystery', 'r', 'm'],
        ['Add', 'm b', 'y', { broadcast: 1, axis: 1 }],
      ],
      dims: [],
      values: [],
    });
    expect(kinds).not.toContain('oldOperators');
  });
});
