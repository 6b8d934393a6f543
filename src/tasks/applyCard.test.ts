/** Patches to a card: what they change, what they leave, what they may not say. */
import { describe, expect, it } from 'vitest';
import type { ModelCard } from '../core/card.ts';
import { applyCard } from './applyCard.ts';

const card: ModelCard = {
  name: 'm',
  task: { kind: 'detection', head: 'ssd', scoreThreshold: 0.7, iouThreshold: 0.3 },
  prepare: {
    input: 'x',
    width: 320,
    height: 240,
    fit: 'stretch',
    color: 'rgb',
    layout: 'nchw',
    type: 'float32',
    scale: 1,
    mean: [127, 127, 127],
    std: [128, 128, 128],
    pad: 0,
  },
  reasons: { task: 'guessed', prepare: 'guessed' },
};

describe('applyCard', () => {
  it('an empty patch changes nothing', () => {
    expect(applyCard(card, {})).toEqual(card);
  });

  it('changes single fields and says that a person did', () => {
    const next = applyCard(card, { task: { scoreThreshold: 0.5 }, prepare: { color: 'bgr' }, labels: ['a'] });
    expect(next.task).toEqual({ ...card.task, scoreThreshold: 0.5 });
    expect(next.prepare).toEqual({ ...card.prepare, color: 'bgr' });
    expect(next.labels).toEqual(['a']);
    expect(next.reasons).toEqual({ task: 'Set by hand.', prepare: 'Set by hand.', labels: 'Set by hand.' });
  });

  it('another kind of task starts from its own defaults', () => {
    expect(applyCard(card, { task: { kind: 'classification', topK: 3 } }).task).toEqual({
      kind: 'classification',
      softmax: 'auto',
      topK: 3,
    });
    expect(applyCard(card, { task: { kind: 'tensors' } }).task).toEqual({ kind: 'tensors' });
  });

  it('gives a model without preparation one, when the patch names input and size', () => {
    const { prepare: _, ...bare } = card;
    expect(applyCard(bare, { prepare: { input: 'x', width: 8, height: 8 } }).prepare).toMatchObject({ scale: 1 / 255 });
    expect(() => applyCard(bare, { prepare: { width: 8 } })).toThrow('prepare.input');
  });

  it.each([
    [{ task: { scoreThreshold: 2 } }, 'task.scoreThreshold'],
    [{ task: { kind: 'nothing' } }, 'task'],
    [{ task: { kind: 'toString' } }, 'task'],
    [{ prepare: { width: 0 } }, 'prepare.width'],
    [{ prepare: { width: 100_000 } }, 'prepare.width'],
    [{ prepare: { std: [1, 0, 1] } }, 'prepare.std'],
    [{ prepare: { scale: Number.NaN } }, 'prepare.scale'],
    [{ prepare: { mean: [1] } }, 'prepare.mean'],
    [{ surprise: 1 }, 'surprise'],
    [{ labels: [7] }, 'labels'],
  ])('refuses %j by name', (patch, field) => {
    expect(() => applyCard(card, patch as never)).toThrow(
      expect.objectContaining({ code: 'bad-settings', message: expect.stringContaining(field) }),
    );
  });
});
