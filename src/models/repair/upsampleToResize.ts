/** Upsample ended with opset 9, but exporters went on writing it. Resize does the same; from 11 on it must be told how. */
import { graphsOf, isOnnxDomain, type OnnxAttribute, type OnnxNode } from '../onnxModel.ts';
import { counted, type Mended, type WholeModel } from './repair.ts';

/** Upsample-9 places pixels as these two say (onnx/docs/Changelog.md, Resize-11). */
const asUpsample: readonly OnnxAttribute[] = [
  { name: 'coordinate_transformation_mode', value: 'asymmetric', graphs: [] },
  { name: 'nearest_mode', value: 'floor', graphs: [] },
];

export function upsampleToResize(model: WholeModel, opset: number): Mended | undefined {
  const old = (node: OnnxNode) => node.op === 'Upsample' && isOnnxDomain(node.domain) && node.inputs.length === 2;
  if (opset < 10) return undefined;
  const count = model.graph.nodes.filter(old).length;
  const inside = [...graphsOf(model.graph)].slice(1).some(({ nodes }) => nodes.some(old));
  if (count === 0 || inside) return undefined;
  const nodes = model.graph.nodes.map((node) => {
    if (!old(node)) return node;
    const { span: _, ...changed } = node;
    const [x = '', scales = ''] = node.inputs;
    if (opset === 10) return { ...changed, op: 'Resize' };
    return { ...changed, op: 'Resize', inputs: [x, '', scales], attributes: [...node.attributes, ...asUpsample] };
  });
  return {
    model: { ...model, graph: { ...model.graph, nodes } },
    count,
    reason: `Opset ${opset} has no Upsample: ${counted(count, 'node')} became Resize, which gives the same pixels.`,
  };
}
