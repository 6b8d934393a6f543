/** Domains that are used and not imported: the runtime refuses such a file, though there is one version of each. */
import { graphsOf, isOnnxDomain } from '../onnxModel.ts';
import type { Repair } from './repair.ts';

/** Domains of which every version is the first. */
const onlyVersion: Readonly<Record<string, number>> = { 'com.microsoft': 1, 'com.microsoft.nchwc': 1 };

export const opsetImports: Repair = (model) => {
  const opsets = new Map(model.opsets);
  const used = new Set<string>();
  for (const graph of graphsOf(model.graph)) for (const { domain } of graph.nodes) used.add(domain);
  const added: string[] = [];
  for (const domain of used) {
    const version = isOnnxDomain(domain) ? undefined : onlyVersion[domain];
    if (version === undefined || opsets.has(domain)) continue;
    opsets.set(domain, version);
    added.push(domain);
  }
  // Before IR 3 there were no imports: such a file is of opset 1 (onnx/onnx.proto, ModelProto.opset_import).
  if (!opsets.has('ai.onnx') && (model.irVersion ?? 0) < 3) {
    opsets.set('ai.onnx', 1);
    added.push('ai.onnx');
  }
  if (added.length === 0) return undefined;
  return {
    model: { ...model, opsets },
    count: added.length,
    reason: `The file uses ${added.join(', ')} without saying which version; there is only one that it can be.`,
  };
};
