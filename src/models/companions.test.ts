/** Labels and cards beside a model: told apart by name, unless the model keeps its weights in one of them. */
import { expect, test } from 'vitest';
import { buildSobel } from './buildGraph.ts';
import { cardPatchOf, labelsOf, mainOf, mergePatches, sortCompanions } from './companions.ts';
import { preflight } from './preflight.ts';

const named = (...names: string[]) => names.map((name) => ({ name }));
const bytes = (text: string) => new TextEncoder().encode(text).buffer;

test('the model is found whatever comes first', () => {
  expect(mainOf(named('coco.names', 'card.json', 'm.ONNX', 'm.data'))?.name).toBe('m.ONNX');
  expect(mainOf(named('labels.txt', 'model'))?.name).toBe('model');
  expect(mainOf(named('only.txt'))?.name).toBe('only.txt');
  expect(mainOf([])).toBe(undefined);
});

test('weights are weights, whatever they are called', () => {
  const facts = { ...preflight(buildSobel(8, 8)), externalFiles: [{ path: 'w/weights.txt', bytes: 4 }] };
  const { data, labels, cards } = sortCompanions(facts, named('weights.txt', 'coco.names', 'card.json', 'more.bin'));
  expect(data.map(({ name }) => name)).toEqual(['weights.txt', 'more.bin']);
  expect([labels, ...cards].map((file) => file?.name)).toEqual(['coco.names', 'card.json']);
});

test('labels are lines', () => {
  expect(labelsOf(bytes('cat\r\n dog \n\nbird\n\n'), 'l.txt')).toEqual(['cat', 'dog', '', 'bird']);
  expect(() => labelsOf(bytes(' \n'), 'l.txt')).toThrow('l.txt holds no labels');
});

test('a card is told from other JSON, and what is more in it is left alone', () => {
  const card = { task: { kind: 'tensors' }, licence: 'MIT', files: { 'm.onnx': 1 }, __proto__: 1 };
  expect(cardPatchOf(bytes(JSON.stringify(card)), 'c.json')).toEqual({ task: { kind: 'tensors' }, licence: 'MIT' });
  expect(cardPatchOf(bytes('{"labels":["a"]}'), 'c.json')).toEqual({ labels: ['a'] });
  for (const text of ['5', '[]', 'null', '{}', '{"task":"detection","source":{}}', '{"licence":"MIT"}'])
    expect(cardPatchOf(bytes(text), 'c.json')).toBe(undefined);
  for (const text of ['', '{'])
    expect(() => cardPatchOf(bytes(text), 'c.json')).toThrow(expect.objectContaining({ code: 'bad-settings' }));
});

test('patches follow each other; of another task nothing stays', () => {
  const first = { name: 'a', task: { kind: 'detection', scoreThreshold: 0.5 }, prepare: { fit: 'crop' } } as const;
  expect(mergePatches(first, { task: { iouThreshold: 0.3 } as never, prepare: { pad: 3 } })).toEqual({
    name: 'a',
    task: { kind: 'detection', scoreThreshold: 0.5, iouThreshold: 0.3 },
    prepare: { fit: 'crop', pad: 3 },
  });
  expect(mergePatches(first, { task: { kind: 'tensors' } })?.task).toEqual({ kind: 'tensors' });
  expect(mergePatches(undefined, first)).toBe(first);
  expect(mergePatches(first, undefined)).toBe(first);
});
