import { expect, test } from 'vitest';
import type { ModelFacts, Prepare } from '../core/card.ts';
import { checkPrepare } from './checkPrepare.ts';

const facts: ModelFacts = {
  format: 'onnx',
  bytes: 1,
  opsets: {},
  operators: {},
  inputs: [{ name: 'x', type: 'float32', shape: ['batch', 3, 'h', 320] }],
  outputs: [],
  nodes: 1,
  parameters: 0,
  externalFiles: [],
  metadata: {},
};
const prepare: Prepare = {
  input: 'x',
  width: 320,
  height: 100,
  fit: 'stretch',
  color: 'rgb',
  layout: 'nchw',
  type: 'float32',
  scale: 1,
  mean: [0, 0, 0],
  std: [1, 1, 1],
  pad: 0,
};

test('free dimensions take any size, fixed ones their own, and the sentence says which', () => {
  expect(() => checkPrepare(prepare, facts)).not.toThrow();
  expect(() => checkPrepare(undefined, facts)).not.toThrow();
  expect(() => checkPrepare({ ...prepare, width: 64 }, facts)).toThrow('width must be 320, not 64');
  expect(() => checkPrepare({ ...prepare, color: 'gray' }, facts)).toThrow('channels must be 3, not 1');
  expect(() => checkPrepare({ ...prepare, layout: 'nhwc' }, facts)).toThrow('height must be 3, not 100');
});
