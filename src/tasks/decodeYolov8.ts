/**
 * The head of YOLOv8 and its heirs: one output [1,4+C,N], rows cx, cy, width, height in input pixels, then class scores.
 * Rows beyond the known class names (masks, key points) are left alone, so -seg and -pose models give their boxes.
 */
import type { Task } from '../core/card.ts';
import type { Fit } from '../core/engine.ts';
import { WeirError } from '../core/errors.ts';
import type { Detection } from '../core/result.ts';
import type { TensorValue } from '../core/tensor.ts';
import { type Candidate, toDetections } from './boxes.ts';
import { numbersOf } from './numbers.ts';

export function decodeYolov8(
  outputs: readonly TensorValue[],
  fit: Fit,
  task: Extract<Task, { kind: 'detection' }>,
  labels: readonly string[] | undefined,
): Detection[] {
  const output = outputs.find(({ dims }) => dims.length === 3 && dims[0] === 1 && (dims[1] ?? 0) >= 5);
  if (output === undefined)
    throw new WeirError('bad-output', 'A YOLOv8 head needs an output [1,4+C,N]; the outputs are others.');
  const [, rows = 0, count = 0] = output.dims;
  const data = numbersOf(output.data);
  const classes = labels === undefined ? rows - 4 : Math.min(labels.length, rows - 4);
  const best = new Float32Array(count).fill(-Infinity);
  const bestClass = new Int32Array(count);
  // Class by class, along the rows: the columns of one place are N values apart and would miss the cache each time.
  for (let c = 0; c < classes; c++) {
    const row = (4 + c) * count;
    for (let i = 0; i < count; i++) {
      const score = data[row + i] ?? 0;
      if (score > (best[i] ?? 0)) {
        best[i] = score;
        bestClass[i] = c;
      }
    }
  }
  const candidates: Candidate[] = [];
  for (let i = 0; i < count; i++) {
    const score = best[i] ?? 0;
    if (score < task.scoreThreshold) continue;
    const x = data[i] ?? 0;
    const y = data[count + i] ?? 0;
    const halfWidth = (data[2 * count + i] ?? 0) / 2;
    const halfHeight = (data[3 * count + i] ?? 0) / 2;
    candidates.push({
      x1: x - halfWidth,
      y1: y - halfHeight,
      x2: x + halfWidth,
      y2: y + halfHeight,
      score,
      index: bestClass[i] ?? 0,
    });
  }
  return toDetections(candidates, task.iouThreshold, fit, labels);
}
