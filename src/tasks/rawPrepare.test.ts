import { expect, test } from 'vitest';
import type { ModelFacts } from '../core/card.ts';
import type { TensorInfo } from '../core/tensor.ts';
import { rawPrepare } from './rawPrepare.ts';

const facts = (input: TensorInfo): ModelFacts => ({
  format: 'onnx',
  bytes: 1,
  opsets: {},
  operators: {},
  inputs: [input],
  outputs: [],
  nodes: 1,
  parameters: 0,
  externalFiles: [],
  metadata: {},
});

test('any numeric input is filled with grey pixels, free dimensions as 1', () => {
  expect(rawPrepare(facts({ name: 'x', type: 'uint8', shape: [1, 5] }))).toMatchObject({
    width: 5,
    height: 1,
    type: 'uint8',
  });
  expect(rawPrepare(facts({ name: 'x', type: 'int64', shape: ['n', 2, 3] }))).toMatchObject({ width: 3, height: 2 });
  expect(rawPrepare(facts({ name: 'x', type: 'float32', shape: [] }))).toMatchObject({ width: 1, height: 1 });
});

test('text is not fed with pixels; empty inputs and sequences are refused by name', () => {
  expect(rawPrepare(facts({ name: 'words', type: 'string', shape: [1] }))).toBeUndefined();
  expect(() => rawPrepare(facts({ name: 'list', type: 'unknown', shape: [] }))).toThrow(/list/);
  expect(() => rawPrepare(facts({ name: 'none', type: 'float32', shape: [0, 4] }))).toThrow(/none/);
});
