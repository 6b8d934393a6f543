/** A model's graph as a table of nodes: what the inspector lists, sums up and draws. Read without ORT. */
import type { TensorInfo } from './tensor.ts';

export interface ModelNode {
  /** As the file names it; often empty. */
  readonly name: string;
  readonly op: string;
  /** Empty: ai.onnx. */
  readonly domain: string;
  /** Names of values. An empty one is an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** The branch or loop that it belongs to: names of the nodes that hold it, outermost first; empty at the top. */
  readonly within: readonly string[];
  /** Numbers and texts of its attributes in short form, such as `strides` "2, 2"; those that hold tensors are left out. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Elements and bytes of the weights that this node reads; those that several nodes share count at the first one. */
  readonly parameters: number;
  readonly parameterBytes: number;
  /** Of one run, millions of floating-point operations (a multiply-add is two); undefined: not known. */
  readonly mflops?: number;
}

/** Where a value comes from decides how a graph view draws it. */
export interface ModelValue extends TensorInfo {
  readonly kind: 'input' | 'output' | 'weight' | 'between';
}

export interface ModelGraph {
  readonly nodes: readonly ModelNode[];
  /** Values whose type or shape is known, by name. A shape that is not known at all is missing here. */
  readonly values: Readonly<Record<string, ModelValue>>;
  /** Nodes of the file; `nodes` holds at most 20,000 of them. */
  readonly total: number;
}
