/**
 * Writes small ONNX graphs as protobuf, field by field, without an ONNX library.
 * The built-in Sobel model, the generated graphs of tests and benches and their broken variants all come from here.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

export type AttributeValue = number | string | readonly number[];

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
  readonly data: Float32Array | BigInt64Array;
}

export interface GraphValue {
  readonly name: string;
  /** A string is a named free dimension; -1 is written as it stands, as some exporters do. */
  readonly shape: readonly (number | string)[];
  /** ONNX element type, 1 = float32 (the default). */
  readonly elementType?: number;
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

function writeGraph(w: BinaryWriter, graph: Graph): void {
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
  } else {
    for (const item of value) w.tag(8, WireType.Varint).int64(item);
    w.tag(20, WireType.Varint).int32(7);
  }
}

function writeTensor(w: BinaryWriter, tensor: GraphTensor): void {
  for (const dim of tensor.dims) w.tag(1, WireType.Varint).int64(dim);
  w.tag(2, WireType.Varint).int32(tensor.data instanceof Float32Array ? 1 : 7);
  text(w, 8, tensor.name);
  const { buffer, byteOffset, byteLength } = tensor.data;
  w.tag(9, WireType.LengthDelimited).bytes(new Uint8Array(buffer, byteOffset, byteLength));
}

function writeValue(w: BinaryWriter, value: GraphValue): void {
  text(w, 1, value.name);
  nested(w, 2, (type) =>
    nested(type, 1, (tensor) => {
      tensor.tag(1, WireType.Varint).int32(value.elementType ?? 1);
      nested(tensor, 2, (shape) => {
        for (const dim of value.shape)
          nested(shape, 1, (d) => {
            if (typeof dim === 'string') text(d, 2, dim);
            else d.tag(1, WireType.Varint).int64(dim);
          });
      });
    }),
  );
}

function text(w: BinaryWriter, field: number, value: string): void {
  w.tag(field, WireType.LengthDelimited).string(value);
}

function nested(w: BinaryWriter, field: number, write: (inner: BinaryWriter) => void): void {
  w.tag(field, WireType.LengthDelimited).fork();
  write(w);
  w.join();
}
