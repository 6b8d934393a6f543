/** Fits prepared pixels to what the model declares. Free dimensions arrive from ORT as 4294967295. */
import type { Prepare } from './card.ts';
import { WeirError } from './errors.ts';
import type { TensorInfo } from './tensor.ts';

/** `[batch,C,H,W]` or `[batch,H,W,C]`, without the ones that a model of lower rank does not declare. */
export function inputDims(prepare: Prepare, info: TensorInfo): number[] {
  if (prepare.dims !== undefined) return [...prepare.dims];
  const channels = prepare.color === 'gray' ? 1 : 3;
  const { width, height, batch = 1 } = prepare;
  const dims = prepare.layout === 'nchw' ? [batch, channels, height, width] : [batch, height, width, channels];
  const rank = info.shape.length;
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

/** A declared dimension as a contract value: free ones keep their name, nameless ones become '?'. */
export function dimensionOf(declared: number | string): number | string {
  if (typeof declared === 'string') return declared === '' ? '?' : declared;
  return declared < 0 || declared >= 0xffffffff ? '?' : declared;
}
