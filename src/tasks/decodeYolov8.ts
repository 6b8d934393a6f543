/**
 * The head of YOLOv8 and its heirs: one output [1,4+C+X,N], rows cx, cy, width, height in input pixels, then class scores,
 * then X more: mask coefficients of -seg models (decodeInstances.ts), key points of -pose models, read here.
 */
import type { Task } from '../core/card.ts';
import type { Fit } from '../core/engine.ts';
import { WeirError } from '../core/errors.ts';
import type { Detection, Keypoint } from '../core/result.ts';
import type { TensorValue } from '../core/tensor.ts';
import { type Candidate, suppress, toFound } from './boxes.ts';
import { centred } from './decodeYolov5.ts';
import { type NumberData, numbersOf } from './numbers.ts';
import { pointToSource } from './points.ts';

/** The head as rows of N values; `classes` of its rows are class scores. */
export interface Yolov8Head {
  readonly data: NumberData;
  readonly rows: number;
  readonly count: number;
  readonly classes: number;
}

/** @throws WeirError bad-output where no output is [1,4+C,N] */
export function yolov8Head(
  outputs: readonly TensorValue[],
  labels: readonly string[] | undefined,
  extra: number,
): Yolov8Head {
  const output = outputs.find(({ dims }) => dims.length === 3 && dims[0] === 1 && (dims[1] ?? 0) >= 5 + extra);
  if (output === undefined)
    throw new WeirError('bad-output', 'A YOLOv8 head needs an output [1,4+C,N]; the outputs are others.');
  const [, rows = 0, count = 0] = output.dims;
  const most = rows - 4 - extra;
  return { data: numbersOf(output.data), rows, count, classes: Math.min(labels?.length ?? most, most) };
}

/** Best class and its score of every place, kept between frames: nothing is allocated for a head of the same size. */
let best = new Float32Array(0);
let bestClass = new Int32Array(0);

/** Candidates above the threshold, each with its place, so that what else stands there can be read. */
export function yolov8Candidates({ data, count, classes }: Yolov8Head, threshold: number): Candidate[] {
  if (best.length !== count) {
    best = new Float32Array(count);
    bestClass = new Int32Array(count);
  }
  best.fill(-Infinity);
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
    if (!(score >= threshold)) continue;
    const [width, height] = [data[2 * count + i] ?? 0, data[3 * count + i] ?? 0];
    candidates.push(centred(data[i] ?? 0, data[count + i] ?? 0, width, height, score, bestClass[i] ?? 0, i));
  }
  return candidates;
}

export function decodeYolov8(
  outputs: readonly TensorValue[],
  fit: Fit,
  task: Extract<Task, { kind: 'detection' }>,
  labels: readonly string[] | undefined,
): Detection[] {
  const head = yolov8Head(outputs, labels, 0);
  const kept = suppress(yolov8Candidates(head, task.scoreThreshold), task.iouThreshold);
  const step = pointStep(head);
  if (step === undefined) return toFound(kept, fit, labels);
  return kept.flatMap((candidate) =>
    toFound([candidate], fit, labels).map((found) => ({
      ...found,
      points: pointsAt(head, candidate.place ?? 0, step, fit),
    })),
  );
}

/** Values of a key point: x, y and how sure; two without the last. Undefined: the rows beyond the classes are others. */
function pointStep({ rows, classes }: Yolov8Head): 2 | 3 | undefined {
  const extra = rows - 4 - classes;
  // 32 is the number of mask coefficients.
  if (extra < 8 || extra === 32) return undefined;
  return extra % 3 === 0 ? 3 : extra % 2 === 0 ? 2 : undefined;
}

function pointsAt({ data, rows, count, classes }: Yolov8Head, place: number, step: 2 | 3, fit: Fit): Keypoint[] {
  const points: Keypoint[] = [];
  for (let row = 4 + classes; row + step <= rows; row += step) {
    const at = row * count + place;
    points.push(pointToSource(data[at] ?? 0, data[at + count] ?? 0, step === 3 ? (data[at + 2 * count] ?? 0) : 1, fit));
  }
  return points;
}
