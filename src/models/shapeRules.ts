/**
 * How the output shapes of an operator follow from its inputs, for those that vision, sound and text models are made of.
 * Semantics: onnx/docs/Operators.md and Changelog.md; below opset 7 the output of a binary operator has the shape of the first.
 */
import { concat, flatten, gather, pad, reshape, slice, split, squeeze, transpose, unsqueeze } from './layoutShapes.ts';
import { allKnown, axisOf, broadcast, ofRank, one, type Rule } from './shapeRule.ts';
import { convolution, gemm, globalPool, matMul, pool, transposed } from './windowShapes.ts';

/** Of the first input. */
const same: Rule = ({ input }) => {
  const first = input(0);
  return first === undefined ? [] : [{ type: first.type, shape: first.shape }];
};
const sameShape =
  (type: number): Rule =>
  ({ input }) =>
    one(type, input(0)?.shape);

const elementwise =
  (type?: number): Rule =>
  ({ node, opset, input }) => {
    const values = node.inputs.map((_, index) => input(index));
    const [first] = values;
    if (first === undefined) return [];
    if (opset < 7) return one(type ?? first.type, first.shape);
    if (values.some((value) => value === undefined)) return [];
    return one(type ?? first.type, broadcast(values.map((value) => value?.shape ?? [])));
  };

const resize: Rule = ({ input, list, numbers, opset, node }) => {
  const x = input(0);
  if (x === undefined) return [];
  const sizes = node.op === 'Resize' && opset >= 11 ? numbers(3) : undefined;
  const scales = list('scales') ?? numbers(node.op === 'Resize' && opset >= 11 ? 2 : 1);
  const rank = x.shape.length;
  return one(
    x.type,
    x.shape.map((dim, i) => {
      if (sizes?.length === rank) return sizes[i] ?? '?';
      const scale = scales?.length === rank ? scales[i] : undefined;
      if (scale === 1) return dim;
      return typeof dim === 'number' && scale !== undefined ? Math.floor(dim * scale) : '?';
    }),
  );
};

const reduce =
  (type?: number): Rule =>
  ({ node, input, list, numbers, attribute }) => {
    const x = input(0);
    if (x === undefined) return [];
    const single = attribute('axis');
    const given =
      list('axes') ??
      (node.inputs.length > 1 ? numbers(1) : undefined) ??
      (single === undefined ? undefined : [single]);
    if (given === undefined && node.inputs.length > 1) return [];
    const rank = x.shape.length;
    const whole = node.op.startsWith('Arg') ? [0] : x.shape.map((_, i) => i);
    const axes = (given ?? whole).map((axis) => axisOf(axis, rank));
    const keep = attribute('keepdims') !== 0;
    const shape = x.shape.flatMap((dim, i) => (axes.includes(i) ? (keep ? [1] : []) : [dim]));
    return one(type ?? x.type, shape);
  };

const shapeOf: Rule = ({ input }) => {
  const x = input(0);
  if (x === undefined) return [];
  return [{ type: 7, shape: [x.shape.length], ...(allKnown(x.shape) ? { numbers: x.shape } : {}) }];
};

const filled: Rule = ({ input, numbers }) => {
  const wanted = numbers(0);
  return wanted === undefined ? ofRank(0, input(0)?.shape[0]) : one(0, wanted);
};

const expand: Rule = ({ input, numbers }) => {
  const x = input(0);
  const wanted = numbers(1);
  return x === undefined || wanted === undefined ? [] : one(x.type, broadcast([x.shape, wanted]));
};

const tile: Rule = ({ input, numbers }) => {
  const x = input(0);
  const times = numbers(1);
  return one(
    x?.type ?? 0,
    x?.shape.map((dim, i) => (typeof dim === 'number' && times !== undefined ? dim * (times[i] ?? 1) : '?')),
  );
};

const depthToSpace: Rule = ({ input, attribute, node }) => {
  const x = input(0);
  const block = attribute('blocksize');
  if (x?.shape.length !== 4 || block === undefined) return [];
  const out = node.op === 'DepthToSpace';
  const scaled = (dim: number | string | undefined, by: number) => (typeof dim === 'number' ? dim * by : '?');
  const [n = '?', c, h, w] = x.shape;
  const [depth, side] = out ? [1 / block ** 2, block] : [block ** 2, 1 / block];
  return one(x.type, [n, scaled(c, depth), scaled(h, side), scaled(w, side)]);
};

const cast: Rule = ({ input, attribute }) => {
  const x = input(0);
  const type = attribute('to') ?? 0;
  if (x === undefined) return [];
  const whole = (type === 6 || type === 7) && x.numbers !== undefined ? { numbers: x.numbers.map(Math.trunc) } : {};
  return [{ type, shape: x.shape, ...whole }];
};

const named = (names: string, rule: Rule) => Object.fromEntries(names.split(' ').map((name) => [name, rule]));

export const shapeRules: Readonly<Record<string, Rule>> = {
  ...named(
    'Abs Acos Acosh Asin Asinh Atan Atanh BatchNormalization Ceil Celu Clip Cos Cosh CumSum Dropout Elu Erf Exp FastGelu Floor Gelu GroupNormalization HardSigmoid HardSwish Hardmax Identity ImageScaler InstanceNormalization LRN LayerNormalization LeakyRelu Log LogSoftmax LpNormalization MeanVarianceNormalization Mish Neg Not PRelu ParametricSoftplus QuickGelu RMSNormalization Reciprocal Relu Round ScaledTanh ScatterElements ScatterND Selu Shrink Sigmoid Sign Sin Sinh Softmax Softplus Softsign Sqrt Swish Tan Tanh ThresholdedRelu Trilu',
    same,
  ),
  ...named('Add Sub Mul Div Pow Min Max Sum Mean Mod BitShift', elementwise()),
  ...named('And Or Xor Equal Greater Less GreaterOrEqual LessOrEqual', elementwise(9)),
  ...named('IsNaN IsInf', sameShape(9)),
  Where: (view) => {
    const [condition, a, b] = [view.input(0), view.input(1), view.input(2)];
    if (condition === undefined || a === undefined || b === undefined) return [];
    return one(a.type, broadcast([condition.shape, a.shape, b.shape]));
  },
  QuantizeLinear: ({ input }) => one(input(2)?.type ?? 2, input(0)?.shape),
  DynamicQuantizeLinear: sameShape(2),
  DequantizeLinear: ({ input }) => one(input(1)?.type ?? 1, input(0)?.shape),
  ...named('Conv FusedConv', convolution(1)),
  ConvInteger: convolution(1, 6),
  QLinearConv: convolution(3),
  ConvTranspose: transposed,
  ...named('MaxPool AveragePool LpPool', pool),
  ...named('GlobalAveragePool GlobalMaxPool GlobalLpPool', globalPool),
  ...named('Gemm FusedGemm', gemm),
  ...named('MatMul FusedMatMul', matMul(1)),
  MatMulInteger: matMul(1, 6),
  QLinearMatMul: matMul(3),
  Concat: concat,
  Split: split,
  Transpose: transpose,
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Pad: pad,
  Slice: slice,
  Gather: gather,
  ...named('Resize Upsample', resize),
  ...named(
    'ReduceMean ReduceSum ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceSumSquare',
    reduce(),
  ),
  ...named('ArgMax ArgMin', reduce(7)),
  Shape: shapeOf,
  ConstantOfShape: filled,
  Expand: expand,
  Tile: tile,
  ...named('DepthToSpace SpaceToDepth', depthToSpace),
  Cast: cast,
};
