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
  /** Name to the one that stands for it. */
  const instead = new Map<string, string>();
  const nodes: OnnxNode[] = [];
  for (const node of graph.nodes) {
    const renamed = rename(node, instead);
    const [from = ''] = renamed.inputs;
    const [to = ''] = renamed.outputs;
    const dropped = node.op === 'Identity' && node.domain === '' && from !== '' && to !== '';
    if (dropped && !outputs.has(to) && !inner.has(to)) instead.set(to, from);
    else nodes.push(renamed);
  }
  if (instead.size === 0) return undefined;
  return {
    model: { ...model, graph: { ...graph, nodes } },
    count: instead.size,
    reason: 'They only handed on what they got.',
  };
};

/** Nodes come in order, so what an input stands for is known before it is read. */
function rename(node: OnnxNode, instead: ReadonlyMap<string, string>): OnnxNode {
  if (!node.inputs.some((name) => instead.has(name))) return node;
  const { span: _, ...changed } = node;
  return { ...changed, inputs: node.inputs.map((name) => instead.get(name) ?? name) };
}
