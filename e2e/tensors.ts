/** Tensors between the page, the test and plain onnxruntime-web in Node, and how closely two of them agree. */
import { expect } from '@playwright/test';
import * as ort from 'onnxruntime-web';
import { widen } from '../src/engine/numbers.ts';

export interface PageTensor {
  readonly name: string;
  readonly type: string;
  readonly dims: readonly number[];
  /** Name of the typed array's constructor. */
  readonly array: string;
  readonly base64: string;
}

export interface BareTensor {
  readonly name: string;
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: ort.Tensor.DataType;
}

const arrays = {
  Float32Array,
  Float64Array,
  Uint8Array,
  Int8Array,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  BigInt64Array,
  BigUint64Array,
};

export function fromPage({ name, type, dims, array, base64 }: PageTensor): BareTensor {
  const bytes = Uint8Array.from(Buffer.from(base64, 'base64'));
  const View = arrays[array as keyof typeof arrays];
  return { name, type, dims, data: new View(bytes.buffer) };
}

/** The same model in plain onnxruntime-web in Node, one thread, on the same inputs. */
export async function runPlain(
  model: Uint8Array,
  inputs: readonly BareTensor[],
  external: readonly { readonly path: string; readonly data: Uint8Array }[] = [],
): Promise<BareTensor[]> {
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = 'error';
  const session = await ort.InferenceSession.create(model, {
    executionProviders: ['wasm'],
    logSeverityLevel: 3,
    externalData: [...external],
  });
  try {
    const feeds = Object.fromEntries(
      inputs.map(({ name, type, data, dims }) => [name, new ort.Tensor(type as 'float32', data as Float32Array, dims)]),
    );
    const results = await session.run(feeds);
    return session.outputNames.map((name) => {
      const { type, dims, data } = results[name] as ort.Tensor;
      // Where there is no Float16Array, ORT hands out the bits.
      return { name, type, dims, data: type === 'float16' && data instanceof Uint16Array ? widen(data) : data };
    });
  } finally {
    await session.release();
  }
}

/** |difference| <= `tolerance` x the largest reference value, over all elements, and the same names and shapes. */
export function expectClose(
  got: readonly BareTensor[],
  reference: readonly BareTensor[],
  tolerance = 1e-3,
  zerosAllowed = false,
): void {
  expect(got.map(({ name, dims }) => ({ name, dims }))).toEqual(reference.map(({ name, dims }) => ({ name, dims })));
  reference.forEach((expected, index) => {
    const { largest, worst } = compare(got[index]?.data, expected.data);
    if (!zerosAllowed) expect(largest, `${expected.name} is not all zero`).toBeGreaterThan(0);
    expect(worst, `${expected.name}: largest difference against ${largest}`).toBeLessThanOrEqual(tolerance * largest);
  });
}

function compare(
  got: BareTensor['data'] | undefined,
  expected: BareTensor['data'],
): { largest: number; worst: number } {
  const a = got as ArrayLike<number | bigint>;
  const b = expected as ArrayLike<number | bigint>;
  expect(a.length).toBe(b.length);
  let largest = 0;
  let worst = 0;
  for (let i = 0; i < b.length; i++) {
    const difference = Math.abs(Number(a[i]) - Number(b[i]));
    largest = Math.max(largest, Math.abs(Number(b[i])));
    // A NaN must not slip through a comparison that is false for it.
    worst = Number.isNaN(difference) ? Infinity : Math.max(worst, difference);
  }
  return { largest, worst };
}
