/**
 * Output shapes of the operators that cut, join and turn tensors, with the numbers in them where they are known: the shapes
 * of others are computed by these. Semantics: onnx/docs/Operators.md and Changelog.md.
 */
import { allKnown, axisOf, maxNumbers, ofRank, one, product, type Rule } from './shapeRule.ts';
import type { Shape } from './inferShapes.ts';

export const concat: Rule = ({ node, input, attribute }) => {
  const values = node.inputs.map((_, index) => input(index));
  const [first] = values;
  if (first === undefined || values.some((value) => value?.shape.length !== first.shape.length)) return [];
  const axis = axisOf(attribute('axis') ?? 1, first.shape.length);
  const sizes = values.map((value) => value?.shape[axis] ?? '?');
  const shape = first.shape.map((dim, i) => (i === axis ? (allKnown(sizes) ? sum(sizes) : '?') : dim));
  const count = sum(values.map((value) => value?.numbers?.length ?? Infinity));
  const numbers = count <= maxNumbers ? values.flatMap((value) => value?.numbers ?? []) : undefined;
  return [{ type: first.type, shape, ...(numbers === undefined || shape.length !== 1 ? {} : { numbers }) }];
};

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

export const split: Rule = ({ node, opset, input, numbers, attribute, list }) => {
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

export const transpose: Rule = ({ input, list }) => {
  const x = input(0);
  if (x === undefined) return [];
  const order = list('perm') ?? x.shape.map((_, i) => x.shape.length - 1 - i);
  return one(
    x.type,
    order.map((i) => x.shape[i] ?? '?'),
  );
};

export const reshape: Rule = ({ input, numbers, list }) => {
  const x = input(0);
  const wanted = list('shape') ?? numbers(1);
  if (x === undefined) return [];
  if (wanted === undefined) {
    return ofRank(x.type, input(1)?.shape[0]);
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

export const flatten: Rule = ({ input, attribute }) => {
  const x = input(0);
  if (x === undefined) return [];
  const axis = axisOf(attribute('axis') ?? 1, x.shape.length);
  const size = (part: Shape) => (allKnown(part) ? product(part) : part.length === 1 ? (part[0] ?? '?') : '?');
  return one(x.type, [size(x.shape.slice(0, axis)), size(x.shape.slice(axis))]);
};

export const squeeze: Rule = ({ input, list, numbers }) => {
  const x = input(0);
  if (x === undefined) return [];
  const axes = (list('axes') ?? numbers(1))?.map((axis) => axisOf(axis, x.shape.length));
  const shape = x.shape.filter((dim, i) => (axes === undefined ? dim !== 1 : !axes.includes(i)));
  return [{ type: x.type, shape, ...(x.numbers === undefined ? {} : { numbers: x.numbers }) }];
};

export const unsqueeze: Rule = ({ input, list, numbers }) => {
  const x = input(0);
  const given = list('axes') ?? numbers(1);
  if (x === undefined || given === undefined) return [];
  const rank = x.shape.length + given.length;
  const axes = given.map((axis) => axisOf(axis, rank));
  const rest = [...x.shape];
  const shape = Array.from({ length: rank }, (_, i) => (axes.includes(i) ? 1 : (rest.shift() ?? '?')));
  return [{ type: x.type, shape, ...(x.numbers === undefined ? {} : { numbers: x.numbers }) }];
};

export const pad: Rule = ({ input, list, numbers }) => {
  const x = input(0);
  if (x === undefined) return [];
  const pads = list('pads') ?? list('paddings') ?? numbers(1);
  const rank = x.shape.length;
  const shape = x.shape.map((dim, i) =>
    typeof dim === 'number' && pads?.length === 2 * rank ? dim + (pads[i] ?? 0) + (pads[i + rank] ?? 0) : '?',
  );
  return one(x.type, shape);
};

export const slice: Rule = ({ input, list, numbers, opset }) => {
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

export const gather: Rule = ({ input, attribute }) => {
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
