/** Each repair alone: what it changes, what it leaves, and that ORT computes the same before and after. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sourceOfBytes } from '../byteSource.ts';
import { buildSobel } from '../buildGraph.ts';
import { writeOnnx } from '../onnxWriter.ts';
import { readOnnx } from '../onnxReader.ts';
import { describeGraph } from '../describeGraph.ts';
import { preflight } from '../preflight.ts';
import { assemble, writeModel } from '../writeModel.ts';
import { mend } from './mend.ts';
import { runInOrt, type Sketch, sketch } from './ort.fixture.ts';
import { repairModel } from './repairModel.ts';

function repaired(bytes: Uint8Array, off: Parameters<typeof repairModel>[2] = []) {
  const source = sourceOfBytes(bytes);
  const found = repairModel(readOnnx(bytes), source, off);
  if (found === undefined) throw new Error('There is a graph.');
  return { ...found, bytes: assemble(writeModel(found.model), source) };
}

/** Undefined where it is no ONNX any longer. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

const tangled: Sketch = {
  opset: 13,
  irVersion: 8,
  inputs: { x: [2], w: [2] },
  outputs: ['y'],
  weights: { w: { dims: [2], values: [1, 2] }, unused: { dims: [3], values: [1, 2, 3] } },
  nodes: [
    ['Identity', 'x', 'a'],
    ['Identity', 'a', 'b'],
    ['Mul', 'b w', 'c'],
    ['Exp', 'c', 'dead'],
    ['Neg', 'dead', 'deader'],
    ['Identity', 'c', 'y'],
  ],
};

describe('repairs', () => {
  it('finds nothing in a model that is as it should be', () => {
    const bytes = buildSobel(8, 8);
    expect(repaired(bytes)).toMatchObject({ notes: [], off: [] });
    expect(mend(readOnnx(bytes), sourceOfBytes(bytes), [])).toBeUndefined();
  });

  it('unties a graph: weights as inputs, identities, dead nodes and weights', async () => {
    const before = sketch(tangled);
    const { notes, bytes } = repaired(before);
    expect(notes.map(({ kind, count }) => [kind, count])).toEqual([
      ['constantInputs', 1],
      ['identities', 2],
      ['deadNodes', 3],
    ]);
    const { graph } = readOnnx(bytes);
    // The last identity makes an output, whose name must stay.
    expect(graph?.nodes.map(({ op }) => op)).toEqual(['Mul', 'Identity']);
    expect(graph?.inputs.map(({ info }) => info.name)).toEqual(['x']);
    expect(graph?.initialisers.map(({ name }) => name)).toEqual(['w']);
    const feeds = { x: { dims: [2], values: [3, 4] } };
    expect(await runInOrt(bytes, feeds)).toEqual(await runInOrt(before, feeds));
  });

  it('does not depend on the order of the nodes', async () => {
    const before = sketch({ ...tangled, nodes: [...tangled.nodes].reverse() });
    const { notes, bytes } = repaired(before);
    expect(notes.map(({ kind, count }) => [kind, count])).toEqual([
      ['constantInputs', 1],
      ['identities', 2],
      ['deadNodes', 3],
    ]);
    const feeds = { x: { dims: [2], values: [3, 4] } };
    expect(await runInOrt(bytes, feeds)).toEqual(await runInOrt(before, feeds));
  });

  it('leaves out what is switched off, and tells that it could', () => {
    const { notes, off } = repaired(sketch(tangled), ['identities', 'constantInputs']);
    expect(notes.map(({ kind }) => kind)).toEqual(['deadNodes']);
    expect(off.map(({ kind }) => kind)).toEqual(['constantInputs', 'identities']);
  });

  it('declares -1 free', async () => {
    const before = writeOnnx({
      name: 'negative',
      inputs: [{ name: 'x', shape: [-1, 2] }],
      outputs: [{ name: 'y', shape: [-1, 2] }],
      nodes: [{ op: 'Neg', inputs: ['x'], outputs: ['y'] }],
    });
    const { notes, bytes } = repaired(before);
    expect(notes).toMatchObject([{ kind: 'negativeDimensions', count: 2 }]);
    expect(readOnnx(bytes).graph?.inputs[0]).toMatchObject({ negative: false, info: { shape: ['?', 2] } });
    const feeds = { x: { dims: [1, 2], values: [3, 4] } };
    expect(await runInOrt(bytes, feeds)).toEqual(await runInOrt(before, feeds));
  });

  it('adds the imports that are missing', async () => {
    const gelu = sketch({
      opset: 13,
      irVersion: 8,
      inputs: { x: [1] },
      outputs: ['y'],
      nodes: [['com.microsoft:Gelu', 'x', 'y']],
    });
    const { notes, bytes } = repaired(gelu);
    expect(notes).toMatchObject([{ kind: 'opsetImports', count: 1 }]);
    expect(Object.fromEntries(readOnnx(bytes).opsets)).toEqual({ 'ai.onnx': 13, 'com.microsoft': 1 });
    expect((await runInOrt(bytes, { x: { dims: [1], values: [0] } }))['y']?.values).toEqual([0]);
    const ancient = sketch({
      opset: undefined,
      irVersion: 2,
      inputs: { x: [1] },
      outputs: ['y'],
      nodes: [['Relu', 'x', 'y']],
    });
    const { notes: two, bytes: raised } = repaired(ancient);
    expect(two.map(({ kind }) => kind)).toEqual(['opsetImports', 'oldOperators']);
    expect((await runInOrt(raised, { x: { dims: [1], values: [-1] } }))['y']?.values).toEqual([0]);
  });

  it('keeps what a branch takes from the graph around it', () => {
    const bytes = writeOnnx({
      name: 'branch',
      inputs: [
        { name: 'x', shape: [1] },
        { name: 'c', shape: [1], elementType: 9 },
      ],
      outputs: [{ name: 'y', shape: [1] }],
      nodes: [
        { op: 'Identity', inputs: ['x'], outputs: ['a'] },
        { op: 'Neg', inputs: ['x'], outputs: ['b'] },
        {
          op: 'If',
          inputs: ['c'],
          outputs: ['y'],
          attributes: {
            then_branch: {
              name: 't',
              inputs: [],
              outputs: [{ name: 't', shape: [1] }],
              nodes: [{ op: 'Neg', inputs: ['a'], outputs: ['t'] }],
            },
            else_branch: { name: 'e', inputs: [], outputs: [{ name: 'b', shape: [1] }], nodes: [] },
          },
        },
      ],
    });
    expect(repaired(bytes).notes).toEqual([]);
  });

  it('computes the same on any graph', async () => {
    const ops = ['Identity', 'Neg', 'Abs', 'Add', 'Mul'] as const;
    const node = fc.record({ op: fc.constantFrom(...ops), a: fc.nat(), b: fc.nat() });
    const graphs = fc.record({
      nodes: fc.array(node, { minLength: 1, maxLength: 12 }),
      shown: fc.array(fc.nat(), { maxLength: 2 }),
    });
    await fc.assert(
      fc.asyncProperty(graphs, async ({ nodes, shown }) => {
        const names = ['x', 'w'];
        const made: Sketch['nodes'] = nodes.map(({ op, a, b }, i) => {
          const pick = (at: number) => names[at % names.length] ?? 'x';
          const inputs = op === 'Add' || op === 'Mul' ? `${pick(a)} ${pick(b)}` : pick(a);
          names.push(`v${i}`);
          return [op, inputs, `v${i}`];
        });
        const outputs = [...new Set([`v${nodes.length - 1}`, ...shown.map((at) => `v${at % nodes.length}`)])];
        const before = sketch({
          opset: 13,
          irVersion: 8,
          inputs: { x: [2], w: [2] },
          outputs,
          weights: { w: { dims: [2], values: [0.5, -2] } },
          nodes: made,
        });
        const feeds = { x: { dims: [2], values: [1.5, -0.25] } };
        expect(await runInOrt(repaired(before).bytes, feeds)).toEqual(await runInOrt(before, feeds));
      }),
      { numRuns: 40 },
    );
  });

  it('makes of every damaged graph something or nothing, and never hangs or throws', () => {
    const whole = sketch({
      opset: 6,
      irVersion: 4,
      inputs: { x: [1, 2, 3, 4], w: [2] },
      outputs: ['y', 'z'],
      weights: {
        w: { dims: [2], values: [1, 2] },
        shape: { dims: [2], values: [2, -1], integers: true },
      },
      nodes: [
        ['Identity', 'x', 'a'],
        ['Add', 'a w', 'b', { broadcast: 1, axis: 1 }],
        ['Pad', 'b', 'c', { pads: [0, 0, 1, 1, 0, 0, 1, 1] }],
        ['AveragePool', 'c', 'd', { kernel_shape: [2, 2], strides: [1, 1] }],
        ['Transpose', 'd', 'e', { perm: [0, 2, 3, 1] }],
        ['Reshape', 'e shape', 'f'],
        ['Concat', 'f f', 'y', { axis: 0 }],
        ['Split', 'f', 'z u', { axis: 0 }],
        ['Unsqueeze', 'u', 'v', { axes: [0, 3] }],
      ],
    });
    const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
        const damaged = whole.slice();
        for (const [at, value] of changes) damaged[at] = value;
        const source = sourceOfBytes(damaged);
        const model = attempt(() => readOnnx(damaged));
        if (model === undefined) return;
        mend(model, source, []);
        describeGraph(model, source);
      }),
      { numRuns: 1500 },
    );
  });

  it('leaves large weights in the file, which becomes the data beside the graph', async () => {
    const before = writeOnnx({
      name: 'large',
      inputs: [
        { name: 'x', shape: [2] },
        { name: 'w', shape: [2] },
      ],
      outputs: [{ name: 'y', shape: [2] }],
      initialisers: [{ name: 'w', dims: [2], data: new Float32Array([3, 4]) }],
      nodes: [{ op: 'Mul', inputs: ['x', 'w'], outputs: ['y'] }],
    });
    const source = sourceOfBytes(before);
    const { model } = repaired(before);
    const graph = assemble(writeModel(model, { location: 'file', minBytes: 8 }), source);
    const [external] = preflight(graph).externalFiles;
    expect(external).toEqual({ path: 'file', bytes: expect.any(Number) });
    const data = new Float32Array(before.slice((external?.bytes ?? 0) - 8, external?.bytes).buffer);
    expect([...data]).toEqual([3, 4]);
  });

  it('does so with any file that is large enough, also where nothing is to be mended', () => {
    const side = 2100;
    const whole = writeOnnx({
      name: 'large',
      inputs: [{ name: 'x', shape: [1, side] }],
      outputs: [{ name: 'y', shape: [1, side] }],
      initialisers: [0, 1].map((i) => ({ name: `w${i}`, dims: [side, side], data: new Float32Array(side * side) })),
      nodes: [
        { op: 'MatMul', inputs: ['x', 'w0'], outputs: ['v'] },
        { op: 'MatMul', inputs: ['v', 'w1'], outputs: ['y'] },
      ],
    });
    const mended = mend(readOnnx(whole), sourceOfBytes(whole), []);
    expect(mended).toEqual({ graph: { bytes: expect.any(ArrayBuffer), beside: 'weir-original' } });
    expect(mended?.graph?.bytes.byteLength).toBeLessThan(1000);
  });
});
