import { expect, test } from 'vitest';
import type { ModelCard, ModelFacts } from '../core/card.ts';
import type { TensorInfo } from '../core/tensor.ts';
import { whyNotBatched } from './whyNotBatched.ts';

const tensor = (name: string, shape: TensorInfo['shape']): TensorInfo => ({ name, type: 'float32', shape });
const facts = (inputs: readonly TensorInfo[], outputs: readonly TensorInfo[]) => ({ inputs, outputs }) as ModelFacts;
const card: ModelCard = { name: 'm', task: { kind: 'tensors' }, reasons: {} };
const free = facts([tensor('x', ['batch', 3, 8, 8])], [tensor('y', ['batch', 10])]);

test('a free first dimension of all inputs and outputs is what it takes', () => {
  expect(whyNotBatched(free, card)).toBeUndefined();
  expect(whyNotBatched(facts([tensor('x', [1, 3, 8, 8])], free.outputs), card)).toContain('Input x is [1, 3, 8, 8]');
  expect(whyNotBatched(facts(free.inputs, [tensor('y', [10])]), card)).toContain('Output y is [10]');
  expect(whyNotBatched(facts(free.inputs, [tensor('y', [])]), card)).toContain('Output y');
  // Boxes of all pictures in one list, and a picture without a batch.
  expect(whyNotBatched(facts(free.inputs, [tensor('y', ['boxes', 7])]), card)).toContain('cannot be told apart');
  expect(whyNotBatched(facts([tensor('x', ['h'])], [tensor('y', ['h'])]), card)).toContain('no dimension for a batch');
});

test('what else stands against it is said', () => {
  const state = { h: { kind: 'state', dims: [1], from: 'hn' } } as const;
  expect(whyNotBatched(free, { ...card, fills: state })).toContain('state');
  expect(whyNotBatched(facts([...free.inputs, tensor('size', [2])], free.outputs), card)).toContain('2 inputs');
});
