/** Words for each way in which models are quantised. */
import { expect, it } from 'vitest';
import { quantisationOf } from './quantisation.ts';

it.each([
  [['Conv'], { float32: 9 }, undefined],
  [['QuantizeLinear', 'DequantizeLinear', 'Conv'], { int8: 90, uint8: 2, float32: 9 }, 'QDQ, int8'],
  [['QLinearConv'], { uint8: 90 }, 'quantised operators, uint8'],
  [['DynamicQuantizeLinear', 'MatMulInteger'], { int8: 90 }, 'dynamic, int8'],
  [['com.microsoft.DynamicQuantizeMatMul'], { int8: 90 }, 'dynamic, int8'],
  [['com.microsoft.MatMulNBits'], { uint8: 90 }, 'blocks of 4 or 8 bits'],
  [['Conv'], { float16: 90, float32: 1 }, 'float16'],
])('%j with %j: %s', (operators, weights, words) => {
  expect(quantisationOf(new Map(operators.map((name) => [name, 1])), new Map(Object.entries(weights)))).toBe(words);
});
