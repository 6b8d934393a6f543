/**
 * Output shapes of the operators that slide a window over a picture or multiply matrices: convolutions, pools, products.
 * Formulas: onnx/docs/Operators.md.
 */
import type { NodeView } from './inferShapes.ts';
import { allKnown, broadcast, one, type Rule } from './shapeRule.ts';

/** Length along one axis after a window went over it. */
function slid(size: number | string | undefined, kernel: number, view: NodeView, i: number, rank: number) {
  if (typeof size !== 'number') return '?';
  const stride = view.list('strides')?.[i] ?? 1;
  const dilation = view.list('dilations')?.[i] ?? 1;
  const auto = view.text('auto_pad') ?? 'NOTSET';
  if (auto.startsWith('SAME')) return Math.ceil(size / stride);
  const pads = auto === 'VALID' ? undefined : view.list('pads');
  const padded = size + (pads?.[i] ?? 0) + (pads?.[i + rank] ?? 0) - (dilation * (kernel - 1) + 1);
  return Math.max(0, (view.attribute('ceil_mode') === 1 ? Math.ceil : Math.floor)(padded / stride) + 1);
}

export const convolution =
  (weightAt: number, type?: number): Rule =>
  (view) => {
    const x = view.input(0);
    const w = view.input(weightAt)?.shape;
    if (x === undefined || w === undefined || !allKnown(w) || x.shape.length !== w.length) return [];
    const kernel = view.list('kernel_shape') ?? w.slice(2);
    const spatial = kernel.map((size, i) => slid(x.shape[i + 2], size, view, i, kernel.length));
    return one(type ?? x.type, [x.shape[0] ?? '?', w[0] ?? '?', ...spatial]);
  };

export const transposed: Rule = (view) => {
  const x = view.input(0);
  const w = view.input(1)?.shape;
  if (x === undefined || w === undefined || !allKnown(w)) return [];
  const kernel = view.list('kernel_shape') ?? w.slice(2);
  const given = view.list('output_shape');
  const same = (view.text('auto_pad') ?? '').startsWith('SAME');
  const spatial = kernel.map((size, i) => {
    const length = x.shape[i + 2];
    if (given !== undefined) return given[given.length - kernel.length + i] ?? '?';
    if (typeof length !== 'number') return '?';
    const stride = view.list('strides')?.[i] ?? 1;
    if (same) return length * stride;
    const pads = view.list('pads');
    const reach = (view.list('dilations')?.[i] ?? 1) * (size - 1) + 1;
    const extra = view.list('output_padding')?.[i] ?? 0;
    return stride * (length - 1) + extra + reach - (pads?.[i] ?? 0) - (pads?.[i + kernel.length] ?? 0);
  });
  return one(x.type, [x.shape[0] ?? '?', (w[1] ?? 0) * (view.attribute('group') ?? 1), ...spatial]);
};

export const pool: Rule = (view) => {
  const x = view.input(0);
  const kernel = view.list('kernel_shape');
  if (x === undefined || kernel === undefined) return [];
  const spatial = kernel.map((size, i) => slid(x.shape[i + 2], size, view, i, kernel.length));
  return one(x.type, [...x.shape.slice(0, 2), ...spatial]);
};

export const globalPool: Rule = ({ input }) => {
  const x = input(0);
  return one(
    x?.type ?? 0,
    x?.shape.map((dim, i) => (i < 2 ? dim : 1)),
  );
};

export const gemm: Rule = ({ input, attribute }) => {
  const [a, b] = [input(0), input(1)];
  if (a?.shape.length !== 2 || b?.shape.length !== 2) return [];
  const m = a.shape[attribute('transA') === 1 ? 1 : 0] ?? '?';
  return one(a.type, [m, b.shape[attribute('transB') === 1 ? 0 : 1] ?? '?']);
};

export const matMul =
  (bAt: number, type?: number): Rule =>
  ({ input }) => {
    const a = input(0);
    const b = input(bAt);
    if (a === undefined || b === undefined || a.shape.length < 2 || b.shape.length < 2) return [];
    const outer = broadcast([a.shape.slice(0, -2), b.shape.slice(0, -2)]);
    return one(type ?? a.type, [...outer, a.shape.at(-2) ?? '?', b.shape.at(-1) ?? '?']);
  };
