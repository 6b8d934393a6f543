/**
 * What shapes leave open, the values of the first run settle: a card that was guessed may change its mind once, with the
 * reason. What a person has set stays.
 */
import type { ModelCard, Task } from '../core/card.ts';
import { taskDefaults } from '../core/taskDefaults.ts';
import type { TensorValue } from '../core/tensor.ts';
import { numbersOf } from './numbers.ts';
import { rangeOf } from './statistics.ts';

const none = [0, 0, 0] as const;
const one = [1, 1, 1] as const;

/** @param card as it was guessed; it comes back as it is where the values agree with it */
export function refineCard(card: ModelCard, outputs: readonly TensorValue[]): ModelCard {
  const found = refine(card.task, outputs);
  if (found === undefined) return card;
  const { task, reason } = found;
  // Networks from picture to picture are not prepared as those for classes are.
  const prepare =
    card.task.kind === 'segmentation' && task.kind === 'image' && card.prepare !== undefined
      ? { prepare: { ...card.prepare, scale: 1 / 255, mean: none, std: one } }
      : {};
  return {
    ...card,
    task,
    ...prepare,
    reasons: { ...card.reasons, task: `${card.reasons['task'] ?? ''} ${reason}`.trim() },
  };
}

/** Whether there is anything left to settle, which is worth a run. */
export function isOpenToChange({ task }: ModelCard): boolean {
  return (
    task.kind === 'keypoints' ||
    task.kind === 'segmentation' ||
    task.kind === 'image' ||
    (task.kind === 'detection' && task.head === 'yolox')
  );
}

function refine(task: Task, outputs: readonly TensorValue[]): { task: Task; reason: string } | undefined {
  const [output] = outputs;
  if (output === undefined) return undefined;
  const { min, max } = rangeOf(numbersOf(output.data));
  const range = `In the first run its values went from ${short(min)} to ${short(max)}`;
  switch (task.kind) {
    case 'keypoints':
      // Heat maps are near 0 and at most about 1; logits of classes go far below.
      if (task.head === 'direct' || min > -0.5) return undefined;
      return { task: taskDefaults.segmentation, reason: `${range}: scores of classes, not heat maps.` };
    case 'segmentation': {
      if (min < 0 || /int/.test(output.type) || sumsToOne(output)) return undefined;
      // Scores that are never negative and no shares are no classes.
      return {
        task: taskDefaults.image,
        reason: `${range}, and do not add up to 1: channels of pictures, of which three are shown.`,
      };
    }
    case 'detection':
      if (task.head !== 'yolox' || !isDecoded(output)) return undefined;
      return {
        task: { ...task, head: 'yolov5' },
        reason: `${range}: boxes in pixels, decoded in the graph.`,
      };
    case 'image':
      // A picture of one channel ends at 1 or at 255.
      if (task.show === 'ramp' || !isOneChannel(output) || (min > -4 && max < 256)) return undefined;
      return { task: { ...task, show: 'ramp' }, reason: `${range}: a distance rather than a brightness.` };
    default:
      return undefined;
  }
}

/** Of some pixels, over the channels. */
function sumsToOne({ data, dims }: TensorValue): boolean {
  const [, a = 0, b = 0, c = 0] = dims;
  if (dims.length !== 4) return false;
  const last = c < a && c < b;
  const [channels, size] = last ? [c, a * b] : [a, b * c];
  const values = numbersOf(data);
  for (let i = 0; i < 16; i++) {
    const pixel = Math.floor((i * size) / 16);
    let sum = 0;
    for (let channel = 0; channel < channels; channel++)
      sum += values[last ? pixel * channels + channel : channel * size + pixel] ?? 0;
    if (Math.abs(sum - 1) > 0.02) return false;
  }
  return true;
}

/** Centres on a raw grid are offsets of a cell; in pixels they run over the whole input. */
function isDecoded({ data, dims }: TensorValue): boolean {
  const step = dims.at(-1) ?? 0;
  const values = numbersOf(data);
  let largest = 0;
  for (let at = 0; at < values.length; at += step) largest = Math.max(largest, values[at] ?? 0);
  return largest > 50;
}

function isOneChannel({ dims, type }: TensorValue): boolean {
  return type.startsWith('float') && (dims.length === 3 || dims[1] === 1 || dims[3] === 1);
}

function short(value: number): string {
  return String(Number(value.toPrecision(3))).replace('-', '−');
}
