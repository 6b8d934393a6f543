/** Nodes that hand on what they get. Each is a node less to schedule, and lets its neighbours be merged. */
import { graphsIn, type OnnxNode } from '../onnxModel.ts';
import type { Repair } from './repair.ts';

export const identities: Repair = (model) => {
  const { graph } = model;
  const outputs = new Set(graph.outputs.map(({ info }) => info.name));
  const inner = new Set<string>();
  for (const node of graph.nodes)
    for (const { nodes, outputs: given } of graphsIn(node)) {
      for (const { inputs } of nodes) for (const name of inputs) inner.add(name);
      // A branch may hand out a value of the graph around it.
      for (const { info } of given) inner.add(info.name);
    }
  /** Name to the one that stands for it, which may be another that goes. */
  const instead = new Map<string, string>();
  for (const { op, domain, inputs, outputs: made } of graph.nodes) {
    const [from = ''] = inputs;
    const [to = ''] = made;
    if (op !== 'Identity' || domain !== '' || from === '' || to === '') continue;
    if (!outputs.has(to) && !inner.has(to)) instead.set(to, from);
  }
  const nodes = graph.nodes
    .filter(({ op, domain, outputs: [to = ''] }) => op !== 'Identity' || domain !== '' || !instead.has(to))
    .map((node) => rename(node, instead));
  if (instead.size === 0) return undefined;
  return {
    model: { ...model, graph: { ...graph, nodes } },
    count: instead.size,
    reason: 'They only handed on what they got.',
  };
};

function rename(node: OnnxNode, instead: ReadonlyMap<string, string>): OnnxNode {
  if (!node.inputs.some((name) => instead.has(name))) return node;
  const { span: _, ...changed } = node;
  return { ...changed, inputs: node.inputs.map((name) => follow(name, instead)) };
}

/** A ring of identities, which only a damaged file has, ends where it began. */
function follow(name: string, instead: ReadonlyMap<string, string>): string {
  let found = name;
  for (let steps = 0; steps <= instead.size; steps++) {
    const next = instead.get(found);
    if (next === undefined) return found;
    found = next;
  }
  return name;
}
