/**
 * FastestDet's single grid: [1,5+C,H,W], channels objectness, x, y, w, h, then classes.
 * `score = objectness^0.6 * class^0.4`, `cx = (column + tanh(x)) / W`, `w = sigmoid(w)`, shares of the input.
 * Source: https://github.com/dog-qiuqiu/FastestDet, `utils/tool.py`, `handle_preds`.
 */
import type { Task } from '../core/card.ts';
import type { Fit } from '../core/engine.ts';
import { WeirError } from '../core/errors.ts';
import type { Detection } from '../core/result.ts';
import type { TensorValue } from '../core/tensor.ts';
import { type Candidate, toDetections } from './boxes.ts';
import { centred } from './decodeYolov5.ts';
import { numbersOf } from './numbers.ts';

export function decodeFastestDet(
  outputs: readonly TensorValue[],
  fit: Fit,
  task: Extract<Task, { kind: 'detection' }>,
  labels: readonly string[] | undefined,
): Detection[] {
  const output = outputs.find(({ dims }) => dims.length === 4 && dims[0] === 1 && (dims[1] ?? 0) >= 6);
  if (output === undefined)
    throw new WeirError('bad-output', 'A FastestDet head needs an output [1,5+C,H,W]; the outputs are others.');
  const [, channels = 0, rows = 0, columns = 0] = output.dims;
  const data = numbersOf(output.data);
  const size = rows * columns;
  const candidates: Candidate[] = [];
  for (let place = 0; place < size; place++) {
    const objectness = data[place] ?? 0;
    if (!(objectness > 0)) continue;
    let best = 0;
    let index = 0;
    for (let c = 5; c < channels; c++) {
      const value = data[c * size + place] ?? 0;
      if (value > best) {
        best = value;
        index = c - 5;
      }
    }
    const score = objectness ** 0.6 * best ** 0.4;
    if (!(score >= task.scoreThreshold)) continue;
    const x = ((place % columns) + Math.tanh(data[size + place] ?? 0)) / columns;
    const y = (Math.floor(place / columns) + Math.tanh(data[2 * size + place] ?? 0)) / rows;
    const width = sigmoid(data[3 * size + place] ?? 0);
    const height = sigmoid(data[4 * size + place] ?? 0);
    const { inputWidth, inputHeight } = fit;
    candidates.push(centred(x * inputWidth, y * inputHeight, width * inputWidth, height * inputHeight, score, index));
  }
  return toDetections(candidates, task.iouThreshold, fit, labels);
}

export function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}
