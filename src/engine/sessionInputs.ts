/**
 * All inputs of a session for each run: the one that the delivery feeds, the filled ones, and carried state.
 * Filled tensors are made once for each feed; state is what the run before gave.
 */
import type { Tensor } from 'onnxruntime-web/wasm';
import type { Feed, Fill } from '../core/card.ts';
import { WeirError } from '../core/errors.ts';
import { hasNaN } from '../core/hasNaN.ts';
import type { TensorInfo, TensorType, TensorValue } from '../core/tensor.ts';
import type { FixedInputs } from './fixedInputs.ts';
import { fromNumbers, isInteger, zeros } from './numbers.ts';
import type { FedTensor } from './ortSession.ts';
import type { Ort } from './ortBundles.ts';

export interface SessionInputs {
  setFeed(feed: Feed): void;
  /** Names of the inputs that have no fill: a run must feed them. */
  readonly unfilled: () => readonly string[];
  /** @throws WeirError cannot-feed when an input is neither fed nor filled */
  tensors(fed: FedTensor | undefined): Record<string, Tensor>;
  /** Keeps copies of the outputs that are state, before their buffers leave this worker. */
  keepState(outputs: readonly TensorValue[]): void;
  /** Copies of all inputs of the next run, the fed one first. */
  copies(fed: TensorValue | undefined): TensorValue[];
}

interface Filled {
  readonly fill: Fill;
  readonly type: TensorType;
  data: TensorValue['data'] | string[];
  dims: readonly number[];
}

const noiseSeed = 20_240_229;

/** @param fixed where runs are recorded: all inputs then lie in buffers of the GPU */
export function createSessionInputs(ort: Ort, infos: readonly TensorInfo[], fixed?: FixedInputs): SessionInputs {
  let filled = new Map<string, Filled>();

  function make(info: TensorInfo, fill: Fill): Filled {
    const size = fill.dims.reduce((product, dim) => product * dim, 1);
    return { fill, type: info.type, data: dataOf(info, fill, size), dims: fill.dims };
  }

  type Value = Omit<TensorValue, 'data'> & { data: Filled['data'] };

  function values<T extends { readonly name: string }>(fed: T | undefined): (Value | T)[] {
    return infos.map((info): Value | T => {
      if (info.name === fed?.name) return fed;
      const own = filled.get(info.name);
      if (own === undefined)
        throw new WeirError('cannot-feed', `Nothing feeds input ${info.name.slice(0, 60)} [${info.shape.join(', ')}].`);
      return { name: info.name, type: own.type, dims: own.dims, data: own.data };
    });
  }

  function tensorOf(value: Value | FedTensor): Tensor {
    const { name, type, dims } = value;
    if ('buffer' in value) return onGpu(value.buffer, type, dims);
    const { data } = value;
    if (fixed !== undefined && ArrayBuffer.isView(data)) return onGpu(fixed.write(name, dims, data), type, dims);
    // ORT types each tensor type's data separately; a table of overloads would say no more than this line.
    return new ort.Tensor(type as 'float32', data as Float32Array, dims);
  }

  function onGpu(buffer: GPUBuffer, type: TensorType, dims: readonly number[]): Tensor {
    return ort.Tensor.fromGpuBuffer(buffer, { dataType: type as 'float32', dims });
  }

  return {
    setFeed(feed) {
      filled = new Map();
      for (const info of infos) {
        const fill = feed.fills?.[info.name];
        if (fill !== undefined) filled.set(info.name, make(info, fill));
      }
    },
    unfilled: () => infos.filter(({ name }) => !filled.has(name)).map(({ name }) => name),
    tensors(fed) {
      // Without a prototype: an input may be called anything, __proto__ too.
      const feeds: Record<string, Tensor> = Object.create(null);
      for (const value of values<FedTensor>(fed)) feeds[value.name] = tensorOf(value);
      return feeds;
    },
    keepState(outputs) {
      for (const own of filled.values()) {
        if (own.fill.kind !== 'state') continue;
        const { from } = own.fill;
        const output = outputs.find(({ name }) => name === from);
        // A state that is no number would spoil all runs to come; this frame fails by it anyway.
        if (output === undefined || hasNaN(output.data)) continue;
        own.data =
          own.type === 'float16'
            ? fromNumbers('float16', output.data.length, (i) => Number(output.data[i]))
            : output.data.slice();
        own.dims = output.dims;
      }
    },
    copies: (fed) =>
      values<TensorValue>(fed)
        .filter((each): each is TensorValue => !Array.isArray(each.data))
        .map((each) => ({ ...each, data: each.data.slice() }))
        .sort((a, b) => Number(b.name === fed?.name) - Number(a.name === fed?.name)),
  };
}

function dataOf({ name, type }: TensorInfo, fill: Fill, size: number): Filled['data'] {
  if (type === 'string') return Array.from({ length: size }, () => '');
  if (type === 'unknown') throw new WeirError('cannot-feed', `Input ${name} is no tensor: nothing can feed it.`);
  switch (fill.kind) {
    case 'state':
      return zeros(type, size);
    case 'constant':
      return fromNumbers(type, size, () => fill.value);
    case 'values':
      return fromNumbers(type, size, (i) => fill.values[i] ?? 0);
    case 'ramp':
      return fromNumbers(type, size, isInteger(type) ? (i) => i : (i) => (size > 1 ? i / (size - 1) : 0));
    case 'noise': {
      let state = noiseSeed;
      const top = isInteger(type) ? 256 : 1;
      return fromNumbers(type, size, () => {
        // A linear congruential generator (Numerical Recipes), because inputs must be the same everywhere.
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return Math.min((state / 2 ** 32) * top, isInteger(type) ? 255 : 1);
      });
    }
  }
}
