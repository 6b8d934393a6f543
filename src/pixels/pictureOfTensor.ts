/**
 * Something to look at for a tensor: a picture where its shape is one, a curve where it is a row of numbers.
 * Only the newest shown frame comes here, so plain loops are fast enough.
 */
import { WeirError } from '../core/errors.ts';
import type { Picture, TensorPayload } from '../core/payload.ts';
import { type PictureShape, pictureShape } from '../core/pictureShape.ts';

/** Of a curve. */
const width = 448;
const height = 252;
const maxPixels = 67_108_864;

/** @throws WeirError cannot-decode for more than 67 million pixels */
export function pictureOfTensor(payload: TensorPayload, recycle?: ArrayBuffer): Picture {
  const shape = pictureShape(payload.dims);
  const size = shape === undefined ? width * height : shape.width * shape.height;
  if (size > maxPixels) throw new WeirError('too-large', `The tensor has ${size} pixels; the limit is ${maxPixels}.`);
  const buffer = recycle !== undefined && recycle.byteLength >= size * 4 ? recycle : new ArrayBuffer(size * 4);
  const rgba = new Uint32Array(buffer, 0, size);
  if (shape === undefined) drawCurve(payload, rgba);
  else drawPixels(payload, shape, new Uint8ClampedArray(buffer, 0, size * 4));
  return shape === undefined ? { buffer, width, height } : { buffer, width: shape.width, height: shape.height };
}

/** Bytes as they are; other types stretched from their lowest to their highest value. */
function drawPixels({ type, data }: TensorPayload, shape: PictureShape, rgba: Uint8ClampedArray): void {
  const [low, high] = type === 'uint8' ? [0, 255] : extent(data);
  const scale = high > low ? 255 / (high - low) : 0;
  for (let i = 0; i < shape.width * shape.height; i++) {
    for (let channel = 0; channel < 3; channel++)
      rgba[i * 4 + channel] = (Number(data[i * shape.pixelStep + channel * shape.channelStep]) - low) * scale;
    rgba[i * 4 + 3] = 255;
  }
}

/** Lowest and highest value of each column, as a waveform is drawn; RGBA words are little-endian. */
function drawCurve({ data, type }: TensorPayload, rgba: Uint32Array): void {
  rgba.fill(0xff201a16);
  const [low, high] = type.startsWith('float') ? [-1, 1] : extent(data);
  const [floor, ceiling] = type.startsWith('float') ? widened(low, high, extent(data)) : [low, high];
  const span = ceiling > floor ? ceiling - floor : 1;
  const row = (value: number) => Math.round((1 - (value - floor) / span) * (height - 1));
  let [lastTop, lastBottom] = [height, -1];
  for (let x = 0; x < width && data.length > 0; x++) {
    const from = Math.floor((x * data.length) / width);
    const to = Math.max(from + 1, Math.floor(((x + 1) * data.length) / width));
    let [top, bottom] = [height - 1, 0];
    for (let i = from; i < to; i++) {
      const y = row(Number(data[i]));
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    }
    // Columns are joined: a steep wave is a line, not dots.
    const joinTop = lastBottom >= 0 ? Math.min(top, lastBottom) : top;
    const joinBottom = lastBottom >= 0 ? Math.max(bottom, lastTop) : bottom;
    [lastTop, lastBottom] = [top, bottom];
    for (let y = Math.max(0, joinTop); y <= Math.min(height - 1, joinBottom); y++) rgba[y * width + x] = 0xffd8b45a;
  }
}

function widened(low: number, high: number, [least, most]: readonly [number, number]): [number, number] {
  return [Math.min(low, least), Math.max(high, most)];
}

function extent(data: TensorPayload['data']): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const each of data) {
    const value = Number(each);
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : [0, 0];
}
