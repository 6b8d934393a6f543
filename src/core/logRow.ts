/** One line of the result log. */
export interface LogRow {
  /** When it was decoded, ms since 1970. */
  readonly at: number;
  readonly source: string;
  /** Number of the delivery. */
  readonly frame: number;
  readonly label: string;
  /** Score, or share of the picture, 0..1. */
  readonly score: number;
  /** `[x, y, width, height]` in upright pixels of the frame. */
  readonly box?: readonly [x: number, y: number, width: number, height: number];
}

/** What a page sees of the log: the newest rows that match. */
export interface LogView {
  /** Newest first. */
  readonly rows: readonly LogRow[];
  /** How many of the kept ones match. */
  readonly matching: number;
  readonly kept: number;
  /** Since the start of the run; older ones than those kept are gone. */
  readonly total: number;
}
