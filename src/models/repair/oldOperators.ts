/**
 * Operators in versions that onnxruntime-web has no kernel for: it begins at opset 7, and has no Upsample from 10 on.
 * The whole graph is raised, because all its operators share one opset; what cannot be raised exactly stays as it is.
 */
import type { ByteSource } from '../byteSource.ts';
import { inferShapes } from '../inferShapes.ts';
import { graphsIn, isOnnxDomain, type OnnxNode, type OnnxTensor } from '../onnxModel.ts';
import { changedSince, raiseRules } from './raiseRules.ts';
import type { Repair, WholeModel } from './repair.ts';
import { upsampleToResize } from './upsampleToResize.ts';

/** The oldest opset whose operators all have kernels. */
export const oldestOpset = 7;

export const oldOperators: Repair = (model, source) => {
  const opset = model.opsets.get('ai.onnx');
  if (opset === undefined) return undefined;
  if (opset >= oldestOpset) return upsampleToResize(model, opset);
  const old = model.graph.nodes.filter((node) => isOnnxDomain(node.domain) && changedSince(node.op, opset));
  // The rules look at one graph; a branch or a loop would need its own.
  const nested = model.graph.nodes.some((node) => !graphsIn(node).next().done);
  if (old.length === 0 || nested || model.functions.length > 0) return undefined;
  const raised = raise(model, opset, source);
  if (raised === undefined) return undefined;
  return { model: raised, count: old.length, reason: reasonOf(old, opset) };
};

function raise(model: WholeModel, opset: number, source: ByteSource): WholeModel | undefined {
  const { graph } = model;
  const shapes = inferShapes(graph, opset, source);
  const made: OnnxTensor[] = [];
  const nodes: OnnxNode[] = [];
  for (const node of graph.nodes) {
    if (!isOnnxDomain(node.domain) || !changedSince(node.op, opset)) {
      nodes.push(node);
      continue;
    }
    const raised = raiseRules(node, opset, {
      value: (name) => shapes.get(name),
      integers(values) {
        const name = `weir.raised.${made.length}`;
        const bytes = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
        made.push({ name, dims: [values.length], type: 7, data: { kind: 'new', bytes } });
        return name;
      },
      newName: () => `weir.raised.value.${nodes.length}`,
    });
    if (raised === undefined) return undefined;
    nodes.push(...raised);
  }
  const opsets = new Map(model.opsets).set('ai.onnx', oldestOpset);
  return { ...model, opsets, graph: { ...graph, nodes, initialisers: [...graph.initialisers, ...made] } };
}

function reasonOf(old: readonly OnnxNode[], opset: number): string {
  const names = [...new Set(old.map(({ op }) => op))];
  const shown = names.slice(0, 3).join(', ') + (names.length > 3 ? ` and ${names.length - 3} more` : '');
  return `The runtime has no ${shown} of opset ${opset}: raised to opset ${oldestOpset}, where it means the same.`;
}
