/**
 * Several frames in one run: inputs laid one after the other along the first dimension, outputs cut apart along it.
 * Costs one copy of the prepared input for each frame of a batch; a single frame never comes here.
 */
import { WeirError } from '../core/errors.ts';
import type { TensorData, TensorValue } from '../core/tensor.ts';

export interface Stack {
  /** Copies one in, and gives back its place as a tensor of its own. Throws `cannot-feed` when it is unlike the first. */
  add(input: TensorValue | undefined): TensorValue;
  /** All that were added as one tensor `[n, …]`; undefined when there were none. */
  whole(): TensorValue | undefined;
}

export function createStack(places: number): Stack {
  let first: TensorValue | undefined;
  let all: TensorData | undefined;
  let count = 0;
  return {
    add(input) {
      if (input === undefined) throw new WeirError('cannot-feed', 'Nothing feeds the model, so there is no batch.');
      const { dims, data, type, name } = input;
      // Only what could stand in a batch is what the others are measured by.
      if (dims[0] !== 1)
        throw new WeirError('cannot-feed', `[${dims.join(', ')}] is no single frame: its first dimension is not 1.`);
      first ??= input;
      all ??= room(data, data.length * places);
      if (type !== first.type || dims.join() !== first.dims.join())
        throw new WeirError(
          'cannot-feed',
          `[${dims.join(', ')}] does not fit beside [${first.dims.join(', ')}] in one batch.`,
        );
      const at = count++ * data.length;
      // Both arrays are of the same type, which TypeScript cannot know of a union.
      (all as Uint8Array).set(data as Uint8Array, at);
      return { name, type, dims, data: all.subarray(at, at + data.length) as TensorData };
    },
    whole() {
      if (first === undefined || all === undefined) return undefined;
      const { name, type, dims, data } = first;
      return { name, type, dims: [count, ...dims.slice(1)], data: all.subarray(0, count * data.length) as TensorData };
    },
  };
}

function room(like: TensorData, length: number): TensorData {
  const type = like.slice(0, 0).constructor as new (length: number) => TensorData;
  return new type(length);
}

/** Each frame's own outputs, `[1, …]`, in buffers of their own. Throws `bad-output` where there is no dimension to cut. */
export function splitOutputs(outputs: readonly TensorValue[], count: number): TensorValue[][] {
  return Array.from({ length: count }, (_, place) =>
    outputs.map(({ name, type, dims, data }) => {
      if (dims[0] !== count)
        throw new WeirError(
          'bad-output',
          `Output ${name.slice(0, 60)} is [${dims.join(', ')}] for ${count} frames: its first dimension is not the batch.`,
        );
      const size = data.length / count;
      return {
        name,
        type,
        dims: [1, ...dims.slice(1)],
        data: data.slice(place * size, (place + 1) * size) as TensorData,
      };
    }),
  );
}
