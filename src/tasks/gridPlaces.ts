/** The places of a multi-scale grid head in the order in which exporters flatten it: stride by stride, row by row. */

/** YOLO's usual scales. */
export const yoloStrides = [8, 16, 32] as const;
/** libfacedetection's: one finer and one coarser than an SSD of this size has. */
export const yunetStrides = [8, 16, 32, 64] as const;

/** Cells of one scale: sides are rounded up, as padded convolutions do. */
export function gridOf(width: number, height: number, stride: number): { columns: number; rows: number } {
  return { columns: Math.ceil(width / stride), rows: Math.ceil(height / stride) };
}

export function placesOf(width: number, height: number, strides: readonly number[] = yoloStrides): number {
  return strides.reduce((sum, stride) => {
    const { columns, rows } = gridOf(width, height, stride);
    return sum + columns * rows;
  }, 0);
}
