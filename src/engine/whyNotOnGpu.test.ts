import { expect, test } from 'vitest';
import type { Prepare } from '../core/card.ts';
import { whyNotOnGpu } from './whyNotOnGpu.ts';

const prepare: Prepare = {
  input: 'x',
  width: 3,
  height: 5,
  fit: 'stretch',
  color: 'rgb',
  layout: 'nchw',
  type: 'float32',
  scale: 1,
  mean: [0, 0, 0],
  std: [1, 1, 1],
  pad: 0,
};

test('types that a GPU buffer holds, in sizes that fill whole words; for all else the reason names both', () => {
  expect(whyNotOnGpu(prepare)).toBeUndefined();
  expect(whyNotOnGpu({ ...prepare, type: 'float16', width: 4 })).toBeUndefined();
  expect(whyNotOnGpu({ ...prepare, type: 'uint8', width: 4, height: 4 })).toBeUndefined();
  expect(whyNotOnGpu({ ...prepare, type: 'float16' })).toMatch(/3 × 5 values of float16/);
  expect(whyNotOnGpu({ ...prepare, type: 'uint8', width: 2, height: 3 })).toMatch(/2 × 3 values of uint8/);
  expect(whyNotOnGpu({ ...prepare, type: 'int64' })).toMatch(/type int64/);
  expect(whyNotOnGpu({ ...prepare, dims: [1, 15] })).toMatch(/no picture/);
});
