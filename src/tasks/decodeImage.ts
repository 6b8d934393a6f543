/**
 * A picture out of a picture-to-picture model: [1,3,H,W], [1,1,H,W], [1,H,W,3] or [1,H,W,1] (or without the first 1).
 * Three channels come in the order of the input's, because networks that take BGR give BGR; of more channels three are
 * taken from the chosen one on. A ramp paints one channel from its smallest to its largest value, as depth is shown.
 */
import type { Task } from '../core/card.ts';
import type { Fit } from '../core/engine.ts';
import { WeirError } from '../core/errors.ts';
import type { TaskResult } from '../core/result.ts';
import type { TensorValue } from '../core/tensor.ts';
import { ramp } from './heatMap.ts';
import { type NumberData, numbersOf } from './numbers.ts';
import { summarise } from './statistics.ts';

type ImageTask = Extract<Task, { kind: 'image' }>;
type Range = ImageTask['range'];

interface Shape {
  readonly width: number;
  readonly height: number;
  /** Steps in values: from channel to channel and from pixel to pixel. */
  readonly channelStep: number;
  readonly pixelStep: number;
  /** Of the first channel shown. */
  readonly start: number;
}

/** 8192 x 8192, the largest side that a canvas of every browser takes. */
const maxPixels = 2 ** 26;

export function decodeImage(
  outputs: readonly TensorValue[],
  fit: Fit,
  task: ImageTask,
  bgr: boolean,
  into?: ArrayBuffer,
): Extract<TaskResult, { kind: 'image' }> {
  // A picture as it is comes before channels of which some are taken.
  for (const output of [...outputs].sort((a, b) => Number(isWhole(b.dims)) - Number(isWhole(a.dims)))) {
    const shape = shapeOf(output.dims, task);
    if (shape === undefined) continue;
    const items = outputs.map(summarise);
    const summary = items[outputs.indexOf(output)];
    const size = shape.width * shape.height;
    const buffer = into !== undefined && into.byteLength >= size * 4 ? into : new ArrayBuffer(size * 4);
    if (task.show === 'ramp') paintRamp(numbersOf(output.data), shape, new Uint32Array(buffer, 0, size));
    else {
      const { scale, offset } = toByte(task.range, output, summary?.min ?? 0, summary?.max ?? 0);
      paint(numbersOf(output.data), shape, new Uint8ClampedArray(buffer, 0, size * 4), scale, offset, bgr);
    }
    const { width, height } = shape;
    // Up to one pixel of rounding: networks with strides give 257 for 256.
    const asFrame = Math.abs(width * fit.inputHeight - height * fit.inputWidth) <= 2 * Math.max(width, height);
    return { kind: 'image', items, picture: { buffer, width, height }, asFrame };
  }
  throw new WeirError('bad-output', 'No output is a picture: [1,3,H,W], [1,1,H,W] or the same with channels last.');
}

function isWhole(dims: readonly number[]): boolean {
  const channels = [dims.at(-1), dims.at(-3)];
  return channels.includes(3) || channels.includes(1);
}

function shapeOf(dims: readonly number[], { show, channel }: ImageTask): Shape | undefined {
  // A map [1,H,W] is one channel too.
  const own = dims.length === 3 && dims[0] === 1 && show === 'ramp' ? [1, ...dims] : dims;
  if (own.length < 3 || own.length > 4 || (own.length === 4 && own[0] !== 1)) return undefined;
  const [a = 0, b = 0, c = 0] = own.slice(-3);
  const first = a === 3 || a === 1 || (c !== 3 && c !== 1 && a <= Math.min(b, c));
  const [height, width, channels] = first ? [b, c, a] : [a, b, c];
  const size = height * width;
  if (size === 0 || size > maxPixels || (channels > 3 && channels > Math.min(width, height))) return undefined;
  const [channelStep, pixelStep] = first ? [size, 1] : [1, channels];
  const gray = channels < 3 || show === 'ramp';
  const start = Math.min(channel, channels - (gray ? 1 : 3)) * channelStep;
  return { width, height, channelStep: gray ? 0 : channelStep, pixelStep, start };
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
  { channelStep, pixelStep, start }: Shape,
  rgba: Uint8ClampedArray,
  scale: number,
  offset: number,
  bgr: boolean,
): void {
  const red = bgr ? channelStep * 2 : 0;
  const blue = bgr ? 0 : channelStep * 2;
  for (let from = start, to = 0; to < rgba.length; from += pixelStep, to += 4) {
    rgba[to] = (values[from + red] ?? 0) * scale + offset;
    rgba[to + 1] = (values[from + channelStep] ?? 0) * scale + offset;
    rgba[to + 2] = (values[from + blue] ?? 0) * scale + offset;
    rgba[to + 3] = 255;
  }
}

function paintRamp(values: NumberData, { pixelStep, start }: Shape, pixels: Uint32Array): void {
  let min = Infinity;
  let max = -Infinity;
  for (let i = 0, from = start; i < pixels.length; i++, from += pixelStep) {
    const value = values[from] ?? 0;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const scale = max > min ? 255 / (max - min) : 0;
  for (let i = 0, from = start; i < pixels.length; i++, from += pixelStep)
    pixels[i] = ramp[Math.round(((values[from] ?? 0) - min) * scale)] ?? 0;
}
