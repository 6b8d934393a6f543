/** The inspector's rows and the places of its boxes: searched, ordered, summed up, never on top of each other. */
import { expect, test } from 'vitest';
import type { ModelGraph, ModelNode } from '../../core/modelGraph.ts';
import { layoutGraph, nodeHeight, nodeWidth } from './layout.ts';
import { inOrder, operatorRows, rowsOf, search } from './rows.ts';

const node = (op: string, inputs: string[], outputs: string[], parameters = 0): ModelNode => ({
  name: op.toLowerCase(),
  op,
  domain: '',
  inputs,
  outputs,
  within: [],
  attributes: {},
  parameters,
  parameterBytes: 4 * parameters,
});

/** A picture through two branches that meet, one of them with a size that is worked out from a constant. */
const graph: ModelGraph = {
  nodes: [
    node('Constant', [], ['size']),
    node('Conv', ['picture', 'w'], ['a'], 9),
    node('Relu', ['a'], ['b']),
    node('Conv', ['b', 'v'], ['c'], 90),
    node('Resize', ['a', 'size'], ['d']),
    node('Add', ['c', 'd'], ['out']),
  ],
  values: {
    picture: { name: 'picture', type: 'float32', shape: [1, 3, 8, 8], kind: 'input' },
    a: { name: 'a', type: 'float32', shape: [1, 1, 8, 8], kind: 'between' },
  },
  total: 6,
};
const profile = {
  model: 'm',
  provider: 'wasm',
  threads: 1,
  clock: 'cpu',
  runs: 1,
  runMs: 4,
  nodes: [
    { name: 'relu', op: 'Relu', provider: '', ms: 3, output: '' },
    { name: 'add', op: 'Add', provider: '', ms: 1, output: '' },
  ],
} as const;

test('rows know their output and their time, are found by every word, and ordered', () => {
  const rows = rowsOf(graph, profile);
  expect(rows[1]?.output?.shape).toEqual([1, 1, 8, 8]);
  expect(rows.map(({ ms }) => ms)).toEqual([undefined, undefined, 3, undefined, undefined, 1]);
  expect(search(rows, ' CONV  v').map(({ at }) => at)).toEqual([2, 4]);
  expect(search(rows, 'conv nowhere')).toEqual([]);
  expect(search(rows, '')).toBe(rows);
  expect(inOrder(rows, 'parameters')[0]?.at).toBe(4);
  expect(
    inOrder(rows, 'time')
      .map(({ at }) => at)
      .slice(0, 2),
  ).toEqual([3, 6]);
  expect(operatorRows(rows)[0]).toEqual({ op: 'Conv', count: 2, parameters: 99, ms: undefined });
  expect(operatorRows(rows).find(({ op }) => op === 'Relu')?.ms).toBe(3);
});

test('each node lies below what it reads, none on another, and constants beside their reader', () => {
  const { placed, edges, width, height } = layoutGraph(graph);
  const at = (index: number) => placed[index] ?? { x: NaN, y: NaN };
  for (const [from, to] of edges) expect(at(to).y).toBeGreaterThanOrEqual(at(from).y + nodeHeight);
  expect(edges).toContainEqual([0, 4]);
  expect(at(0).y).toBe(at(1).y);
  for (const a of placed) {
    expect(a.x - nodeWidth / 2).toBeGreaterThanOrEqual(0);
    expect(a.x + nodeWidth / 2).toBeLessThanOrEqual(width);
    expect(a.y + nodeHeight).toBeLessThanOrEqual(height);
    for (const b of placed) if (a !== b && a.y === b.y) expect(Math.abs(a.x - b.x)).toBeGreaterThanOrEqual(nodeWidth);
  }
  expect(layoutGraph({ nodes: [], values: {}, total: 0 }).placed).toEqual([]);
});

test('a graph that goes in circles, as a damaged file may, is still drawn', () => {
  const { placed } = layoutGraph({ nodes: [node('A', ['y'], ['x']), node('B', ['x'], ['y'])], values: {}, total: 2 });
  expect(placed).toHaveLength(2);
});
