/** What a rule of shapes gets and gives, and what many rules do. */
import type { KnownValue, NodeView, Shape } from './inferShapes.ts';

export type Outputs = readonly (KnownValue | undefined)[];
export type Rule = (view: NodeView) => Outputs;

/** Beyond these a file means harm: shapes would grow from node to node without end. */
export const maxRank = 64;
export const maxNumbers = 1024;

export const one = (type: number, shape: Shape | undefined): Outputs => (shape === undefined ? [] : [{ type, shape }]);
export const allKnown = (shape: Shape): shape is readonly number[] => shape.every((dim) => typeof dim === 'number');
export const product = (dims: readonly number[]) => dims.reduce((total, dim) => total * dim, 1);

/** Aligned at the end, as NumPy does it; a size beats a free dimension. */
export function broadcast(shapes: readonly Shape[]): Shape {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, i) => {
    const dims = shapes.map((shape) => shape[shape.length - rank + i] ?? 1).filter((dim) => dim !== 1);
    const [first = 1] = dims;
    const fixed = dims.find((dim) => typeof dim === 'number');
    return fixed ?? (dims.every((dim) => dim === first) ? first : '?');
  });
}

/** A negative one counts from the end. */
export const axisOf = (axis: number, rank: number) => (axis < 0 ? axis + rank : axis);

/** Of that rank, and nothing more is known. A rank that no tensor has is not known either. */
export function ofRank(type: number, rank: number | string | undefined): Outputs {
  if (typeof rank !== 'number' || rank < 0 || rank > maxRank) return [];
  return one(
    type,
    Array.from({ length: rank }, () => '?'),
  );
}
