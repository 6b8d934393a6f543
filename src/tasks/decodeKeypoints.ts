/**
 * Key points of one thing in the picture: peaks of heat maps [1,K,H,W]; peaks with offsets [1,3K,H,W] as OpenSeeFace
 * gives them; or coordinates as they are, [1,K,2], [1,K,3], [1,2K].
 */
import type { Task } from '../core/card.ts';
import type { Fit } from '../core/engine.ts';
import { WeirError } from '../core/errors.ts';
import type { Keypoint } from '../core/result.ts';
import type { TensorValue } from '../core/tensor.ts';
import { type NumberData, numbersOf } from './numbers.ts';
import { pointToSource } from './points.ts';

type KeypointTask = Extract<Task, { kind: 'keypoints' }>;

export function decodeKeypoints(outputs: readonly TensorValue[], fit: Fit, task: KeypointTask): Keypoint[] {
  return task.head === 'direct' ? direct(outputs, fit) : peaks(outputs, fit, task.head === 'offsets');
}

function peaks(outputs: readonly TensorValue[], fit: Fit, withOffsets: boolean): Keypoint[] {
  const output = outputs.find(
    ({ dims }) => dims.length === 4 && dims[0] === 1 && (dims[1] ?? 0) >= (withOffsets ? 3 : 1),
  );
  if (output === undefined)
    throw new WeirError('bad-output', 'Key points need heat maps [1,K,H,W]; the outputs are others.');
  const [, channels = 0, rows = 0, columns = 0] = output.dims;
  const data = numbersOf(output.data);
  const size = rows * columns;
  const count = withOffsets ? Math.floor(channels / 3) : channels;
  return Array.from({ length: count }, (_, point) => {
    const at = peakAt(data, point * size, size);
    const score = data[point * size + at] ?? 0;
    const [row, column] = [Math.floor(at / columns), at % columns];
    const { x, y } = withOffsets
      ? shifted(data, row, column, rows, columns, (count + point) * size + at, (2 * count + point) * size + at, fit)
      : quarterShifted(data, point * size, row, column, rows, columns, fit);
    return pointToSource(x, y, score, fit);
  });
}

function peakAt(data: NumberData, from: number, size: number): number {
  let best = -Infinity;
  let at = 0;
  for (let i = 0; i < size; i++) {
    const value = data[from + i] ?? 0;
    if (value > best) {
      best = value;
      at = i;
    }
  }
  return at;
}

/**
 * Offsets are sigmoids: `offset = (side - 1) * logit(p) / 16`, of the row first, then of the column.
 * Source: https://github.com/emilianavt/OpenSeeFace, tracker.py, `landmarks`.
 */
function shifted(
  data: NumberData,
  row: number,
  column: number,
  rows: number,
  columns: number,
  rowAt: number,
  columnAt: number,
  { inputWidth, inputHeight }: Fit,
): { x: number; y: number } {
  const [width, height] = [inputWidth - 1, inputHeight - 1];
  return {
    x: width * (column / Math.max(1, columns - 1) + logit(data[columnAt] ?? 0.5) / 16),
    y: height * (row / Math.max(1, rows - 1) + logit(data[rowAt] ?? 0.5) / 16),
  };
}

function logit(share: number): number {
  const p = Math.min(0.9999999, Math.max(0.0000001, share));
  return Math.log(p / (1 - p));
}

/** A peak lies a quarter of a cell towards its higher neighbour, as is usual for heat maps without offsets. */
function quarterShifted(
  data: NumberData,
  from: number,
  row: number,
  column: number,
  rows: number,
  columns: number,
  { inputWidth, inputHeight }: Fit,
): { x: number; y: number } {
  const value = (r: number, c: number) => data[from + r * columns + c] ?? 0;
  const inner = (place: number, count: number) => place > 0 && place < count - 1;
  const stepX = inner(column, columns) ? Math.sign(value(row, column + 1) - value(row, column - 1)) / 4 : 0;
  const stepY = inner(row, rows) ? Math.sign(value(row + 1, column) - value(row - 1, column)) / 4 : 0;
  return {
    x: ((column + 0.5 + stepX) * inputWidth) / columns,
    y: ((row + 0.5 + stepY) * inputHeight) / rows,
  };
}

/** In shares of the input where no coordinate is above 2, else in its pixels. */
function direct(outputs: readonly TensorValue[], fit: Fit): Keypoint[] {
  const output = outputs.find(({ data, dims }) => data.length >= 4 && dims.length <= 3);
  if (output === undefined)
    throw new WeirError('bad-output', 'Key points need coordinates [1,K,2] or [1,2K]; the outputs are others.');
  const data = numbersOf(output.data);
  const step = output.dims.at(-1) === 3 && output.dims.length === 3 ? 3 : 2;
  let largest = 0;
  for (let at = 0; at + step <= data.length; at += step)
    largest = Math.max(largest, Math.abs(data[at] ?? 0), Math.abs(data[at + 1] ?? 0));
  const [width, height] = largest <= 2 ? [fit.inputWidth, fit.inputHeight] : [1, 1];
  const points: Keypoint[] = [];
  for (let at = 0; at + step <= data.length; at += step)
    points.push(
      pointToSource((data[at] ?? 0) * width, (data[at + 1] ?? 0) * height, step === 3 ? (data[at + 2] ?? 0) : 1, fit),
    );
  return points;
}
