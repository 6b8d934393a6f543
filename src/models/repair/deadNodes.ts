/** Nodes and weights that no output depends on: the runtime would read and keep the weights before it finds out. */
import { graphsIn, type OnnxNode } from '../onnxModel.ts';
import { counted, type Repair } from './repair.ts';

export const deadNodes: Repair = (model) => {
  const { graph } = model;
  const wanted = new Set(graph.outputs.map(({ info }) => info.name));
  const nodes: OnnxNode[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((name) => name !== '' && wanted.has(name))) continue;
    nodes.push(node);
    for (const name of node.inputs) wanted.add(name);
    for (const inner of graphsIn(node)) {
      for (const { inputs } of inner.nodes) for (const name of inputs) wanted.add(name);
      for (const { info } of inner.outputs) wanted.add(info.name);
    }
  }
  const deadNodeCount = graph.nodes.length - nodes.length;
  const initialisers = graph.initialisers.filter(({ name }) => wanted.has(name));
  const deadWeights = graph.initialisers.length - initialisers.length;
  if (deadNodeCount + deadWeights === 0) return undefined;
  // What is told of values that are gone would be refused.
  const alive = new Set(nodes.flatMap(({ outputs }) => outputs));
  const parts = [
    ...(deadNodeCount > 0 ? [counted(deadNodeCount, 'node')] : []),
    ...(deadWeights > 0 ? [counted(deadWeights, 'weight')] : []),
  ];
  return {
    model: {
      ...model,
      graph: {
        ...graph,
        nodes: nodes.reverse(),
        initialisers,
        inputs: graph.inputs.filter(
          ({ info }) => wanted.has(info.name) || !graph.initialisers.some(({ name }) => name === info.name),
        ),
        values: graph.values.filter(({ info }) => alive.has(info.name)),
      },
    },
    count: deadNodeCount + deadWeights,
    reason: `No output depends on ${parts.join(' and ')}.`,
  };
};
