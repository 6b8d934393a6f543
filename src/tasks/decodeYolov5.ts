/**
 * Heads with an objectness score: rows `[cx, cy, w, h, objectness, C class scores]`, score = objectness x class.
 * YOLOv5 decodes its boxes inside the graph; YOLOX leaves offsets and logarithms on a grid (decodeYolox.ts).
 */
import type { Task } from '../core/card.ts';
import type { Fit } from '../core/engine.ts';
import { WeirError } from '../core/errors.ts';
import type { Detection } from '../core/result.ts';
import type { TensorValue } from '../core/tensor.ts';
import { type Candidate, toDetections } from './boxes.ts';
import { type NumberData, numbersOf } from './numbers.ts';

type DetectionTask = Extract<Task, { kind: 'detection' }>;

/** Output [1,N,5+C], boxes in input pixels, or in shares of the input where none is above 2. */
export function decodeYolov5(
  outputs: readonly TensorValue[],
  fit: Fit,
  task: DetectionTask,
  labels: readonly string[] | undefined,
): Detection[] {
  const { data, count, step } = objectnessRows(outputs, 'YOLOv5');
  const candidates = scoredRows(data, count, step, task.scoreThreshold);
  const shares = candidates.length > 0 && candidates.every(({ place }) => sharesAt(data, place * step));
  const [width, height] = shares ? [fit.inputWidth, fit.inputHeight] : [1, 1];
  return toDetections(
    candidates.map(({ place, score, index }) => {
      const at = place * step;
      return centred(
        (data[at] ?? 0) * width,
        (data[at + 1] ?? 0) * height,
        (data[at + 2] ?? 0) * width,
        (data[at + 3] ?? 0) * height,
        score,
        index,
      );
    }),
    task.iouThreshold,
    fit,
    labels,
  );
}

function sharesAt(data: NumberData, at: number): boolean {
  for (let i = 0; i < 4; i++) if ((data[at + i] ?? 0) > 2) return false;
  return true;
}

/** @throws WeirError bad-output where no output is [1,N,5+C] */
export function objectnessRows(
  outputs: readonly TensorValue[],
  name: string,
): { data: NumberData; count: number; step: number } {
  const output = outputs.find(({ dims }) => dims.length === 3 && dims[0] === 1 && (dims[2] ?? 0) >= 6);
  if (output === undefined)
    throw new WeirError('bad-output', `A ${name} head needs an output [1,N,5+C]; the outputs are others.`);
  return { data: numbersOf(output.data), count: output.dims[1] ?? 0, step: output.dims[2] ?? 0 };
}

/** The best class of each row whose objectness x class reaches the threshold. */
export function scoredRows(
  data: NumberData,
  count: number,
  step: number,
  threshold: number,
): { place: number; score: number; index: number }[] {
  const found: { place: number; score: number; index: number }[] = [];
  for (let place = 0; place < count; place++) {
    const at = place * step;
    const objectness = data[at + 4] ?? 0;
    // Class scores are at most 1: most rows end here.
    if (!(objectness >= threshold)) continue;
    let best = -Infinity;
    let index = 0;
    for (let c = 5; c < step; c++) {
      const value = data[at + c] ?? 0;
      if (value > best) {
        best = value;
        index = c - 5;
      }
    }
    const score = objectness * best;
    if (score >= threshold) found.push({ place, score, index });
  }
  return found;
}

/** From centre and size to corners. */
export function centred(
  x: number,
  y: number,
  width: number,
  height: number,
  score: number,
  index: number,
  place?: number,
): Candidate {
  const [halfWidth, halfHeight] = [width / 2, height / 2];
  return {
    x1: x - halfWidth,
    y1: y - halfHeight,
    x2: x + halfWidth,
    y2: y + halfHeight,
    score,
    index,
    ...(place === undefined ? {} : { place }),
  };
}
