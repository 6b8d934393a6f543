/** The reader steps over weights without looking at them, however large the file says they are. */
import { expect, it } from 'vitest';
import { buildConvGraph } from './buildGraph.ts';
import type { ByteSource } from './byteSource.ts';
import { describeGraph } from './describeGraph.ts';
import { readOnnx } from './onnxReader.ts';
import { writeOnnx } from './onnxWriter.ts';
import { readModel } from './preflight.ts';

const weights = 64 * 64 * 9;
const model = buildConvGraph({ input: [1, 3, 32, 32], layers: 40, channels: 64 });

/** Counts what is read of the bytes. */
function counting(bytes: Uint8Array) {
  const count = { reads: 0, bytes: 0 };
  const source: ByteSource = {
    size: bytes.length,
    read(from, to) {
      count.reads += 1;
      count.bytes += to - from;
      return bytes.subarray(from, to);
    },
  };
  return { source, count };
}

it('reads a window at each weight, and nothing of the rest', () => {
  const { source, count } = counting(model);
  const { facts } = readModel(source);
  expect(facts.parameters).toBe(40 * weights + 2 * 3 * 64 * 9);
  expect(count.bytes).toBeLessThan(model.length / 3);
  // One where each of them begins, and a few for what stands before and behind.
  expect(count.reads).toBeLessThan(60);
});

it('says of every node what it weighs and costs', () => {
  const { source } = counting(model);
  const { nodes, values, total } = describeGraph(readOnnx(source), source);
  expect([nodes.length, total]).toEqual([84, 84]);
  const second = nodes[2];
  expect(second).toMatchObject({
    op: 'Conv',
    inputs: ['layer0', 'weight1'],
    outputs: ['conv1'],
    attributes: { kernel_shape: '3, 3', pads: '1, 1, 1, 1' },
    within: [],
    parameters: weights,
    parameterBytes: 4 * weights,
    mflops: (2 * weights * 32 * 32) / 1e6,
  });
  expect(values['conv1']).toEqual({ name: 'conv1', type: 'float32', shape: [1, 64, 32, 32], kind: 'between' });
  expect(values['input']?.kind).toBe('input');
  expect(values['weight1']).toMatchObject({ kind: 'weight', shape: [64, 64, 3, 3] });
});

it('refuses more parts than memory has room for', () => {
  // Empty nodes, two bytes each.
  const nodes = new Uint8Array(2 * 200_001);
  for (let at = 0; at < nodes.length; at += 2) nodes[at] = 0x0a;
  const length = nodes.length;
  const head = [0x3a, (length & 127) | 128, ((length >> 7) & 127) | 128, length >> 14];
  const whole = new Uint8Array(head.length + length);
  whole.set(head);
  whole.set(nodes, head.length);
  expect(() => readOnnx(whole)).toThrow('more than 200 000 parts');
}, 30_000);

it('finds data files wherever a tensor may stand: weights, attributes, lists of them, sparse weights', () => {
  const whole = writeOnnx({
    name: 'hidden',
    inputs: [],
    outputs: [],
    initialisers: [{ name: 'w', dims: [1], data: { external: { location: '../out' } } }],
    nodes: [],
  });
  // graph { initializer { tensor } }: the tensor's bytes are put to the other places.
  const { initialisers } = readOnnx(whole).graph ?? { initialisers: [] };
  const span = initialisers[0]?.span ?? { from: 0, to: 0 };
  const tensor = whole.subarray(span.from, span.to);
  const wrap = (field: number, body: Uint8Array) => Uint8Array.from([(field << 3) | 2, body.length, ...body]);
  const opset = [0x42, 2, 0x10, 17];
  const places = [
    wrap(5, tensor),
    wrap(1, wrap(5, wrap(5, tensor))),
    wrap(1, wrap(5, wrap(10, tensor))),
    wrap(15, wrap(1, tensor)),
  ];
  for (const place of places) {
    const model = Uint8Array.from([0x08, 8, ...wrap(7, place), ...opset]);
    expect(() => readModel({ size: model.length, read: (from, to) => model.subarray(from, to) })).toThrow(
      expect.objectContaining({ code: 'bad-external-path' }),
    );
  }
});
