/**
 * Graphs that are valid ONNX and yet make trouble: weights elsewhere, outputs of odd kinds and numbers, runs without end,
 * more memory than there is. Each takes a picture of 8 x 8, so that the page feeds it like any other model.
 */
import {
  type GraphNode,
  type GraphTensor,
  type GraphValue,
  type Subgraph,
  writeFunction,
  writeOnnx,
} from '../src/models/onnxWriter.ts';

const picture = [1, 3, 8, 8];

interface Parts {
  readonly nodes: readonly GraphNode[];
  readonly outputs: readonly GraphValue[];
  readonly initialisers?: readonly GraphTensor[];
  readonly input?: readonly (number | string)[];
}

function graph({ nodes, outputs, initialisers = [], input = picture }: Parts): Uint8Array {
  return writeOnnx({ name: 'bad', inputs: [{ name: 'input', shape: input }], outputs, nodes, initialisers });
}

const mean: GraphNode = { op: 'ReduceMean', inputs: ['input'], outputs: ['mean'], attributes: { keepdims: 0 } };
/** `isBright` as 0 or 1: whether the picture is white on average, which no scene is. */
const bright: readonly GraphNode[] = [
  mean,
  { op: 'Greater', inputs: ['mean', 'threshold'], outputs: ['isBright'] },
  { op: 'Cast', inputs: ['isBright'], outputs: ['zeroOrOne'], attributes: { to: 7 } },
];
const threshold: GraphTensor = { name: 'threshold', dims: [], data: Float32Array.of(0.9) };

const doubled: GraphNode = { op: 'Add', inputs: ['input', 'input'], outputs: ['doubled'] };
const doubledOutput: GraphValue = { name: 'doubled', shape: picture };
const numbers = (name: string, ...values: number[]): GraphTensor => ({
  name,
  dims: [values.length],
  data: BigInt64Array.from(values, BigInt),
});

/** `input` + a bias [1,3,8,8] (768 bytes) that lies in another file; the entries say where. */
export function external(entries: Readonly<Record<string, string>>): Uint8Array {
  return graph({
    initialisers: [{ name: 'bias', dims: picture, data: { external: entries } }],
    nodes: [{ op: 'Add', inputs: ['input', 'bias'], outputs: ['output'] }],
    outputs: [{ name: 'output', shape: picture }],
  });
}

/** One operator of the standard set, or of none. */
export function oneOperator(op: string, opset = 17, shape: readonly number[] = picture): Uint8Array {
  return writeOnnx({
    name: 'bad',
    opset,
    inputs: [{ name: 'input', shape }],
    outputs: [{ name: 'output', shape }],
    nodes: [{ op, inputs: ['input'], outputs: ['output'] }],
  });
}

/** `a` needs `b`, which needs `a`. */
export function cycle(): Uint8Array {
  return graph({
    nodes: [
      { op: 'Add', inputs: ['b', 'input'], outputs: ['a'] },
      { op: 'Abs', inputs: ['a'], outputs: ['b'] },
      { op: 'Abs', inputs: ['a'], outputs: ['output'] },
    ],
    outputs: [{ name: 'output', shape: picture }],
  });
}

/** Asks for the billionth picture of one. */
export function gatherOutside(): Uint8Array {
  return graph({
    initialisers: [numbers('index', 1 << 30)],
    nodes: [{ op: 'Gather', inputs: ['input', 'index'], outputs: ['output'] }],
    outputs: [{ name: 'output', shape: picture }],
  });
}

/** `levels` of If within If. */
export function nested(levels: number): Uint8Array {
  const branch = (name: string, node: GraphNode): Subgraph => ({
    name: 'branch',
    inputs: [],
    outputs: [{ name, shape: picture }],
    nodes: [node],
  });
  const pass = (name: string): GraphNode => ({ op: 'Identity', inputs: ['input'], outputs: [name] });
  let node = pass('output0');
  for (let i = 1; i <= levels; i++) {
    const attributes = {
      then_branch: branch(`output${i - 1}`, node),
      else_branch: branch(`other${i}`, pass(`other${i}`)),
    };
    node = { op: 'If', inputs: ['isLit'], outputs: [`output${i}`], attributes };
  }
  return graph({
    nodes: [mean, { op: 'Cast', inputs: ['mean'], outputs: ['isLit'], attributes: { to: 9 } }, node],
    outputs: [{ name: `output${levels}`, shape: picture }],
  });
}

/** Two outputs without an element: one of a fixed shape [0,3,8,8], one whose emptiness the run shows, [4,0]. */
export function emptyOutputs(): Uint8Array {
  return graph({
    initialisers: [numbers('zero', 0)],
    nodes: [
      { op: 'Slice', inputs: ['input', 'zero', 'zero', 'zero'], outputs: ['nothing'] },
      { op: 'Sub', inputs: ['input', 'input'], outputs: ['zeros'] },
      { op: 'NonZero', inputs: ['zeros'], outputs: ['places'] },
    ],
    outputs: [
      { name: 'nothing', shape: [0, 3, 8, 8] },
      { name: 'places', shape: [4, 'count'], elementType: 7 },
    ],
  });
}

/** `count` outputs [1,3,8,8]. */
export function manyOutputs(count: number): Uint8Array {
  const names = Array.from({ length: count }, (_, i) => `output_with_a_rather_long_name_${i}`);
  return graph({
    nodes: names.map((name) => ({ op: 'Relu', inputs: ['input'], outputs: [name] })),
    outputs: names.map((name) => ({ name, shape: picture })),
  });
}

/** A string output, alone or beside a tensor of numbers. */
export function stringOutput(alone: boolean): Uint8Array {
  return graph({
    initialisers: [{ name: 'words', dims: [2], data: ['a', 'b'] }],
    nodes: [doubled, { op: 'Identity', inputs: ['words'], outputs: ['label'] }],
    outputs: [{ name: 'label', shape: [2], elementType: 8 }, ...(alone ? [] : [doubledOutput])],
  });
}

/** A sequence output, alone or beside a tensor. */
export function sequenceOutput(alone: boolean): Uint8Array {
  return graph({
    nodes: [doubled, { op: 'SequenceConstruct', inputs: ['input', 'doubled'], outputs: ['list'] }],
    outputs: [{ name: 'list', shape: picture, sequence: true }, ...(alone ? [] : [doubledOutput])],
  });
}

/** Adds 1 to the picture `trips` times: about 100 ns a trip, so 2^40 of them take a day. */
export function loops(trips: bigint): Uint8Array {
  return loop([], { name: 'trips', dims: [], data: BigInt64Array.of(trips) });
}

/** Ends at once for a picture that is dark on average, and takes a day for a bright one. */
export function loopsWhenBright(): Uint8Array {
  return loop(
    [...bright, { op: 'Mul', inputs: ['zeroOrOne', 'endless'], outputs: ['trips'] }],
    { name: 'endless', dims: [], data: BigInt64Array.of(2n ** 40n) },
    threshold,
  );
}

function loop(nodes: readonly GraphNode[], ...initialisers: readonly GraphTensor[]): Uint8Array {
  const scalar = (name: string, elementType: number): GraphValue => ({ name, shape: [], elementType });
  const body = {
    name: 'body',
    inputs: [scalar('i', 7), scalar('go', 9), { name: 'sum', shape: picture }],
    outputs: [scalar('goOn', 9), { name: 'next', shape: picture }],
    initialisers: [{ name: 'step', dims: [], data: Float32Array.of(1) }],
    nodes: [
      { op: 'Identity', inputs: ['go'], outputs: ['goOn'] },
      { op: 'Add', inputs: ['sum', 'step'], outputs: ['next'] },
    ],
  };
  return graph({
    initialisers,
    nodes: [...nodes, { op: 'Loop', inputs: ['trips', '', 'input'], outputs: ['output'], attributes: { body } }],
    outputs: [{ name: 'output', shape: picture }],
  });
}

/** Floats that take the whole 4 GB which a WebAssembly module can have, so that the allocation fails at once. */
export const allMemory = 1_073_700_000;

/** A tensor of that many floats between input and output: made while it runs, as its values depend on the picture. */
export function hugeIntermediate(floats: number): Uint8Array {
  return graph({
    initialisers: [numbers('shape', floats)],
    nodes: [
      mean,
      { op: 'Expand', inputs: ['mean', 'shape'], outputs: ['huge'] },
      { op: 'ReduceSum', inputs: ['huge'], outputs: ['output'], attributes: { keepdims: 0 } },
    ],
    outputs: [{ name: 'output', shape: [] }],
  });
}

/** One float for a picture that is dark on average, and all memory for a white one. */
export function hugeWhenBright(): Uint8Array {
  return graph({
    initialisers: [threshold, numbers('most', allMemory), numbers('one', 1)],
    nodes: [
      ...bright,
      { op: 'Mul', inputs: ['zeroOrOne', 'most'], outputs: ['much'] },
      { op: 'Max', inputs: ['much', 'one'], outputs: ['shape'] },
      { op: 'Expand', inputs: ['mean', 'shape'], outputs: ['huge'] },
      { op: 'ReduceSum', inputs: ['huge'], outputs: ['output'], attributes: { keepdims: 0 } },
    ],
    outputs: [{ name: 'output', shape: [] }],
  });
}

/** Of constants alone: ORT makes the tensor while it opens the model. */
export function hugeConstant(floats: number): Uint8Array {
  return graph({
    initialisers: [numbers('shape', floats)],
    nodes: [
      { op: 'ConstantOfShape', inputs: ['shape'], outputs: ['huge'] },
      { op: 'ReduceSum', inputs: ['huge'], outputs: ['sum'], attributes: { keepdims: 0 } },
      { op: 'Add', inputs: ['input', 'sum'], outputs: ['output'] },
    ],
    outputs: [{ name: 'output', shape: picture }],
  });
}

/**
 * Functions of the model, each of which calls the next: ORT unfolds them by recursion until the stack of the runtime ends.
 * They are field 25 of the file, and messages in protobuf are joined by putting one behind the other.
 */
export function functionsWithoutEnd(count: number): Uint8Array {
  const call = (name: string): GraphNode => ({ op: name, inputs: ['input'], outputs: ['output'], domain: 'own' });
  const model = writeOnnx({
    name: 'bad',
    inputs: [{ name: 'input', shape: picture }],
    outputs: [{ name: 'output', shape: picture }],
    nodes: [call('f0')],
    opsets: { own: 1 },
  });
  const functions = Array.from({ length: count }, (_, i) => writeFunction(`f${i}`, 'own', call(`f${i + 1}`)));
  return Uint8Array.from([model, ...functions].flatMap((part) => [...part]));
}
