/** Fits prepared pixels and extra inputs to what the model declares. Free dimensions arrive from ORT as 4294967295. */
import type { Prepare } from '../core/card.ts';
import { WeirError } from '../core/errors.ts';
import type { TensorInfo } from '../core/tensor.ts';

/** `[1,C,H,W]` or `[1,H,W,C]`, without the ones that a model of lower rank does not declare. */
export function inputDims(prepare: Prepare, info: TensorInfo): number[] {
  const channels = prepare.color === 'gray' ? 1 : 3;
  const { width, height } = prepare;
  const dims = prepare.layout === 'nchw' ? [1, channels, height, width] : [1, height, width, channels];
  const rank = info.shape.length;
  // Grey pixels may fill an input that is no picture, row after row: the raw view.
  const declared = info.shape.map((size) => (typeof size === 'number' ? size : 1));
  const fills = declared.reduce((product, size) => product * size, 1) === width * height;
  if (channels === 1 && rank !== 4 && fills) return declared;
  while (dims.length > rank && dims[0] === 1) dims.shift();
  while (dims.length > rank && dims.at(-1) === 1) dims.pop();
  if (dims.length !== rank) {
    throw new WeirError(
      'cannot-feed',
      `Input ${info.name} is ${info.shape.join(' x ')}: a picture does not fit into it.`,
    );
  }
  return dims;
}

/** Element count of a fully static shape, else `undefined`. A scalar has one. */
export function staticSize(shape: readonly (number | string)[]): number | undefined {
  let size = 1;
  for (const dim of shape) {
    if (typeof dim !== 'number') return undefined;
    size *= dim;
  }
  return size;
}

/** A declared dimension as a contract value: free ones keep their name, nameless ones become '?'. */
export function dimensionOf(declared: number | string): number | string {
  if (typeof declared === 'string') return declared === '' ? '?' : declared;
  return declared < 0 || declared >= 0xffffffff ? '?' : declared;
}
