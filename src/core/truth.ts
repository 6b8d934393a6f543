/** What truly is in a picture, where that is known: the synthetic scene knows it. */

export interface TruthObject {
  readonly label: string;
  /** `[x, y, width, height]` of the whole object, hidden parts too; upright source pixels. */
  readonly box: readonly [x: number, y: number, width: number, height: number];
  /** The share of it that can be seen, 0..1. */
  readonly visibility: number;
}

/** Less of an object than this cannot be told from its neighbours; judging by it would be a lottery. */
export const minVisibility = 0.3;
