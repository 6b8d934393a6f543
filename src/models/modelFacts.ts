/**
 * Sums up what a file holds: operators, weights, data files, how it was quantised.
 * Subgraphs and functions count with the rest, because they run as well.
 */
import type { ModelFacts } from '../core/card.ts';
import type { ByteSource } from './byteSource.ts';
import { elementTypes } from './elementTypes.ts';
import { checkExternalPath } from './externalData.ts';
import { graphsIn, graphsOf, type OnnxModel, type OnnxNode, type OnnxTensor, sizeOf } from './onnxModel.ts';
import { shapesOf } from './inferShapes.ts';
import { flopsOf } from './nodeCost.ts';
import { quantisationOf } from './quantisation.ts';

/** @throws WeirError bad-external-path */
export function factsOf(model: OnnxModel, source: ByteSource): ModelFacts {
  const operators = new Map<string, number>();
  const weights = new Map<string, number>();
  const external = new Map<string, number>();
  let nodes = 0;
  let parameters = 0;

  const addTensor = ({ data }: OnnxTensor) => {
    if (data.kind !== 'external') return;
    external.set(data.location, Math.max(external.get(data.location) ?? 0, data.offset + data.length));
  };
  const addNode = ({ op, domain, attributes }: OnnxNode) => {
    nodes += 1;
    const name = domain === '' ? op : `${domain}.${op}`;
    operators.set(name, (operators.get(name) ?? 0) + 1);
    for (const { tensor, tensors = [] } of attributes)
      for (const each of tensor === undefined ? tensors : [tensor, ...tensors]) addTensor(each);
  };
  const addGraphs = (graphs: Iterable<NonNullable<OnnxModel['graph']>>) => {
    for (const graph of graphs) {
      graph.nodes.forEach(addNode);
      for (const tensor of graph.initialisers) {
        const type = elementTypes[tensor.type] ?? 'unknown';
        const size = sizeOf(tensor.dims);
        parameters += size;
        weights.set(type, (weights.get(type) ?? 0) + size);
        addTensor(tensor);
      }
      for (const tensor of graph.sparse) {
        parameters += sizeOf(tensor.dims);
        addTensor(tensor);
      }
    }
  };
  const { graph } = model;
  if (graph !== undefined) addGraphs(graphsOf(graph));
  for (const each of model.functions)
    for (const node of each.nodes) {
      addNode(node);
      addGraphs(graphsIn(node));
    }

  const given = new Set(graph?.initialisers.map(({ name }) => name));
  for (const { name } of graph?.sparse ?? []) given.add(name);
  const mflops = mflopsOf(model, source);
  const quantisation = quantisationOf(operators, weights);
  return {
    format: 'onnx',
    bytes: source.size,
    ...(model.irVersion === undefined ? {} : { irVersion: model.irVersion }),
    ...(model.producer === undefined ? {} : { producer: model.producer }),
    opsets: Object.fromEntries(model.opsets),
    operators: Object.fromEntries([...operators].sort(([, a], [, b]) => b - a)),
    // Old files list their weights among the inputs.
    inputs: graph?.inputs.map(({ info }) => info).filter(({ name }) => !given.has(name)) ?? [],
    outputs: graph?.outputs.map(({ info }) => info) ?? [],
    nodes,
    parameters,
    weights: Object.fromEntries(weights),
    ...(quantisation === undefined ? {} : { quantisation }),
    ...(mflops === undefined ? {} : { mflops }),
    externalFiles: [...external].map(([path, end]) => ({ path: checkExternalPath(path), bytes: end })),
    metadata: Object.fromEntries(model.metadata),
  };
}

/** Undefined where an operator that may cost most of it is not known. */
function mflopsOf(model: OnnxModel, source: ByteSource): number | undefined {
  const shapes = shapesOf(model, source);
  let total = 0;
  for (const node of model.graph?.nodes ?? []) {
    const flops = flopsOf(node, shapes);
    if (flops === undefined) return undefined;
    total += flops;
  }
  return total / 1e6;
}
