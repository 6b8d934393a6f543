/**
 * SSD-like heads whose priors are decoded inside the graph: `scores` [1,N,C] and `boxes` [1,N,4].
 * Boxes are corners x1, y1, x2, y2 as shares of the input; with two or more classes, class 0 is the background.
 */
import type { Task } from '../core/card.ts';
import type { Fit } from '../core/engine.ts';
import { WeirError } from '../core/errors.ts';
import type { Detection } from '../core/result.ts';
import type { TensorValue } from '../core/tensor.ts';
import { type Candidate, toDetections } from './boxes.ts';
import { numbersOf } from './numbers.ts';

export function decodeSsd(
  outputs: readonly TensorValue[],
  fit: Fit,
  task: Extract<Task, { kind: 'detection' }>,
  labels: readonly string[] | undefined,
): Detection[] {
  const { scores, boxes } = findPair(outputs);
  const count = boxes.dims.at(-2) ?? 0;
  const classes = scores.dims.at(-1) ?? 0;
  const first = classes > 1 ? 1 : 0;
  const s = numbersOf(scores.data);
  const b = numbersOf(boxes.data);
  const candidates: Candidate[] = [];
  for (let i = 0; i < count; i++) {
    for (let index = first; index < classes; index++) {
      const score = s[i * classes + index] ?? 0;
      // A negated comparison, so that NaN is left out too.
      if (!(score >= task.scoreThreshold)) continue;
      candidates.push({
        x1: (b[i * 4] ?? 0) * fit.inputWidth,
        y1: (b[i * 4 + 1] ?? 0) * fit.inputHeight,
        x2: (b[i * 4 + 2] ?? 0) * fit.inputWidth,
        y2: (b[i * 4 + 3] ?? 0) * fit.inputHeight,
        score,
        index,
      });
    }
  }
  return toDetections(candidates, task.iouThreshold, fit, labels);
}

function findPair(outputs: readonly TensorValue[]): { scores: TensorValue; boxes: TensorValue } {
  const fours = outputs.filter(({ dims }) => dims.at(-1) === 4 && dims.length >= 2);
  const boxes = fours.find(({ name }) => /box|loc|reg/i.test(name)) ?? fours[0];
  const scores = outputs.find((output) => output !== boxes && output.dims.at(-2) === boxes?.dims.at(-2));
  if (boxes === undefined || scores === undefined)
    throw new WeirError('bad-output', 'An SSD head needs scores [1,N,C] and boxes [1,N,4]; the outputs are others.');
  return { scores, boxes };
}
