/** Graphs of any age written part by part, and plain onnxruntime-web in Node to say what they compute. */
import * as ort from 'onnxruntime-web';
import { sourceOfBytes } from '../byteSource.ts';
import type { OnnxAttribute, OnnxTensor, OnnxValue } from '../onnxModel.ts';
import { assemble, writeModel } from '../writeModel.ts';

type Shape = readonly (number | string)[];
type Attribute = number | string | readonly number[] | { readonly float: number | readonly number[] };

export interface Sketch {
  readonly opset: number | undefined;
  readonly irVersion?: number;
  readonly opsets?: Readonly<Record<string, number>>;
  readonly inputs: Readonly<Record<string, Shape>>;
  readonly outputs: readonly string[];
  /** float32, or int64 where `integers` says so. */
  readonly weights?: Readonly<
    Record<string, { readonly dims: readonly number[]; readonly values: readonly number[]; readonly integers?: true }>
  >;
  readonly nodes: readonly (readonly [
    op: string,
    inputs: string,
    outputs: string,
    attributes?: Readonly<Record<string, Attribute>>,
  ])[];
}

/** Names of inputs and outputs of a node are separated by spaces. */
export function sketch({
  opset,
  irVersion = 3,
  opsets = {},
  inputs,
  outputs,
  weights = {},
  nodes,
}: Sketch): Uint8Array<ArrayBuffer> {
  const value = (name: string, shape?: Shape): OnnxValue => ({
    info: { name, type: 'float32', shape: shape ?? [] },
    shaped: shape !== undefined,
    negative: false,
    elementType: 1,
  });
  const imports = new Map(Object.entries(opsets));
  if (opset !== undefined) imports.set('ai.onnx', opset);
  const pieces = writeModel({
    irVersion,
    producer: undefined,
    opsets: imports,
    metadata: new Map(),
    functions: [],
    rest: [],
    graph: {
      nodes: nodes.map(([op, given, made, attributes = {}]) => ({
        name: '',
        op: op.split(':').pop() ?? op,
        domain: op.includes(':') ? (op.split(':')[0] ?? '') : '',
        inputs: given === '' ? [] : given.split(' '),
        outputs: made.split(' '),
        attributes: Object.entries(attributes).map(([name, each]) => attributeOf(name, each)),
      })),
      initialisers: Object.entries(weights).map(([name, { dims, values, integers }]): OnnxTensor => {
        const data = integers === true ? BigInt64Array.from(values, BigInt) : Float32Array.from(values);
        return {
          name,
          dims,
          type: integers === true ? 7 : 1,
          data: { kind: 'new', bytes: new Uint8Array(data.buffer) },
        };
      }),
      sparse: [],
      inputs: Object.entries(inputs).map(([name, shape]) => value(name, shape)),
      outputs: outputs.map((name) => value(name)),
      values: [],
      rest: nameOfGraph,
    },
  });
  return assemble(pieces, sourceOfBytes(graphName));
}

/** ORT wants a graph to have a name: field 2 with one letter. */
const graphName = Uint8Array.of(0x12, 1, 0x67);
const nameOfGraph = [{ from: 0, to: graphName.length }];

function attributeOf(name: string, value: Attribute): OnnxAttribute {
  if (typeof value === 'object' && 'float' in value) return { name, value: value.float, float: true, graphs: [] };
  return { name, value, graphs: [] };
}

export interface Values {
  readonly dims: readonly number[];
  readonly values: readonly number[];
}

/** All outputs, by name. Throws what ORT throws. */
export async function runInOrt(
  model: Uint8Array,
  feeds: Readonly<Record<string, Values>>,
): Promise<Record<string, Values>> {
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = 'error';
  const session = await ort.InferenceSession.create(model, { logSeverityLevel: 4 });
  try {
    const given = Object.entries(feeds).map(
      ([name, { dims, values }]) => [name, new ort.Tensor('float32', Float32Array.from(values), dims)] as const,
    );
    const results = await session.run(Object.fromEntries(given));
    return Object.fromEntries(
      Object.entries(results).map(([name, { dims, data }]) => [
        name,
        { dims, values: Array.from(data as Float32Array, Number) },
      ]),
    );
  } finally {
    await session.release();
  }
}
