/**
 * Floating-point operations of one run of a node, from the shapes around it; a multiply-add is two. A free first dimension
 * is taken as 1: a picture at a time.
 */
import type { Shape, Shapes } from './inferShapes.ts';
import type { OnnxNode } from './onnxModel.ts';

/** Operators that move or name data and compute nothing. */
const free = new Set(
  'Cast Concat Constant ConstantOfShape DepthToSpace Dropout Expand Flatten Gather Identity Pad Reshape Shape Slice SpaceToDepth Split Squeeze Tile Transpose Unsqueeze'.split(
    ' ',
  ),
);
/** Undefined shapes cost little with these, and all with the others. */
const heavy = /Conv|MatMul|Gemm|LSTM|GRU|RNN|Attention|If|Loop|Scan/;

/** Undefined: not known. */
export function flopsOf(node: OnnxNode, shapes: Shapes): number | undefined {
  if (free.has(node.op)) return 0;
  if (node.op === 'ConvTranspose') return transposed(node, shapes);
  const output = elements(shapes.get(node.outputs[0] ?? '')?.shape);
  const perOutput = factorOf(node, shapes);
  if (output !== undefined && perOutput !== undefined) return output * perOutput;
  return heavy.test(node.op) ? undefined : 0;
}

/** Each input element meets the whole kernel. */
function transposed({ inputs: [x = '', w = ''] }: OnnxNode, shapes: Shapes): number | undefined {
  const [given, weights] = [elements(shapes.get(x)?.shape), elements(shapes.get(w)?.shape.slice(1))];
  return given === undefined || weights === undefined ? undefined : 2 * given * weights;
}

function factorOf({ op, inputs, attributes }: OnnxNode, shapes: Shapes): number | undefined {
  const shape = (index: number) => shapes.get(inputs[index] ?? '')?.shape;
  if (/Conv(Integer)?$/.test(op)) {
    const weights = elements(shape(op === 'QLinearConv' ? 3 : 1)?.slice(1));
    return weights === undefined ? undefined : 2 * weights;
  }
  if (/MatMul|Gemm/.test(op)) {
    const a = shape(0);
    const turned = attributes.some(({ name, value }) => name === 'transA' && value === 1);
    const inner = a?.[a.length - (turned ? 2 : 1)];
    return typeof inner === 'number' ? 2 * inner : undefined;
  }
  if (/^(Max|Average|Lp)Pool$/.test(op)) {
    const kernel = attributes.find(({ name }) => name === 'kernel_shape')?.value;
    return typeof kernel === 'object' ? kernel.reduce<number>((total, size) => total * Number(size), 1) : 1;
  }
  return /LSTM|GRU|RNN|Attention|^If$|^Loop$|^Scan$/.test(op) ? undefined : 1;
}

function elements(shape: Shape | undefined): number | undefined {
  if (shape === undefined) return undefined;
  let total = 1;
  for (const [index, dim] of shape.entries()) {
    if (typeof dim === 'number') total *= dim;
    else if (index > 0) return undefined;
  }
  return total;
}
