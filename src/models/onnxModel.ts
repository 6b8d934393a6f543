/**
 * An ONNX model as its parts and their places in the file: what is not changed is written again from its place, and weights
 * are never taken into memory. Field numbers and meanings: onnx/onnx.proto.
 */
import type { TensorInfo } from '../core/tensor.ts';
import type { Span } from './protoCursor.ts';

export interface OnnxModel {
  irVersion: number | undefined;
  readonly producer: string | undefined;
  /** Domain to version; ai.onnx is "ai.onnx". */
  readonly opsets: Map<string, number>;
  readonly metadata: ReadonlyMap<string, string>;
  readonly functions: readonly { readonly domain: string; readonly nodes: readonly OnnxNode[] }[];
  graph: OnnxGraph | undefined;
  /** All other fields, with their tags. */
  readonly rest: readonly Span[];
}

export interface OnnxGraph {
  nodes: OnnxNode[];
  initialisers: OnnxTensor[];
  /** Of sparse initialisers the tensor of their values, whose name is theirs. */
  readonly sparse: readonly OnnxTensor[];
  inputs: OnnxValue[];
  outputs: OnnxValue[];
  /** What the file says of values in between. */
  values: OnnxValue[];
  /** All other fields, with their tags. */
  readonly rest: readonly Span[];
}

export interface OnnxNode {
  readonly name: string;
  readonly op: string;
  /** Empty: ai.onnx. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: readonly OnnxAttribute[];
  /** Its place, unless it was changed. */
  readonly span?: Span;
}

/** Long lists have no value here: they stay at their place. */
export interface OnnxAttribute {
  readonly name: string;
  readonly value?: number | string | readonly number[] | readonly string[];
  /** Of a number: written as one with a fraction. */
  readonly float?: boolean;
  readonly tensor?: OnnxTensor;
  /** Of an attribute that is a list of them. */
  readonly tensors?: readonly OnnxTensor[];
  readonly graphs: readonly OnnxGraph[];
  readonly span?: Span;
}

export interface OnnxTensor {
  readonly name: string;
  readonly dims: readonly number[];
  /** ONNX element type. */
  readonly type: number;
  readonly data: /** Little-endian elements, one after the other. */
    | { readonly kind: 'raw'; readonly at: Span }
    /** In the field of their type: 4 float, 5 int32, 7 int64, 10 double, 11 uint64; packed. */
    | { readonly kind: 'typed'; readonly field: number; readonly at: Span }
    | { readonly kind: 'external'; readonly location: string; readonly offset: number; readonly length: number }
    /** Text, several pieces, or nothing. */
    | { readonly kind: 'other' }
    /** Made here. */
    | { readonly kind: 'new'; readonly bytes: Uint8Array };
  readonly span?: Span;
}

export interface OnnxValue {
  /** `type` is unknown, without a shape, where it is no tensor. */
  readonly info: TensorInfo;
  /** Whether the file gives a shape at all; without one the rank is not known. */
  readonly shaped: boolean;
  /** A dimension is given as a negative number. */
  readonly negative: boolean;
  readonly elementType: number;
  readonly span?: Span;
}

export const sizeOf = (dims: readonly number[]) => dims.reduce((product, dim) => product * Math.max(0, dim), 1);

export const isOnnxDomain = (domain: string) => domain === '' || domain === 'ai.onnx';

/** The graph and all that its nodes hold, outermost first. */
export function* graphsOf(graph: OnnxGraph): Generator<OnnxGraph> {
  yield graph;
  for (const node of graph.nodes) yield* graphsIn(node);
}

export function* graphsIn(node: OnnxNode): Generator<OnnxGraph> {
  for (const { graphs } of node.attributes) for (const inner of graphs) yield* graphsOf(inner);
}
