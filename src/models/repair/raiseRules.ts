/**
 * Each operator that changed between opset 1 and 7, written as opset 7 has it. Source: onnx/docs/Changelog.md, versions 1 to
 * 7. In-place hints (`consumed_inputs`) and the flag for inference (`is_test`) have no meaning any more.
 */
import type { KnownValue } from '../inferShapes.ts';
import type { OnnxAttribute, OnnxNode } from '../onnxModel.ts';

export interface RaiseContext {
  value(name: string): KnownValue | undefined;
  /** Name of a new initialiser of int64. */
  integers(values: readonly number[]): string;
  newName(): string;
}

type Raised = readonly OnnxNode[] | undefined;
type Rule = (node: OnnxNode, context: RaiseContext, opset: number) => Raised;

const words = (text: string) => text.split(' ');

/** Last version before 8 in which each operator changed. */
const changes: ReadonlyMap<string, number> = new Map(
  Object.entries({
    7: 'Add And AveragePool BatchNormalization Div Dropout Equal GRU Gemm Greater LSTM Less Mul Or PRelu Pow RNN Sub Upsample Xor',
    6: 'Abs Cast Ceil Clip Elu Exp Floor HardSigmoid InstanceNormalization LeakyRelu Log Max Mean Min Neg Reciprocal Relu Selu Sigmoid Sqrt Sum Tanh Tile',
    5: 'Reshape',
    4: 'Concat',
    2: 'GlobalLpPool LpPool Pad Split',
  }).flatMap(([version, names]) => words(names).map((name) => [name, Number(version)] as const)),
);

export const changedSince = (op: string, opset: number) => (changes.get(op) ?? 0) > opset;

/** Undefined: it cannot be said exactly in opset 7. */
export function raiseRules(node: OnnxNode, opset: number, context: RaiseContext): Raised {
  const rule = rules[node.op];
  const plain = without(node, 'consumed_inputs');
  return rule === undefined ? [plain] : rule(plain, context, opset);
}

/** Until opset 6 the second operand begins at an axis of the first; since 7 both are aligned at their ends. */
const broadcast: Rule = (node, context) => {
  const plain = without(node, 'axis', 'broadcast');
  const [a = '', b = ''] = node.inputs;
  const axis = numberOf(node, 'axis');
  if (numberOf(node, 'broadcast') !== 1 || axis === undefined) return [plain];
  const [first, second] = [context.value(a)?.shape, context.value(b)?.shape];
  if (second !== undefined && second.every((dim) => dim === 1)) return [plain];
  if (first === undefined || second === undefined) return undefined;
  const behind = first.length - (axis < 0 ? axis + first.length : axis) - second.length;
  if (behind < 0) return undefined;
  if (behind === 0) return [plain];
  return unsqueezed(
    plain,
    1,
    Array.from({ length: behind }, (_, i) => second.length + i),
    context,
  );
};

/** A slope for each channel stood at axis 1; now it is aligned at the end. */
const prelu: Rule = (node, context) => {
  const [x = '', slope = ''] = node.inputs;
  const [shape, slopes] = [context.value(x)?.shape, context.value(slope)?.shape];
  if (shape === undefined || slopes === undefined) return undefined;
  if (slopes.every((dim) => dim === 1) || slopes.length !== 1 || shape.length <= 2) return [node];
  return unsqueezed(
    node,
    1,
    Array.from({ length: shape.length - 2 }, (_, i) => i + 1),
    context,
  );
};

const inference: Rule = (node) => {
  // The statistics of a batch that is trained on: no inference.
  if (node.op === 'BatchNormalization' && node.outputs.filter((name) => name !== '').length > 1) return undefined;
  return [without(node, 'is_test')];
};

/** TensorProto.DataType by name, as `to` was written until opset 5. */
const castTypes = words(
  'UNDEFINED FLOAT UINT8 INT8 UINT16 INT16 INT32 INT64 STRING BOOL FLOAT16 DOUBLE UINT32 UINT64 COMPLEX64 COMPLEX128',
);

const cast: Rule = (node) => {
  const to = valueOf(node, 'to');
  if (typeof to !== 'string') return [node];
  const type = castTypes.indexOf(to.toUpperCase());
  return type < 1 ? undefined : [withAttribute(node, { name: 'to', value: type })];
};

const reshape: Rule = (node, context) => {
  const shape = listOf(node, 'shape');
  const [x = ''] = node.inputs;
  if (shape === undefined || x === '') return undefined;
  return [{ ...without(node, 'shape'), inputs: [x, context.integers(shape)] }];
};

const concat: Rule = (node) =>
  valueOf(node, 'axis') === undefined ? [withAttribute(node, { name: 'axis', value: 1 })] : [node];

const pad: Rule = (node) => {
  const pads = listOf(node, 'paddings');
  return pads === undefined ? undefined : [withAttribute(without(node, 'paddings'), { name: 'pads', value: pads })];
};

const split: Rule = (node, context) => {
  const [x = '', sizes] = node.inputs;
  if (sizes === undefined || sizes === '') return [node];
  const split = context.value(sizes)?.numbers;
  return split === undefined ? undefined : [{ ...withAttribute(node, { name: 'split', value: split }), inputs: [x] }];
};

const tile: Rule = (node, context) => {
  const [x = '', tiles = '', axis = ''] = node.inputs;
  const rank = context.value(x)?.shape.length;
  const [times, along] = [context.value(tiles)?.numbers?.[0], context.value(axis)?.numbers?.[0]];
  if (rank === undefined || times === undefined || along === undefined) return undefined;
  const repeats = Array.from({ length: rank }, (_, i) => (i === along ? times : 1));
  return [{ ...copy(node), inputs: [x, context.integers(repeats)] }];
};

const upsample: Rule = (node) => {
  const [width, height] = [numberOf(node, 'width_scale'), numberOf(node, 'height_scale')];
  const mode = valueOf(node, 'mode') ?? 'nearest';
  if (width === undefined || height === undefined) return undefined;
  const scaled = withAttribute(without(node, 'width_scale', 'height_scale'), {
    name: 'scales',
    value: [1, 1, height, width],
    float: true,
  });
  return [mode === 'bilinear' ? withAttribute(scaled, { name: 'mode', value: 'linear' }) : scaled];
};

/** The defaults of opset 1 are rounded. */
const selu: Rule = (node) => {
  const alpha = numberOf(node, 'alpha') ?? 1.6732;
  const gamma = numberOf(node, 'gamma') ?? 1.0507;
  return [
    withAttribute(withAttribute(node, { name: 'alpha', value: alpha, float: true }), {
      name: 'gamma',
      value: gamma,
      float: true,
    }),
  ];
};

const norm: Rule = (node) => {
  const p = numberOf(node, 'p') ?? 2;
  return Number.isInteger(p) ? [withAttribute(node, { name: 'p', value: p })] : undefined;
};

/** From a version on the rule is no longer needed; a rule may be asked for versions that lie before it. */
const below =
  (version: number, rule: Rule): Rule =>
  (node, context, opset) =>
    opset < version ? rule(node, context, opset) : [node];

const rules: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(words('Add Sub Mul Div Pow And Or Xor Equal Greater Less').map((op) => [op, broadcast])),
  PRelu: prelu,
  Gemm: (node) => [without(node, 'broadcast')],
  BatchNormalization: inference,
  Dropout: inference,
  ...Object.fromEntries(
    words('RNN GRU LSTM').map((op): [string, Rule] => [op, (node) => [without(node, 'output_sequence')]]),
  ),
  Upsample: upsample,
  Cast: below(6, cast),
  Selu: below(6, selu),
  Tile: below(6, tile),
  Reshape: below(5, reshape),
  Concat: below(4, concat),
  Pad: below(2, pad),
  Split: below(2, split),
  LpPool: below(2, norm),
  GlobalLpPool: below(2, norm),
};

/** The node with one input that has got more dimensions of 1. */
function unsqueezed(node: OnnxNode, index: number, axes: readonly number[], context: RaiseContext): OnnxNode[] {
  const name = context.newName();
  const [from = ''] = node.inputs.slice(index);
  const attributes = [{ name: 'axes', value: axes, graphs: [] }];
  return [
    { name, op: 'Unsqueeze', domain: '', inputs: [from], outputs: [name], attributes },
    { ...copy(node), inputs: node.inputs.map((each, i) => (i === index ? name : each)) },
  ];
}

function copy({ span: _, ...node }: OnnxNode): OnnxNode {
  return node;
}

function without(node: OnnxNode, ...names: readonly string[]): OnnxNode {
  const attributes = node.attributes.filter(({ name }) => !names.includes(name));
  return attributes.length === node.attributes.length ? node : { ...copy(node), attributes };
}

function withAttribute(node: OnnxNode, attribute: Omit<OnnxAttribute, 'graphs'>): OnnxNode {
  const others = node.attributes.filter(({ name }) => name !== attribute.name);
  return { ...copy(node), attributes: [...others, { ...attribute, graphs: [] }] };
}

const valueOf = (node: OnnxNode, name: string) => node.attributes.find((each) => each.name === name)?.value;

function numberOf(node: OnnxNode, name: string): number | undefined {
  const value = valueOf(node, name);
  return typeof value === 'number' ? value : undefined;
}

function listOf(node: OnnxNode, name: string): readonly number[] | undefined {
  const value = valueOf(node, name);
  if (typeof value !== 'object') return undefined;
  const numbers = value.filter((each) => typeof each === 'number');
  return numbers.length === value.length ? numbers : undefined;
}
