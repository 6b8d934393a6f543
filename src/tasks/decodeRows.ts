/**
 * Detections that the graph has suppressed itself, one a row: `[x1, y1, x2, y2, score, class]` of YOLOv10 and other
 * end-to-end exports, [1,N,6] or [N,6]; and `[image, x1, y1, x2, y2, class, score]` of YOLOv7's, [N,7].
 */
import type { Task } from '../core/card.ts';
import type { Fit } from '../core/engine.ts';
import { WeirError } from '../core/errors.ts';
import type { Detection } from '../core/result.ts';
import type { TensorValue } from '../core/tensor.ts';
import { type Candidate, toFound } from './boxes.ts';
import { numbersOf } from './numbers.ts';

export function decodeRows(
  outputs: readonly TensorValue[],
  fit: Fit,
  task: Extract<Task, { kind: 'detection' }>,
  labels: readonly string[] | undefined,
): Detection[] {
  const output = outputs.find(({ dims }) => rowLength(dims) !== undefined);
  const step = rowLength(output?.dims ?? []);
  if (output === undefined || step === undefined)
    throw new WeirError('bad-output', 'This head needs an output [1,N,6], [N,6] or [N,7]; the outputs are others.');
  const data = numbersOf(output.data);
  const [first, scoreAt, classAt] = step === 7 ? [1, 6, 5] : [0, 4, 5];
  const candidates: Candidate[] = [];
  for (let at = 0; at + step <= data.length; at += step) {
    const score = data[at + scoreAt] ?? 0;
    if (!(score >= task.scoreThreshold) || (step === 7 && data[at] !== 0)) continue;
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = data.subarray(at + first, at + first + 4);
    candidates.push({ x1, y1, x2, y2, score, index: Math.round(data[at + classAt] ?? 0) });
  }
  return toFound(inPixels(candidates, fit), fit, labels);
}

/** Some exporters give shares of the input: then no corner is above 2. */
export function inPixels(candidates: readonly Candidate[], fit: Fit): readonly Candidate[] {
  if (candidates.some(({ x2, y2 }) => Math.max(x2, y2) > 2)) return candidates;
  return candidates.map(({ x1, y1, x2, y2, ...rest }) => ({
    ...rest,
    x1: x1 * fit.inputWidth,
    y1: y1 * fit.inputHeight,
    x2: x2 * fit.inputWidth,
    y2: y2 * fit.inputHeight,
  }));
}

function rowLength(dims: readonly number[]): 6 | 7 | undefined {
  const last = dims.at(-1);
  if (dims.length === 3 && dims[0] === 1 && last === 6) return 6;
  return dims.length === 2 && (last === 6 || last === 7) ? last : undefined;
}
