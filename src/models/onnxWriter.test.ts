/** What the writer writes, read back: subgraphs, text, sequences, weights elsewhere, functions. ORT runs the rest in e2e. */
import { expect, it } from 'vitest';
import { type Graph, type GraphNode, writeFunction, writeOnnx } from './onnxWriter.ts';
import { preflight } from './preflight.ts';

const relu: GraphNode = { op: 'Relu', inputs: ['x'], outputs: ['y'] };
const plain: Graph = {
  name: 'plain',
  inputs: [{ name: 'x', shape: [2] }],
  outputs: [{ name: 'y', shape: [2] }],
  nodes: [relu],
};

it('subgraphs are inside their node', () => {
  const body = { name: 'body', inputs: [], outputs: [{ name: 'y', shape: [2] }], nodes: [relu, relu] };
  const loop: GraphNode = { op: 'Loop', inputs: ['n', '', 'x'], outputs: ['z'], attributes: { body } };
  expect(preflight(writeOnnx({ ...plain, nodes: [relu, loop] })).operators).toEqual({ Relu: 3, Loop: 1 });
});

it('outputs of text and of sequences say what they are', () => {
  const facts = preflight(
    writeOnnx({
      ...plain,
      outputs: [
        { name: 'words', shape: [2], elementType: 8 },
        { name: 'list', shape: [2], sequence: true },
      ],
      initialisers: [{ name: 'w', dims: [2], data: ['a', 'b'] }],
    }),
  );
  expect(facts.outputs.map(({ type }) => type)).toEqual(['string', 'unknown']);
  expect(facts.parameters).toBe(2);
});

it('functions stand behind the model', () => {
  const own: GraphNode = { op: 'f', inputs: ['x'], outputs: ['y'], domain: 'own' };
  const model = writeOnnx({ ...plain, nodes: [own], opsets: { own: 1 } });
  expect(() => preflight(model)).toThrow('operators of own');
  const whole = Uint8Array.from([...model, ...writeFunction('f', 'own', relu)]);
  expect(preflight(whole).operators).toEqual({ 'own.f': 1, Relu: 1 });
});
