/**
 * YOLO -seg models: boxes as in decodeYolov8.ts with 32 coefficients each, and prototypes [1,32,H,W] of a quarter of the
 * input. A pixel belongs to an object where sigmoid(coefficients · prototypes) >= 0.5, inside the object's box.
 * Source: https://docs.ultralytics.com/reference/utils/ops, `process_mask`.
 */
import type { Task } from '../core/card.ts';
import type { Fit } from '../core/engine.ts';
import { WeirError } from '../core/errors.ts';
import type { Detection, TaskResult } from '../core/result.ts';
import type { TensorValue } from '../core/tensor.ts';
import { type Candidate, suppress, toFound } from './boxes.ts';
import { yolov8Candidates, yolov8Head, type Yolov8Head } from './decodeYolov8.ts';
import { type NumberData, numbersOf } from './numbers.ts';
import { inputOnSource } from './points.ts';

/** Values of a mask are bytes, and 0 is nothing. */
const maxInstances = 100;

export function decodeInstances(
  outputs: readonly TensorValue[],
  fit: Fit,
  task: Extract<Task, { kind: 'instances' }>,
  labels: readonly string[] | undefined,
): Extract<TaskResult, { kind: 'instances' }> {
  const protos = outputs.find(({ dims }) => dims.length === 4 && dims[0] === 1 && (dims[1] ?? 0) > 1);
  if (protos === undefined)
    throw new WeirError('bad-output', 'Masks of objects need prototypes [1,32,H,W] beside the boxes; there are none.');
  const [, coefficients = 0, height = 0, width = 0] = protos.dims;
  const head = yolov8Head(outputs, labels, coefficients);
  const kept = suppress(yolov8Candidates(head, task.scoreThreshold), task.iouThreshold).slice(0, maxInstances);
  const items: Detection[] = [];
  const owners: Candidate[] = [];
  for (const candidate of kept) {
    const [found] = toFound([candidate], fit, labels);
    if (found === undefined) continue;
    items.push(found);
    owners.push(candidate);
  }
  const values = new Uint8Array(width * height);
  const plane = numbersOf(protos.data);
  // Worst first, so that the best lies on top.
  for (let i = owners.length - 1; i >= 0; i--) {
    const owner = owners[i];
    if (owner !== undefined) paint(values, i + 1, owner, head, plane, { coefficients, width, height }, fit);
  }
  return {
    kind: 'instances',
    items,
    mask: { width, height, values, box: inputOnSource(fit), colors: items.map(({ index = 0 }) => index) },
  };
}

function paint(
  values: Uint8Array,
  value: number,
  { x1, y1, x2, y2, place = 0 }: Candidate,
  { data, rows, count }: Yolov8Head,
  plane: NumberData,
  { coefficients, width, height }: { coefficients: number; width: number; height: number },
  fit: Fit,
): void {
  const [scaleX, scaleY] = [width / fit.inputWidth, height / fit.inputHeight];
  const [left, right] = [Math.max(0, Math.floor(x1 * scaleX)), Math.min(width, Math.ceil(x2 * scaleX))];
  const [top, bottom] = [Math.max(0, Math.floor(y1 * scaleY)), Math.min(height, Math.ceil(y2 * scaleY))];
  const first = (rows - coefficients) * count + place;
  const weights = Float32Array.from({ length: coefficients }, (_, i) => data[first + i * count] ?? 0);
  const size = width * height;
  for (let y = top; y < bottom; y++)
    for (let x = left; x < right; x++) {
      const at = y * width + x;
      let sum = 0;
      for (let i = 0; i < coefficients; i++) sum += (weights[i] ?? 0) * (plane[i * size + at] ?? 0);
      // sigmoid(sum) >= 0.5
      if (sum >= 0) values[at] = value;
    }
}
