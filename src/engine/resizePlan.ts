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
  const left = (width - columns) >> 1;
  const top = (height - rows) >> 1;
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
    x: tapsFor(sourceWidth, columns, 1 / scaleX, cropX),
    y: tapsFor(sourceHeight, rows, 1 / scaleY, cropY),
  };
}

/** `ratio` source pixels per output pixel, the first output's left edge at `offset`. Half-pixel centres, edges repeated. */
function tapsFor(size: number, outputs: number, ratio: number, offset: number): Taps {
  return ratio > 2 ? areaTaps(size, outputs, ratio, offset) : linearTaps(size, outputs, ratio, offset);
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
