/**
 * YuNet (libfacedetection): `loc` [N,14], `conf` [N,2], `iou` [N,1] over priors of four strides; a face with five points.
 * `score = sqrt(conf * iou)`, centre = prior + loc * 0.1 * side, size = side * exp(loc * 0.2).
 * Source: https://github.com/opencv/opencv_zoo, `face_detection_yunet`, first version (PriorBox).
 */
import type { Task } from '../core/card.ts';
import type { Fit } from '../core/engine.ts';
import { WeirError } from '../core/errors.ts';
import type { Detection } from '../core/result.ts';
import type { TensorValue } from '../core/tensor.ts';
import { suppress, toSource } from './boxes.ts';
import { centred } from './decodeYolov5.ts';
import { labelOf } from './labels.ts';
import { numbersOf } from './numbers.ts';
import { pointToSource } from './points.ts';

/** Sides of the square priors in input pixels, by stride. */
const priorSides = [
  [8, [10, 16, 24]],
  [16, [32, 48]],
  [32, [64, 96]],
  [64, [128, 192, 256]],
] as const;
const [centreVariance, sizeVariance] = [0.1, 0.2];
const points = 5;

interface Prior {
  readonly x: number;
  readonly y: number;
  readonly side: number;
}

export function decodeYunet(
  outputs: readonly TensorValue[],
  fit: Fit,
  task: Extract<Task, { kind: 'detection' }>,
  labels: readonly string[] | undefined,
): Detection[] {
  const of = (last: number) => outputs.find(({ dims }) => dims.at(-1) === last);
  const [loc, conf, iou] = [of(14), of(2), of(1)];
  if (loc === undefined || conf === undefined || iou === undefined)
    throw new WeirError('bad-output', 'A YuNet head needs outputs [N,14], [N,2] and [N,1]; the outputs are others.');
  const priors = priorsOf(fit.inputWidth, fit.inputHeight);
  const count = loc.dims.at(-2) ?? 0;
  if (count !== priors.length)
    throw new WeirError('bad-output', `YuNet has ${priors.length} priors for this input; the output has ${count}.`);
  const [l, c, q] = [numbersOf(loc.data), numbersOf(conf.data), numbersOf(iou.data)];
  const candidates = priors.flatMap(({ x, y, side }, place) => {
    const quality = Math.min(1, Math.max(0, q[place] ?? 0));
    const score = Math.sqrt((c[place * 2 + 1] ?? 0) * quality);
    if (!(score >= task.scoreThreshold)) return [];
    const at = place * 14;
    return [
      centred(
        x + (l[at] ?? 0) * centreVariance * side,
        y + (l[at + 1] ?? 0) * centreVariance * side,
        side * Math.exp((l[at + 2] ?? 0) * sizeVariance),
        side * Math.exp((l[at + 3] ?? 0) * sizeVariance),
        score,
        1,
        place,
      ),
    ];
  });
  return suppress(candidates, task.iouThreshold).flatMap((candidate) => {
    const box = toSource(candidate, fit);
    const { place = 0, score, index } = candidate;
    const prior = priors[place];
    if (box === undefined || prior === undefined) return [];
    const marks = Array.from({ length: points }, (_, i) => {
      const at = place * 14 + 4 + i * 2;
      const step = centreVariance * prior.side;
      return pointToSource(prior.x + (l[at] ?? 0) * step, prior.y + (l[at + 1] ?? 0) * step, score, fit);
    });
    return [{ label: labelOf(labels, index), score, box, index, points: marks }];
  });
}

/** In input pixels, in the network's order. Its maps are halved step by step, rounding down. */
export function priorsOf(width: number, height: number): Prior[] {
  const priors: Prior[] = [];
  // The first two halvings come from the stem: ((x + 1) / 2) / 2, then one more for each stride.
  let columns = Math.floor(Math.floor((width + 1) / 2) / 2);
  let rows = Math.floor(Math.floor((height + 1) / 2) / 2);
  for (const [stride, sides] of priorSides) {
    columns = Math.floor(columns / 2);
    rows = Math.floor(rows / 2);
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++)
        for (const side of sides) priors.push({ x: (column + 0.5) * stride, y: (row + 0.5) * stride, side });
  }
  return priors;
}
