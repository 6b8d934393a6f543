/**
 * Writes small ONNX graphs as protobuf, field by field, without an ONNX library.
 * The built-in Sobel model, the generated graphs of tests and benches and their broken variants all come from here.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** Whole numbers, text, or a subgraph, such as the body of a Loop. */
export type AttributeValue = number | string | readonly number[] | Subgraph;
export type Subgraph = Pick<Graph, 'name' | 'inputs' | 'outputs' | 'initialisers' | 'nodes'>;

export interface GraphNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  /** Empty: ai.onnx. */
  readonly domain?: string;
}

export interface GraphTensor {
  readonly name: string;
  readonly dims: readonly number[];
  /** Values in the file itself, or where to find float32 values outside it: `location`, `offset`, `length`. */
  readonly data:
    | Float32Array
    | BigInt64Array
    | readonly string[]
    | { readonly external: Readonly<Record<string, string>> };
}

export interface GraphValue {
  readonly name: string;
  /** A string is a named free dimension; -1 is written as it stands, as some exporters do. */
  readonly shape: readonly (number | string)[];
  /** ONNX element type, 1 = float32 (the default). */
  readonly elementType?: number;
  /** It is a sequence of such tensors. */
  readonly sequence?: true;
}

export interface Graph {
  readonly name: string;
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
  readonly initialisers?: readonly GraphTensor[];
  readonly nodes: readonly GraphNode[];
  readonly opset?: number;
  readonly opsets?: Readonly<Record<string, number>>;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Field numbers: onnx/onnx.proto. The same graph always gives the same bytes. */
export function writeOnnx(graph: Graph): Uint8Array<ArrayBuffer> {
  const model = new BinaryWriter();
  model.tag(1, WireType.Varint).int64(8);
  text(model, 2, 'weir');
  nested(model, 7, (w) => writeGraph(w, graph));
  for (const [domain, version] of Object.entries({ '': graph.opset ?? 17, ...graph.opsets }))
    nested(model, 8, (w) => {
      text(w, 1, domain);
      w.tag(2, WireType.Varint).int64(version);
    });
  for (const [key, value] of Object.entries(graph.metadata ?? {}))
    nested(model, 14, (w) => {
      text(w, 1, key);
      text(w, 2, value);
    });
  return new Uint8Array(model.finish());
}

/** A function of the model with one node, `input` -> `output`: field 25, to be put behind the bytes of `writeOnnx`. */
export function writeFunction(name: string, domain: string, node: GraphNode): Uint8Array<ArrayBuffer> {
  const w = new BinaryWriter();
  nested(w, 25, (f) => {
    text(f, 1, name);
    text(f, 4, 'input');
    text(f, 5, 'output');
    nested(f, 7, (n) => writeNode(n, node));
    nested(f, 9, (opset) => {
      text(opset, 1, domain);
      opset.tag(2, WireType.Varint).int64(1);
    });
    text(f, 10, domain);
  });
  return new Uint8Array(w.finish());
}

function writeGraph(w: BinaryWriter, graph: Subgraph): void {
  for (const node of graph.nodes) nested(w, 1, (n) => writeNode(n, node));
  text(w, 2, graph.name);
  for (const tensor of graph.initialisers ?? []) nested(w, 5, (t) => writeTensor(t, tensor));
  for (const value of graph.inputs) nested(w, 11, (v) => writeValue(v, value));
  for (const value of graph.outputs) nested(w, 12, (v) => writeValue(v, value));
}

function writeNode(w: BinaryWriter, node: GraphNode): void {
  for (const name of node.inputs) text(w, 1, name);
  for (const name of node.outputs) text(w, 2, name);
  text(w, 4, node.op);
  for (const [name, value] of Object.entries(node.attributes ?? {}))
    nested(w, 5, (a) => writeAttribute(a, name, value));
  if (node.domain !== undefined) text(w, 7, node.domain);
}

function writeAttribute(w: BinaryWriter, name: string, value: AttributeValue): void {
  text(w, 1, name);
  if (typeof value === 'number') {
    w.tag(3, WireType.Varint).int64(value).tag(20, WireType.Varint).int32(2);
  } else if (typeof value === 'string') {
    w.tag(4, WireType.LengthDelimited).bytes(new TextEncoder().encode(value));
    w.tag(20, WireType.Varint).int32(3);
  } else if (isList(value)) {
    for (const item of value) w.tag(8, WireType.Varint).int64(item);
    w.tag(20, WireType.Varint).int32(7);
  } else {
    nested(w, 6, (g) => writeGraph(g, value));
    w.tag(20, WireType.Varint).int32(5);
  }
}

/** `Array.isArray` does not narrow readonly arrays away. */
function isList(value: readonly number[] | Subgraph): value is readonly number[] {
  return Array.isArray(value);
}

function writeTensor(w: BinaryWriter, { name, dims, data }: GraphTensor): void {
  for (const dim of dims) w.tag(1, WireType.Varint).int64(dim);
  w.tag(2, WireType.Varint).int32(data instanceof BigInt64Array ? 7 : Array.isArray(data) ? 8 : 1);
  text(w, 8, name);
  if ('external' in data) {
    for (const [key, value] of Object.entries(data.external))
      nested(w, 13, (entry) => {
        text(entry, 1, key);
        text(entry, 2, value);
      });
    w.tag(14, WireType.Varint).int32(1);
  } else if (ArrayBuffer.isView(data)) {
    const { buffer, byteOffset, byteLength } = data;
    w.tag(9, WireType.LengthDelimited).bytes(new Uint8Array(buffer, byteOffset, byteLength));
  } else {
    for (const word of data) text(w, 6, word);
  }
}

function writeValue(w: BinaryWriter, value: GraphValue): void {
  text(w, 1, value.name);
  const tensorType = (holder: BinaryWriter) =>
    nested(holder, 1, (tensor) => {
      tensor.tag(1, WireType.Varint).int32(value.elementType ?? 1);
      nested(tensor, 2, (shape) => {
        for (const dim of value.shape)
          nested(shape, 1, (d) => {
            if (typeof dim === 'string') text(d, 2, dim);
            else d.tag(1, WireType.Varint).int64(dim);
          });
      });
    });
  nested(w, 2, (type) => {
    if (value.sequence === true) nested(type, 4, (sequence) => nested(sequence, 1, tensorType));
    else tensorType(type);
  });
}

function text(w: BinaryWriter, field: number, value: string): void {
  w.tag(field, WireType.LengthDelimited).string(value);
}

function nested(w: BinaryWriter, field: number, write: (inner: BinaryWriter) => void): void {
  w.tag(field, WireType.LengthDelimited).fork();
  write(w);
  w.join();
}
