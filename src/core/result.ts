/** What tasks make of tensors. Boxes are [x, y, width, height] in upright pixels of the source frame. */
import type { Picture } from './payload.ts';
import type { TensorType } from './tensor.ts';

export interface Detection {
  readonly label: string;
  readonly score: number;
  readonly box: readonly [x: number, y: number, width: number, height: number];
}

export interface ClassScore {
  readonly label: string;
  readonly index: number;
  readonly score: number;
}

export interface TensorSummary {
  readonly name: string;
  readonly type: TensorType;
  readonly dims: readonly number[];
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** Values that are NaN or infinite, left out of the other numbers; absent when there are none. */
  readonly nonFinite?: number;
  /** 32 equal bins from min to max. */
  readonly histogram?: readonly number[];
  /** A 2-D view of the last two dimensions as a picture, for drawing only; never in a snapshot. */
  readonly heatMap?: Picture;
}

/** A result and what made it. */
export interface MadeResult {
  readonly result: TaskResult;
  readonly model: { readonly name: string; readonly sha256: string } | undefined;
  readonly provider: string;
}

export type TaskResult =
  | { readonly kind: 'detection'; readonly items: readonly Detection[] }
  | { readonly kind: 'classification'; readonly items: readonly ClassScore[] }
  /** `asFrame`: of the input's shape, so it is shown in the shape of the frame that was fitted into it. */
  | {
      readonly kind: 'image';
      readonly items: readonly TensorSummary[];
      readonly picture: Picture;
      readonly asFrame: boolean;
    }
  | { readonly kind: 'tensors'; readonly items: readonly TensorSummary[] };
