/**
 * Shapes of the values of a graph, as far as simple rules carry: an old operator is raised by the rank of its input, and
 * the inspector shows them. What no rule knows stays unknown, and everything behind it.
 */
import type { ByteSource } from './byteSource.ts';
import { type OnnxGraph, type OnnxModel, type OnnxNode, type OnnxTensor, sizeOf } from './onnxModel.ts';
import { maxRank } from './shapeRule.ts';
import { shapeRules } from './shapeRules.ts';
import { numbersOf } from './tensorNumbers.ts';

/** A free dimension is its name, or '?'. */
export type Shape = readonly (number | string)[];

export interface KnownValue {
  /** ONNX element type; 0: not known. */
  readonly type: number;
  readonly shape: Shape;
  /** Its contents, where they are few whole numbers that are known before a run. */
  readonly numbers?: readonly number[];
}

export interface NodeView {
  readonly node: OnnxNode;
  readonly opset: number;
  input(index: number): KnownValue | undefined;
  numbers(index: number): readonly number[] | undefined;
  attribute(name: string): number | undefined;
  list(name: string): readonly number[] | undefined;
  text(name: string): string | undefined;
}

/** One for each dimension of a picture or a volume. */
const mostScales = 8;

export type Shapes = ReadonlyMap<string, KnownValue>;

/** Of the graph of a model. */
export function shapesOf({ graph, opsets }: OnnxModel, source: ByteSource): Shapes {
  return graph === undefined ? new Map() : inferShapes(graph, opsets.get('ai.onnx') ?? 1, source);
}

/** Of the graph itself; its subgraphs are not entered. */
export function inferShapes(graph: OnnxGraph, opset: number, source: ByteSource): Shapes {
  const known = new Map<string, KnownValue>();
  const tensor = (each: OnnxTensor) => {
    // Axes, sizes and scales; the rest is weights.
    const read = each.type === 6 || each.type === 7 || (each.type === 1 && sizeOf(each.dims) <= mostScales);
    const numbers = read ? numbersOf(each, source) : undefined;
    return { type: each.type, shape: each.dims, ...(numbers === undefined ? {} : { numbers }) };
  };
  for (const { info, shaped, elementType } of [...graph.values, ...graph.outputs, ...graph.inputs])
    if (shaped) known.set(info.name, { type: elementType, shape: info.shape });
  for (const each of graph.initialisers) known.set(each.name, tensor(each));

  for (const node of graph.nodes) {
    const view = viewOf(node, opset, known);
    const constant = node.op === 'Constant' ? node.attributes.find(({ name }) => name === 'value')?.tensor : undefined;
    const outputs = constant === undefined ? (shapeRules[node.op]?.(view) ?? []) : [tensor(constant)];
    node.outputs.forEach((name, index) => {
      const found = outputs[index];
      const told = known.get(name);
      if (found === undefined || name === '' || found.shape.length > maxRank) return;
      // What the file says is kept where the rule knows less.
      if (told === undefined || found.numbers !== undefined || lessKnown(told.shape, found.shape))
        known.set(name, found.type === 0 && told !== undefined ? { ...found, type: told.type } : found);
    });
  }
  return known;
}

const freeDims = (shape: Shape) => shape.filter((dim) => typeof dim === 'string').length;

function lessKnown(told: Shape, found: Shape): boolean {
  return told.length === found.length && freeDims(found) < freeDims(told);
}

function viewOf(node: OnnxNode, opset: number, known: ReadonlyMap<string, KnownValue>): NodeView {
  const value = (name: string) => node.attributes.find((each) => each.name === name)?.value;
  const input = (index: number) => known.get(node.inputs[index] ?? '');
  return {
    node,
    opset,
    input,
    numbers: (index) => input(index)?.numbers,
    attribute(name) {
      const found = value(name);
      return typeof found === 'number' ? found : undefined;
    },
    list(name) {
      const found = value(name);
      return typeof found === 'object' && found.every((each) => typeof each === 'number')
        ? (found as readonly number[])
        : undefined;
    },
    text(name) {
      const found = value(name);
      return typeof found === 'string' ? found : undefined;
    },
  };
}
