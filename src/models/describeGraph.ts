/** A model's structure as the table that the inspector shows. Pure, and read from the file alone. */
import type { ModelGraph, ModelNode, ModelValue } from '../core/modelGraph.ts';
import type { ByteSource } from './byteSource.ts';
import { bytesOf, elementTypes } from './elementTypes.ts';
import { shapesOf, type Shapes } from './inferShapes.ts';
import { flopsOf } from './nodeCost.ts';
import { type OnnxAttribute, type OnnxGraph, type OnnxModel, type OnnxNode, sizeOf } from './onnxModel.ts';

/** Rows that a person can still search; more only fill memory. */
const maxNodes = 20_000;
const maxTextLength = 100;

export function describeGraph(model: OnnxModel, source: ByteSource): ModelGraph {
  const nodes: ModelNode[] = [];
  const values = new Map<string, ModelValue>();
  let total = 0;

  const shapes = shapesOf(model, source);
  for (const [name, { type, shape }] of shapes)
    values.set(name, { name, type: elementTypes[type] ?? 'unknown', shape, kind: 'between' });

  const add = (graph: OnnxGraph, within: readonly string[], outer: ReadonlyMap<string, Weight>) => {
    const weights = new Map(outer);
    for (const { name, dims, type } of graph.initialisers) {
      const size = sizeOf(dims);
      weights.set(name, { size, bytes: Math.ceil(size * bytesOf(type)) });
      values.set(name, { name, type: elementTypes[type] ?? 'unknown', shape: dims, kind: 'weight' });
    }
    for (const { info, shaped } of graph.values)
      if (shaped && !values.has(info.name)) values.set(info.name, { ...info, kind: 'between' });
    if (within.length === 0) {
      for (const { info } of graph.outputs)
        values.set(info.name, { ...info, shape: shapes.get(info.name)?.shape ?? info.shape, kind: 'output' });
      for (const { info } of graph.inputs)
        if (!weights.has(info.name)) values.set(info.name, { ...info, kind: 'input' });
    }
    const counted = new Set<string>();
    for (const node of graph.nodes) {
      total += 1;
      if (nodes.length < maxNodes)
        nodes.push(rowOf(node, within, weights, counted, within.length > 0 ? undefined : shapes));
      const here = [...within, node.name || node.op];
      for (const { graphs } of node.attributes) for (const inner of graphs) add(inner, here, weights);
    }
  };
  if (model.graph !== undefined) add(model.graph, [], new Map());
  return { nodes, values: Object.fromEntries(values), total };
}

interface Weight {
  readonly size: number;
  readonly bytes: number;
}

function rowOf(
  node: OnnxNode,
  within: readonly string[],
  weights: ReadonlyMap<string, Weight>,
  counted: Set<string>,
  shapes: Shapes | undefined,
): ModelNode {
  const { name, op, domain, inputs, outputs, attributes } = node;
  const flops = shapes === undefined ? undefined : flopsOf(node, shapes);
  let parameters = 0;
  let parameterBytes = 0;
  for (const input of inputs) {
    const weight = weights.get(input);
    if (weight === undefined || counted.has(input)) continue;
    counted.add(input);
    parameters += weight.size;
    parameterBytes += weight.bytes;
  }
  const shown = attributes.flatMap((attribute) => {
    const text = attributeText(attribute);
    return text === undefined ? [] : [[attribute.name, text] as const];
  });
  return {
    name,
    op,
    domain,
    inputs,
    outputs,
    within,
    attributes: Object.fromEntries(shown),
    parameters,
    parameterBytes,
    ...(flops === undefined ? {} : { mflops: flops / 1e6 }),
  };
}

function attributeText({ value }: OnnxAttribute): string | undefined {
  if (value === undefined) return undefined;
  const text = typeof value === 'object' ? value.map(plain).join(', ') : plain(value);
  return text.length > maxTextLength ? `${text.slice(0, maxTextLength)}…` : text;
}

/** float32 without the digits that its neighbours do not differ by. */
function plain(value: number | string): string {
  return typeof value === 'string' ? value : String(Number(value.toPrecision(7)));
}
