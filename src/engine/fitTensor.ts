/** A tensor from outside laid into an input of the model: shape, type and length, or a sentence that says what differs. */
import { WeirError } from '../core/errors.ts';
import type { TensorPayload } from '../core/payload.ts';
import type { TensorInfo, TensorValue } from '../core/tensor.ts';
import { fromNumbers, widen, zeros } from './numbers.ts';

/**
 * Leading dimensions of 1 are added or taken away; free dimensions take the tensor's own size; another numeric type is
 * converted. Bytes and sound (`cut`) are cut or padded with zeros to the length that the input declares; one value
 * (`spread`) fills the input, which has the size `whole`.
 * @throws WeirError cannot-feed
 */
export function fitTensor(payload: TensorPayload, info: TensorInfo, whole: readonly number[] = []): TensorValue {
  const dims = fittedDims(payload, info, whole);
  if (dims === undefined) {
    throw new WeirError(
      'cannot-feed',
      `The tensor is ${payload.type} [${payload.dims.join(', ')}]; input ${info.name} takes ${info.type} [${info.shape.join(', ')}].`,
    );
  }
  const size = dims.reduce((product, dim) => product * dim, 1);
  return { name: info.name, type: info.type, dims, data: typed(payload, info, size) };
}

function typed(payload: TensorPayload, { type }: TensorInfo, size: number): TensorValue['data'] {
  const { data } = payload;
  if (payload.fit === 'spread') {
    const value = Number(data[0]);
    return fromNumbers(type, size, () => value);
  }
  const length = data.length;
  if (payload.type === type && length === size) return data;
  if (payload.type === type) {
    const padded = zeros(type, size);
    // Both arrays are of the same type, which TypeScript cannot know of a union.
    (padded as Uint8Array).set((data as Uint8Array).subarray(0, Math.min(length, size)));
    return padded;
  }
  const values = payload.type === 'float16' ? widen(data as Uint16Array) : data;
  return fromNumbers(type, size, (i) => Number(values[i] ?? 0));
}

function fittedDims(payload: TensorPayload, info: TensorInfo, whole: readonly number[]): readonly number[] | undefined {
  switch (payload.fit) {
    case undefined:
      return dimsInto(payload.dims, info.shape);
    case 'cut':
      return cutDims(payload, info);
    case 'spread':
      return whole;
  }
}

/** The tensor's dimensions in the declared rank, or undefined where they do not fit. */
export function dimsInto(dims: readonly number[], shape: TensorInfo['shape']): number[] | undefined {
  const fitted = [...dims];
  while (fitted.length > shape.length && fitted[0] === 1) fitted.shift();
  while (fitted.length < shape.length) fitted.unshift(1);
  const fits =
    fitted.length === shape.length && fitted.every((dim, i) => shape[i] === dim || typeof shape[i] === 'string');
  return fits ? fitted : undefined;
}

function cutDims(payload: TensorPayload, { shape }: TensorInfo): number[] | undefined {
  const last = shape.at(-1);
  const length = typeof last === 'number' ? last : payload.data.length;
  return dimsInto([length], shape);
}
