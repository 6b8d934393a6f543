/**
 * How the output shapes of an operator follow from its inputs, for those that vision, sound and text models are made of.
 * Semantics: onnx/docs/Operators.md and Changelog.md; below opset 7 the output of a binary operator has the shape of the first.
 */
import type { Shape } from './inferShapes.ts';
import { allKnown, broadcast, one, product, type Rule } from './shapeRule.ts';
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

const axisOf = (axis: number, rank: number) => (axis < 0 ? axis + rank : axis);

const concat: Rule = ({ node, input, attribute }) => {
  const values = node.inputs.map((_, index) => input(index));
  const [first] = values;
  if (first === undefined || values.some((value) => value?.shape.length !== first.shape.length)) return [];
  const axis = axisOf(attribute('axis') ?? 1, first.shape.length);
  const sizes = values.map((value) => value?.shape[axis] ?? '?');
  const shape = first.shape.map((dim, i) => (i === axis ? (allKnown(sizes) ? sum(sizes) : '?') : dim));
  const numbers = values.every((value) => value?.numbers !== undefined)
    ? values.flatMap((value) => value?.numbers ?? [])
    : undefined;
  return [{ type: first.type, shape, ...(numbers === undefined || shape.length !== 1 ? {} : { numbers }) }];
};

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

const split: Rule = ({ node, opset, input, numbers, attribute, list }) => {
  const x = input(0);
  if (x === undefined) return [];
  const axis = axisOf(attribute('axis') ?? 0, x.shape.length);
  const whole = x.shape[axis];
  const parts = node.outputs.length;
  const given = list('split') ?? (opset >= 13 ? numbers(1) : undefined);
  const even = typeof whole === 'number' ? Math.ceil(whole / parts) : '?';
  return node.outputs.map((_, i) => {
    const last = typeof whole === 'number' && typeof even === 'number' && i === parts - 1 ? whole - even * i : even;
    return { type: x.type, shape: x.shape.map((dim, d) => (d === axis ? (given?.[i] ?? last) : dim)) };
  });
};

const transpose: Rule = ({ input, list }) => {
  const x = input(0);
  if (x === undefined) return [];
  const order = list('perm') ?? x.shape.map((_, i) => x.shape.length - 1 - i);
  return one(
    x.type,
    order.map((i) => x.shape[i] ?? '?'),
  );
};

const reshape: Rule = ({ input, numbers, list }) => {
  const x = input(0);
  const wanted = list('shape') ?? numbers(1);
  if (x === undefined) return [];
  if (wanted === undefined) {
    const rank = input(1)?.shape[0];
    return typeof rank === 'number'
      ? one(
          x.type,
          Array.from({ length: rank }, () => '?'),
        )
      : [];
  }
  const dims: (number | string)[] = wanted.map((dim, i) => (dim === 0 ? (x.shape[i] ?? '?') : dim));
  const open = dims.indexOf(-1);
  if (open >= 0) {
    const others = dims.filter((_, i) => i !== open);
    // A free dimension that stands on both sides cancels out.
    const left = x.shape.filter((dim) => typeof dim === 'number' || !others.includes(dim) || dim === '?');
    const right = others.filter((dim) => typeof dim === 'number' || !x.shape.includes(dim) || dim === '?');
    dims[open] = allKnown(left) && allKnown(right) && product(right) > 0 ? product(left) / product(right) : '?';
  }
  const whole = x.numbers !== undefined ? { numbers: x.numbers } : {};
  return [{ type: x.type, shape: dims, ...whole }];
};

const flatten: Rule = ({ input, attribute }) => {
  const x = input(0);
  if (x === undefined) return [];
  const axis = axisOf(attribute('axis') ?? 1, x.shape.length);
  const size = (part: Shape) => (allKnown(part) ? product(part) : part.length === 1 ? (part[0] ?? '?') : '?');
  return one(x.type, [size(x.shape.slice(0, axis)), size(x.shape.slice(axis))]);
};

const squeeze: Rule = ({ input, list, numbers }) => {
  const x = input(0);
  if (x === undefined) return [];
  const axes = (list('axes') ?? numbers(1))?.map((axis) => axisOf(axis, x.shape.length));
  const shape = x.shape.filter((dim, i) => (axes === undefined ? dim !== 1 : !axes.includes(i)));
  return [{ type: x.type, shape, ...(x.numbers === undefined ? {} : { numbers: x.numbers }) }];
};

const unsqueeze: Rule = ({ input, list, numbers }) => {
  const x = input(0);
  const given = list('axes') ?? numbers(1);
  if (x === undefined || given === undefined) return [];
  const rank = x.shape.length + given.length;
  const axes = given.map((axis) => axisOf(axis, rank));
  const rest = [...x.shape];
  const shape = Array.from({ length: rank }, (_, i) => (axes.includes(i) ? 1 : (rest.shift() ?? '?')));
  return [{ type: x.type, shape, ...(x.numbers === undefined ? {} : { numbers: x.numbers }) }];
};

const pad: Rule = ({ input, list, numbers }) => {
  const x = input(0);
  if (x === undefined) return [];
  const pads = list('pads') ?? list('paddings') ?? numbers(1);
  const rank = x.shape.length;
  const shape = x.shape.map((dim, i) =>
    typeof dim === 'number' && pads?.length === 2 * rank ? dim + (pads[i] ?? 0) + (pads[i + rank] ?? 0) : '?',
  );
  return one(x.type, shape);
};

const slice: Rule = ({ input, list, numbers, opset }) => {
  const x = input(0);
  if (x === undefined) return [];
  const [starts, ends] = opset < 10 ? [list('starts'), list('ends')] : [numbers(1), numbers(2)];
  const axes = (opset < 10 ? list('axes') : numbers(3)) ?? starts?.map((_, i) => i);
  const steps = opset < 10 ? undefined : numbers(4);
  if (starts === undefined || ends === undefined || axes === undefined)
    return one(
      x.type,
      x.shape.map(() => '?'),
    );
  const shape = [...x.shape];
  let picked = x.numbers;
  axes.forEach((given, i) => {
    const axis = axisOf(given, shape.length);
    const size = shape[axis];
    const step = steps?.[i] ?? 1;
    if (typeof size !== 'number' || step <= 0) {
      shape[axis] = '?';
      picked = undefined;
      return;
    }
    const at = (place: number) => Math.min(size, Math.max(0, place < 0 ? place + size : place));
    const [from, to] = [at(starts[i] ?? 0), at(ends[i] ?? 0)];
    shape[axis] = Math.max(0, Math.ceil((to - from) / step));
    picked =
      shape.length === 1
        ? picked?.filter((_, place) => place >= from && place < to && (place - from) % step === 0)
        : undefined;
  });
  return [{ type: x.type, shape, ...(picked === undefined ? {} : { numbers: picked }) }];
};

const gather: Rule = ({ input, attribute }) => {
  const x = input(0);
  const at = input(1);
  if (x === undefined || at === undefined) return [];
  const axis = axisOf(attribute('axis') ?? 0, x.shape.length);
  const shape = [...x.shape.slice(0, axis), ...at.shape, ...x.shape.slice(axis + 1)];
  const from = x.numbers;
  const picked =
    x.shape.length === 1 ? at.numbers?.map((place) => from?.[place < 0 ? place + from.length : place]) : undefined;
  const numbers = picked?.every((each) => each !== undefined) === true ? picked : undefined;
  return [{ type: x.type, shape, ...(numbers === undefined ? {} : { numbers: numbers as number[] }) }];
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
  const rank = input(0)?.shape[0];
  if (wanted !== undefined) return one(0, wanted);
  return typeof rank === 'number'
    ? one(
        0,
        Array.from({ length: rank }, () => '?'),
      )
    : [];
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
