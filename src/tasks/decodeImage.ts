/**
 * A picture out of a picture-to-picture model: [1,3,H,W], [1,1,H,W], [1,H,W,3] or [1,H,W,1] (or without the first 1).
 * Three channels come in the order of the input's, because networks that take BGR give BGR.
 */
import type { Task } from '../core/card.ts';
import type { Fit } from '../core/engine.ts';
import { WeirError } from '../core/errors.ts';
import type { TaskResult } from '../core/result.ts';
import type { TensorValue } from '../core/tensor.ts';
import { numbersOf } from './numbers.ts';
import { summarise } from './statistics.ts';

type Range = Extract<Task, { kind: 'image' }>['range'];

interface Shape {
  readonly width: number;
  readonly height: number;
  /** Steps in values: from channel to channel and from pixel to pixel. */
  readonly channelStep: number;
  readonly pixelStep: number;
}

/** 8192 x 8192, the largest side that a canvas of every browser takes. */
const maxPixels = 2 ** 26;

export function decodeImage(
  outputs: readonly TensorValue[],
  fit: Fit,
  range: Range,
  bgr: boolean,
  into?: ArrayBuffer,
): Extract<TaskResult, { kind: 'image' }> {
  for (const output of outputs) {
    const shape = shapeOf(output.dims);
    if (shape === undefined) continue;
    const items = outputs.map(summarise);
    const summary = items[outputs.indexOf(output)];
    const { scale, offset } = toByte(range, output, summary?.min ?? 0, summary?.max ?? 0);
    const size = shape.width * shape.height;
    const buffer = into !== undefined && into.byteLength >= size * 4 ? into : new ArrayBuffer(size * 4);
    paint(numbersOf(output.data), shape, new Uint8ClampedArray(buffer, 0, size * 4), scale, offset, bgr);
    const { width, height } = shape;
    // Up to one pixel of rounding: networks with strides give 257 for 256.
    const asFrame = Math.abs(width * fit.inputHeight - height * fit.inputWidth) <= 2 * Math.max(width, height);
    return { kind: 'image', items, picture: { buffer, width, height }, asFrame };
  }
  throw new WeirError('bad-output', 'No output is a picture: [1,3,H,W], [1,1,H,W] or the same with channels last.');
}

function shapeOf(dims: readonly number[]): Shape | undefined {
  if (dims.length < 3 || dims.length > 4 || (dims.length === 4 && dims[0] !== 1)) return undefined;
  const [a = 0, b = 0, c = 0] = dims.slice(-3);
  const first = a === 3 || a === 1;
  if (!first && c !== 3 && c !== 1) return undefined;
  const [height, width, channels] = first ? [b, c, a] : [a, b, c];
  const size = height * width;
  if (size === 0 || size > maxPixels) return undefined;
  return first
    ? { width, height, channelStep: channels === 1 ? 0 : size, pixelStep: 1 }
    : { width, height, channelStep: channels === 1 ? 0 : 1, pixelStep: channels };
}

/** byte = value * scale + offset. By the values themselves where the range is `auto`. */
function toByte(range: Range, output: TensorValue, min: number, max: number): { scale: number; offset: number } {
  const said = range !== 'auto' ? range : output.type === 'uint8' ? '0..255' : rangeOf(min, max);
  switch (said) {
    case '0..255':
      return { scale: 1, offset: 0 };
    case '0..1':
      return { scale: 255, offset: 0 };
    case '-1..1':
      return { scale: 127.5, offset: 127.5 };
  }
}

/** Networks overshoot their range a little: only values far outside 0..1 speak for another one. */
function rangeOf(min: number, max: number): Exclude<Range, 'auto'> {
  if (max > 4 || min < -4) return '0..255';
  return min < -0.25 ? '-1..1' : '0..1';
}

/** A clamped array rounds, clips and turns NaN into 0 by itself. */
function paint(
  values: ArrayLike<number>,
  { channelStep, pixelStep }: Shape,
  rgba: Uint8ClampedArray,
  scale: number,
  offset: number,
  bgr: boolean,
): void {
  const red = bgr ? channelStep * 2 : 0;
  const blue = bgr ? 0 : channelStep * 2;
  for (let from = 0, to = 0; to < rgba.length; from += pixelStep, to += 4) {
    rgba[to] = (values[from + red] ?? 0) * scale + offset;
    rgba[to + 1] = (values[from + channelStep] ?? 0) * scale + offset;
    rgba[to + 2] = (values[from + blue] ?? 0) * scale + offset;
    rgba[to + 3] = 255;
  }
}
