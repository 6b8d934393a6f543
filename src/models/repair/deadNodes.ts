/** Nodes and weights that no output depends on: the runtime would read and keep the weights before it finds out. */
import { graphsIn, type OnnxNode } from '../onnxModel.ts';
import { counted, type Repair } from './repair.ts';

export const deadNodes: Repair = (model) => {
  const { graph } = model;
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const wanted = new Set<string>();
  const alive = new Set<OnnxNode>();
  // Nodes may stand in any order, so each is followed to those that it needs.
  const open = graph.outputs.map(({ info }) => info.name);
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name === '' || wanted.has(name)) continue;
    wanted.add(name);
    const maker = makers.get(name);
    if (maker === undefined || alive.has(maker)) continue;
    alive.add(maker);
    open.push(...namesIn(maker));
  }
  const nodes = graph.nodes.filter((node) => alive.has(node));
  const deadNodeCount = graph.nodes.length - nodes.length;
  const initialisers = graph.initialisers.filter(({ name }) => wanted.has(name));
  const deadWeights = graph.initialisers.length - initialisers.length;
  if (deadNodeCount + deadWeights === 0) return undefined;
  // What is told of values that are gone would be refused.
  const made = new Set(nodes.flatMap(({ outputs }) => outputs));
  const weights = new Set(graph.initialisers.map(({ name }) => name));
  const parts = [
    ...(deadNodeCount > 0 ? [counted(deadNodeCount, 'node')] : []),
    ...(deadWeights > 0 ? [counted(deadWeights, 'weight')] : []),
  ];
  return {
    model: {
      ...model,
      graph: {
        ...graph,
        nodes,
        initialisers,
        inputs: graph.inputs.filter(({ info }) => wanted.has(info.name) || !weights.has(info.name)),
        values: graph.values.filter(({ info }) => made.has(info.name)),
      },
    },
    count: deadNodeCount + deadWeights,
    reason: `No output depends on ${parts.join(' and ')}.`,
  };
};

/** What a node reads, and what the branches in it read of the graph around them. */
function* namesIn(node: OnnxNode): Generator<string> {
  yield* node.inputs;
  for (const { nodes, outputs } of graphsIn(node)) {
    for (const { inputs } of nodes) yield* inputs;
    for (const { info } of outputs) yield info.name;
  }
}
