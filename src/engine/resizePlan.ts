/** The geometry of preparation: where the picture lands in the input, and which source pixels make each output pixel. */
import type { Prepare } from '../core/card.ts';
import type { Fit } from '../core/engine.ts';

/** For output i: `weights[i * count ...]` over the source from `starts[i]`; the weights of one output add up to 1. */
export interface Taps {
  readonly count: number;
  readonly starts: Int32Array;
  readonly weights: Float32Array;
}

export interface ResizePlan {
  readonly fit: Fit;
  /** The part of the input that shows the picture; around it lies the letterbox border. */
  readonly left: number;
  readonly top: number;
  readonly columns: number;
  readonly rows: number;
  readonly x: Taps;
  readonly y: Taps;
}

export function planResize(sourceWidth: number, sourceHeight: number, prepare: Prepare): ResizePlan {
  const { width, height, fit } = prepare;
  let columns = width;
  let rows = height;
  let scaleX = width / sourceWidth;
  let scaleY = height / sourceHeight;
  let cropX = 0;
  let cropY = 0;
  if (fit === 'letterbox') {
    const scale = Math.min(scaleX, scaleY);
    columns = Math.min(width, Math.max(1, Math.round(sourceWidth * scale)));
    rows = Math.min(height, Math.max(1, Math.round(sourceHeight * scale)));
    scaleX = columns / sourceWidth;
    scaleY = rows / sourceHeight;
  } else if (fit === 'crop') {
    const scale = Math.max(scaleX, scaleY);
    scaleX = scale;
    scaleY = scale;
    cropX = (sourceWidth - width / scale) / 2;
    cropY = (sourceHeight - height / scale) / 2;
  }
  const cell = prepare.shrink === 'halves' ? halvings(1 / scaleX, 1 / scaleY) : undefined;
  const corner = prepare.place === 'corner';
  const left = corner ? 0 : (width - columns) >> 1;
  const top = corner ? 0 : (height - rows) >> 1;
  return {
    fit: {
      sourceWidth,
      sourceHeight,
      scaleX,
      scaleY,
      offsetX: left - cropX * scaleX,
      offsetY: top - cropY * scaleY,
      inputWidth: width,
      inputHeight: height,
    },
    left,
    top,
    columns,
    rows,
    x: tapsFor(sourceWidth, columns, 1 / scaleX, cropX, cell),
    y: tapsFor(sourceHeight, rows, 1 / scaleY, cropY, cell),
  };
}

/** Source pixels that are one after the picture was halved as often as it stays at least as large as its target. */
function halvings(ratioX: number, ratioY: number): number {
  return 2 ** Math.max(0, Math.floor(Math.log2(Math.min(ratioX, ratioY))));
}

/**
 * `ratio` source pixels per output pixel, the first output's left edge at `offset`. Half-pixel centres, edges repeated.
 * @param cell linear between the means of so many pixels; undefined: linear, or the mean of what is covered
 */
function tapsFor(size: number, outputs: number, ratio: number, offset: number, cell: number | undefined): Taps {
  if (cell !== undefined && cell > 1 && size >= cell * 2) return cellTaps(size, outputs, ratio, offset, cell);
  return ratio > 2 && cell === undefined
    ? areaTaps(size, outputs, ratio, offset)
    : linearTaps(size, outputs, ratio, offset);
}

/** Two neighbouring cells, each the mean of its pixels; what is left over at the end belongs to no cell. */
function cellTaps(size: number, outputs: number, ratio: number, offset: number, cell: number): Taps {
  const cells = Math.floor(size / cell);
  const small = linearTaps(cells, outputs, ratio / cell, offset / cell);
  const count = small.count * cell;
  const starts = small.starts.map((start) => start * cell);
  const weights = new Float32Array(outputs * count);
  for (let i = 0; i < weights.length; i++) weights[i] = (small.weights[Math.floor(i / cell)] ?? 0) / cell;
  return { count, starts, weights };
}

function linearTaps(size: number, outputs: number, ratio: number, offset: number): Taps {
  const count = Math.min(2, size);
  const starts = new Int32Array(outputs);
  const weights = new Float32Array(outputs * count);
  for (let i = 0; i < outputs; i++) {
    const at = Math.min(size - 1, Math.max(0, (i + 0.5) * ratio + offset - 0.5));
    const start = Math.min(Math.floor(at), size - count);
    starts[i] = start;
    weights[i * count] = count === 1 ? 1 : 1 - (at - start);
    if (count === 2) weights[i * count + 1] = at - start;
  }
  return { count, starts, weights };
}

/** Each source pixel counts by how much of it the output pixel covers. */
function areaTaps(size: number, outputs: number, ratio: number, offset: number): Taps {
  const count = Math.min(size, Math.ceil(ratio) + 1);
  const starts = new Int32Array(outputs);
  const weights = new Float32Array(outputs * count);
  for (let i = 0; i < outputs; i++) {
    const from = Math.max(0, i * ratio + offset);
    const to = Math.min(size, (i + 1) * ratio + offset);
    const start = Math.max(0, Math.min(Math.floor(from), size - count));
    starts[i] = start;
    for (let tap = 0; tap < count; tap++) {
      const covered = Math.min(to, start + tap + 1) - Math.max(from, start + tap);
      weights[i * count + tap] = Math.max(0, covered) / (to - from);
    }
  }
  return { count, starts, weights };
}
