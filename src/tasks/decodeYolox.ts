/**
 * YOLOX's raw grid: [1,N,5+C] over strides 8, 16 and 32, `cx = (x + column) * stride`, `w = exp(w) * stride`.
 * Source: https://github.com/Megvii-BaseDetection/YOLOX, `demo_postprocess`.
 */
import type { Task } from '../core/card.ts';
import type { Fit } from '../core/engine.ts';
import { WeirError } from '../core/errors.ts';
import type { Detection } from '../core/result.ts';
import type { TensorValue } from '../core/tensor.ts';
import { toDetections } from './boxes.ts';
import { centred, objectnessRows, scoredRows } from './decodeYolov5.ts';
import { gridOf, placesOf, yoloStrides } from './gridPlaces.ts';

export function decodeYolox(
  outputs: readonly TensorValue[],
  fit: Fit,
  task: Extract<Task, { kind: 'detection' }>,
  labels: readonly string[] | undefined,
): Detection[] {
  const { data, count, step } = objectnessRows(outputs, 'YOLOX');
  const { inputWidth, inputHeight } = fit;
  if (placesOf(inputWidth, inputHeight) !== count)
    throw new WeirError(
      'bad-output',
      `A YOLOX grid of ${inputWidth} × ${inputHeight} has ${placesOf(inputWidth, inputHeight)} places; the output has ${count}.`,
    );
  const candidates = scoredRows(data, count, step, task.scoreThreshold).map(({ place, score, index }) => {
    const at = place * step;
    const { column, row, stride } = placeAt(place, inputWidth, inputHeight);
    return centred(
      ((data[at] ?? 0) + column) * stride,
      ((data[at + 1] ?? 0) + row) * stride,
      Math.exp(data[at + 2] ?? 0) * stride,
      Math.exp(data[at + 3] ?? 0) * stride,
      score,
      index,
    );
  });
  return toDetections(candidates, task.iouThreshold, fit, labels);
}

function placeAt(place: number, width: number, height: number): { column: number; row: number; stride: number } {
  let left = place;
  for (const stride of yoloStrides) {
    const { columns, rows } = gridOf(width, height, stride);
    if (left < columns * rows) return { column: left % columns, row: Math.floor(left / columns), stride };
    left -= columns * rows;
  }
  throw new Error('A place lies outside the grid.');
}
