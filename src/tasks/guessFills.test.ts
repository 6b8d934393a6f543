/** Inputs that no frame feeds: what they get is guessed from names, types and shapes, and said. */
import { describe, expect, it } from 'vitest';
import type { ModelFacts } from '../core/card.ts';
import type { TensorInfo, TensorType } from '../core/tensor.ts';
import { guessCard, rawCard } from './guess.ts';

const tensor = (name: string, shape: TensorInfo['shape'], type: TensorType = 'float32') => ({ name, shape, type });
const facts = (inputs: TensorInfo[], outputs: TensorInfo[]): ModelFacts => ({
  format: 'onnx',
  bytes: 1,
  opsets: {},
  operators: {},
  inputs,
  outputs,
  nodes: 1,
  parameters: 0,
  externalFiles: [],
  metadata: {},
});

describe('guessFills', () => {
  it('gives the size of a picture to the same free dimensions of other inputs', () => {
    const card = guessCard(
      facts(
        [tensor('input', ['N', 3, 'H', 'W']), tensor('input2', ['N', 3, 'H', 'W']), tensor('alpha', [1])],
        [tensor('output', ['N', 3, 'H', 'W'])],
      ),
      'blend',
    );
    const { width, height } = card.prepare ?? {};
    expect(card.fills).toEqual({
      input2: { kind: 'noise', dims: [1, 3, height, width] },
      alpha: { kind: 'constant', dims: [1], value: 0.5 },
    });
    expect(card.reasons['fills']).toBe('Input input2 gets noise, the same in every run. Input alpha gets 0.5.');
  });

  it('finds carried state by its name or by a fixed shape that only two share', () => {
    const silero = guessCard(
      facts(
        [tensor('input', ['batch', 'sequence']), tensor('state', [2, 'batch', 128]), tensor('sr', [], 'int64')],
        [tensor('output', ['batch', 1]), tensor('stateN', ['a', 'batch', 'b'])],
      ),
      'vad',
    );
    expect(silero.stream).toEqual({ input: 'input', dims: [1, 512] });
    expect(silero.fills).toEqual({
      state: { kind: 'state', dims: [2, 1, 128], from: 'stateN' },
      sr: { kind: 'constant', dims: [], value: 16_000 },
    });
    const dtln = guessCard(
      facts(
        [tensor('input_2', [1, 1, 257]), tensor('input_3', [1, 2, 128, 2])],
        [tensor('activation_2', [1, 1, 257]), tensor('tf_op_layer_stack_2', [1, 2, 128, 2])],
      ),
      'dtln',
    );
    expect(dtln.stream?.input).toBe('input_2');
    expect(dtln.fills?.['input_3']).toMatchObject({ kind: 'state', from: 'tf_op_layer_stack_2' });
    const past = guessCard(
      facts(
        [tensor('ids', [1, 'seq'], 'int64'), tensor('past.0.key', [1, 4, 'past', 8])],
        [tensor('logits', [1, 'seq', 9]), tensor('present.0.key', [1, 4, 'all', 8])],
      ),
      'text',
    );
    expect(past.fills?.['past.0.key']).toMatchObject({ kind: 'state', from: 'present.0.key' });
  });

  it('the raw view of a text model lets frames only set the pace', () => {
    const inputs = ['input_ids', 'token_type_ids', 'input_mask'].map((name) => tensor(name, ['batch', 'len'], 'int64'));
    const found = facts(inputs, [tensor('scores', ['batch', 'len', 99])]);
    const card = rawCard(guessCard(found, 'bert'), found);
    expect(card.prepare).toBeUndefined();
    expect(card.fills).toEqual({
      input_ids: { kind: 'ramp', dims: [1, 16] },
      token_type_ids: { kind: 'constant', dims: [1, 16], value: 0 },
      input_mask: { kind: 'constant', dims: [1, 16], value: 1 },
    });
  });
});
