/** What tasks make of tensors. Boxes are [x, y, width, height] in upright pixels of the source frame. */
import type { Picture } from './payload.ts';
import type { TensorType } from './tensor.ts';

export interface Detection {
  readonly label: string;
  readonly score: number;
  readonly box: readonly [x: number, y: number, width: number, height: number];
  /** Of the class, for a colour that stays the same. */
  readonly index?: number;
  readonly points?: readonly Keypoint[];
}

/** In upright pixels of the source frame. */
export interface Keypoint {
  readonly x: number;
  readonly y: number;
  readonly score: number;
}

/** Share of the picture's pixels, 0..1. */
export interface ClassShare {
  readonly label: string;
  readonly index: number;
  readonly share: number;
}

/** What lies where: 0 is nothing, n is item n - 1 of `colors`. For drawing only; never in a snapshot. */
export interface Mask {
  readonly width: number;
  readonly height: number;
  readonly values: Uint8Array<ArrayBuffer>;
  /** Where the whole mask lies on the source frame, in its pixels; parts may lie outside. */
  readonly box: readonly [x: number, y: number, width: number, height: number];
  /** Class numbers, for colours that stay the same. */
  readonly colors: readonly number[];
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
  /** Largest share first. */
  | { readonly kind: 'segmentation'; readonly items: readonly ClassShare[]; readonly mask: Mask }
  | { readonly kind: 'instances'; readonly items: readonly Detection[]; readonly mask: Mask }
  | { readonly kind: 'keypoints'; readonly items: readonly Keypoint[]; readonly scoreThreshold: number }
  /** `asFrame`: of the input's shape, so it is shown in the shape of the frame that was fitted into it. */
  | {
      readonly kind: 'image';
      readonly items: readonly TensorSummary[];
      readonly picture: Picture;
      readonly asFrame: boolean;
    }
  /** Label, score: of the window; `spectrum`: one value for each frequency, low to high, for drawing only. */
  | {
      readonly kind: 'sound';
      readonly items: readonly { readonly label: string; readonly score: number }[];
      readonly spectrum?: Float32Array;
      readonly scoreThreshold: number;
    }
  | { readonly kind: 'tensors'; readonly items: readonly TensorSummary[] };
