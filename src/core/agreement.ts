/** How far the outputs of the engine that serves are from those of the WASM reference, on one live frame. */

export interface Agreement {
  /** Largest difference of any output, as a share of that output's largest value. */
  readonly worst: number;
  /** The output where it is. */
  readonly output: string;
  /** What was compared with what. */
  readonly provider: string;
}

/** What is ordinary between two orders of summing float32. */
export const agreesWithin = 1e-3;
