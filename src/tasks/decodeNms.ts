/**
 * What suppression inside the graph leaves. Either ONNX NonMaxSuppression's indices [M,3] (image, class, box) beside
 * boxes [1,N,4] and scores [1,C,N]; or boxes [1,N,4], scores [1,N], classes [1,N] (and a count) apart.
 * Corners as x1, y1, x2, y2; TensorFlow's own detectors give y1, x1, y2, x2 in shares, known by their output names.
 */
import type { Task } from '../core/card.ts';
import type { Fit } from '../core/engine.ts';
import { WeirError } from '../core/errors.ts';
import type { Detection } from '../core/result.ts';
import type { TensorValue } from '../core/tensor.ts';
import { type Candidate, toFound } from './boxes.ts';
import { inPixels } from './decodeRows.ts';
import { type NumberData, numbersOf } from './numbers.ts';

type DetectionTask = Extract<Task, { kind: 'detection' }>;

export function decodeNms(
  outputs: readonly TensorValue[],
  fit: Fit,
  task: DetectionTask,
  labels: readonly string[] | undefined,
): Detection[] {
  const boxes = outputs.find(({ dims }) => dims.length >= 2 && dims.at(-1) === 4);
  if (boxes === undefined)
    throw new WeirError('bad-output', 'This head needs boxes [1,N,4] beside their scores; the outputs are others.');
  const indices = outputs.find(({ dims, type }) => dims.length === 2 && dims[1] === 3 && /int/.test(type));
  const found = indices === undefined ? apart(outputs, boxes, task) : chosen(outputs, boxes, indices, task);
  return toFound(inPixels(found, fit), fit, labels);
}

/** @param indices [M,3]: image, class, box */
function chosen(
  outputs: readonly TensorValue[],
  boxes: TensorValue,
  indices: TensorValue,
  task: DetectionTask,
): Candidate[] {
  const count = boxes.dims.at(-2) ?? 0;
  const scores = outputs.find((o) => o !== boxes && o !== indices && o.dims.length === 3 && o.dims[2] === count);
  if (scores === undefined) throw new WeirError('bad-output', `No output has the scores of the ${count} boxes.`);
  const [i, s, b] = [numbersOf(indices.data), numbersOf(scores.data), numbersOf(boxes.data)];
  const found: Candidate[] = [];
  for (let at = 0; at + 3 <= i.length; at += 3) {
    const [image = 0, index = 0, box = 0] = i.subarray(at, at + 3);
    const score = s[index * count + box] ?? 0;
    if (image === 0 && box >= 0 && box < count && score >= task.scoreThreshold)
      found.push({ ...corners(b, box, false), score, index });
  }
  return found;
}

function apart(outputs: readonly TensorValue[], boxes: TensorValue, task: DetectionTask): Candidate[] {
  const count = boxes.dims.at(-2) ?? 0;
  const rows = outputs.filter((output) => output !== boxes && output.data.length === count);
  const classes =
    rows.find(({ name }) => /class|label/i.test(name)) ??
    rows.find(({ type }) => /int/.test(type)) ??
    rows.find(({ data }) => Array.from(data, Number).some((value) => value > 1));
  const scores = rows.find((output) => output !== classes);
  if (scores === undefined) throw new WeirError('bad-output', `No output has the scores of the ${count} boxes.`);
  const total = outputs.find(({ name, data }) => data.length === 1 && /num|count/i.test(name));
  const used = Math.min(count, total === undefined ? count : Number(total.data[0]));
  const yFirst = /^detection_boxes/i.test(boxes.name);
  const [b, s] = [numbersOf(boxes.data), numbersOf(scores.data)];
  const c = classes === undefined ? undefined : numbersOf(classes.data);
  const found: Candidate[] = [];
  for (let box = 0; box < used; box++) {
    const score = s[box] ?? 0;
    if (score >= task.scoreThreshold)
      found.push({ ...corners(b, box, yFirst), score, index: Math.round(c?.[box] ?? 0) });
  }
  return found;
}

function corners(data: NumberData, box: number, yFirst: boolean): Pick<Candidate, 'x1' | 'y1' | 'x2' | 'y2'> {
  const [a = 0, b = 0, c = 0, d = 0] = data.subarray(box * 4, box * 4 + 4);
  return yFirst ? { x1: b, y1: a, x2: d, y2: c } : { x1: a, y1: b, x2: c, y2: d };
}
