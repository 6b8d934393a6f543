/**
 * The best class of each pixel, from logits or shares [1,C,H,W] or [1,H,W,C], or from class numbers [1,H,W] as they are.
 * Shares are of the picture alone: what a letterbox adds is no part of it.
 */
import type { Task } from '../core/card.ts';
import type { Fit } from '../core/engine.ts';
import { WeirError } from '../core/errors.ts';
import type { ClassShare, Mask, TaskResult } from '../core/result.ts';
import type { TensorValue } from '../core/tensor.ts';
import { labelOf } from './labels.ts';
import { type NumberData, numbersOf } from './numbers.ts';
import { inputOnSource } from './points.ts';

/** Values of a mask are bytes, and 0 is nothing. */
const maxClasses = 255;

interface Grid {
  readonly width: number;
  readonly height: number;
  /** 0: the values are class numbers. */
  readonly channels: number;
  readonly channelsLast: boolean;
}

export function decodeSegmentation(
  outputs: readonly TensorValue[],
  fit: Fit,
  task: Extract<Task, { kind: 'segmentation' }>,
  labels: readonly string[] | undefined,
): Extract<TaskResult, { kind: 'segmentation' }> {
  for (const output of outputs) {
    const grid = gridOf(output);
    if (grid === undefined) continue;
    const { width, height, channels } = grid;
    const data = numbersOf(output.data);
    const classes = new Uint8Array(width * height);
    if (channels === 0) for (let i = 0; i < classes.length; i++) classes[i] = data[i] ?? 0;
    else if (grid.channelsLast) bestLast(data, channels, classes);
    else bestFirst(data, channels, classes);
    const items = sharesOf(classes, grid, fit, labels);
    // Without a background class the first one is an object too.
    const shift = task.background ? 0 : 1;
    if (shift === 1) for (let i = 0; i < classes.length; i++) classes[i] = (classes[i] ?? 0) + 1;
    const colors = Array.from({ length: 255 }, (_, i) => i + 1 - shift);
    const mask: Mask = { width, height, values: classes, box: inputOnSource(fit), colors };
    return { kind: 'segmentation', items, mask };
  }
  throw new WeirError(
    'bad-output',
    'Segmentation needs class scores [1,C,H,W] or [1,H,W,C], or class numbers [1,H,W]; the outputs are others.',
  );
}

function gridOf({ dims, type }: TensorValue): Grid | undefined {
  const [a = 0, b = 0, c = 0] = dims.slice(-3);
  if (dims.length === 3 || (dims.length === 4 && dims[1] === 1)) {
    const whole = /int/.test(type);
    const plane = dims.length === 4 ? dims[1] === 1 : dims[0] === 1;
    if (whole && plane && b * c > 0) return { width: c, height: b, channels: 0, channelsLast: false };
  }
  if (dims.length !== 4 || dims[0] !== 1 || a * b * c === 0) return undefined;
  // The classes are the odd one out; two sides of a picture are near each other.
  const channelsLast = Math.abs(Math.log(a / b)) < Math.abs(Math.log(b / c)) || (c < a && c < b);
  const channels = channelsLast ? c : a;
  if (channels < 2 || channels > maxClasses) return undefined;
  return channelsLast
    ? { width: b, height: a, channels, channelsLast }
    : { width: c, height: b, channels, channelsLast };
}

/**
 * Begins with the class of the pixel before, which nearly always is this one's too: then no comparison takes the
 * processor by surprise. Of equal scores the one before stays.
 */
function bestLast(data: NumberData, channels: number, classes: Uint8Array): void {
  let index = 0;
  for (let i = 0, at = 0; i < classes.length; i++, at += channels) {
    let best = data[at + index] as number;
    const end = at + channels;
    for (let place = at; place < end; place++) {
      const value = data[place] as number;
      if (value > best) {
        best = value;
        index = place - at;
      }
    }
    classes[i] = index;
  }
}

let bestSoFar = new Float32Array(0);

/** Plane by plane, because the values of one pixel are a plane apart. */
function bestFirst(data: NumberData, channels: number, classes: Uint8Array): void {
  const size = classes.length;
  if (bestSoFar.length !== size) bestSoFar = new Float32Array(size);
  for (let i = 0; i < size; i++) bestSoFar[i] = data[i] ?? 0;
  for (let c = 1; c < channels; c++) {
    const plane = c * size;
    for (let i = 0; i < size; i++) {
      const value = data[plane + i] as number;
      if (value > (bestSoFar[i] as number)) {
        bestSoFar[i] = value;
        classes[i] = c;
      }
    }
  }
}

function sharesOf(
  classes: Uint8Array,
  { width, height }: Grid,
  fit: Fit,
  labels: readonly string[] | undefined,
): ClassShare[] {
  const counts = new Uint32Array(256);
  const left = Math.max(0, Math.round((fit.offsetX * width) / fit.inputWidth));
  const top = Math.max(0, Math.round((fit.offsetY * height) / fit.inputHeight));
  const right = Math.min(width, Math.round(((fit.offsetX + fit.sourceWidth * fit.scaleX) * width) / fit.inputWidth));
  const bottom = Math.min(
    height,
    Math.round(((fit.offsetY + fit.sourceHeight * fit.scaleY) * height) / fit.inputHeight),
  );
  for (let y = top; y < bottom; y++)
    for (let x = left; x < right; x++) {
      const index = classes[y * width + x] ?? 0;
      counts[index] = (counts[index] ?? 0) + 1;
    }
  const size = Math.max(1, (right - left) * (bottom - top));
  return Array.from(counts, (count, index) => ({ label: labelOf(labels, index), index, share: count / size }))
    .filter(({ share }) => share > 0)
    .sort((a, b) => b.share - a.share || a.index - b.index);
}
