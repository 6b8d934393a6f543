/** Outputs that the runtime left on the GPU, read back while the next run begins; those on the CPU as they are. */
import type { Tensor } from 'onnxruntime-web/wasm';
import type { TensorData, TensorType, TensorValue } from '../core/tensor.ts';
import type { Part, Readback } from './gpuReadback.ts';
import { widen } from './numbers.ts';
import { readOutput } from './readOutput.ts';

export interface Results {
  readonly outputs: readonly TensorValue[];
  /** What was to be read beside them, in its order. */
  readonly also: readonly ArrayBuffer[];
}

/** Types that a tensor on the GPU may have, and the bytes of one value; the runtime throws for all others. */
const views: Partial<Record<TensorType, readonly [bytes: number, view: (bytes: ArrayBuffer) => TensorData]>> = {
  float32: [4, (bytes) => new Float32Array(bytes)],
  float16: [2, (bytes) => widen(new Uint16Array(bytes))],
  int32: [4, (bytes) => new Int32Array(bytes)],
  uint32: [4, (bytes) => new Uint32Array(bytes)],
  int64: [8, (bytes) => new BigInt64Array(bytes)],
  uint8: [1, (bytes) => new Uint8Array(bytes)],
  bool: [1, (bytes) => new Uint8Array(bytes)],
};

export const staysOnGpu = (type: TensorType) => views[type] !== undefined;

export function bytesOf(type: TensorType, dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1) * (views[type]?.[0] ?? 0);
}

/** Bytes as the runtime has them on the GPU, float16 widened. */
export function valueOf(name: string, type: TensorType, dims: readonly number[], bytes: ArrayBuffer): TensorValue {
  const view = views[type];
  if (view === undefined) throw new Error(`No tensor of ${type} lies on a GPU.`);
  return { name, type, dims: [...dims], data: view[1](bytes) };
}

/** The copies are on their way when it returns, and the tensors are given back to the runtime. */
export function collect(
  results: Readonly<Record<string, Tensor>>,
  names: readonly string[],
  readback: Readback,
  also: readonly Part[],
): Promise<Results> {
  const tensors = names.map((name) => ({ name, tensor: results[name] as Tensor }));
  const onGpu = tensors.filter(({ tensor }) => tensor.location === 'gpu-buffer');
  try {
    const parts = onGpu.map(({ tensor }) => ({
      buffer: tensor.gpuBuffer as GPUBuffer,
      bytes: bytesOf(tensor.type as TensorType, tensor.dims),
    }));
    const ready = new Map(
      tensors
        .filter(({ tensor }) => tensor.location !== 'gpu-buffer')
        .map(({ name, tensor }) => [name, readOutput(name, tensor)]),
    );
    const shapes = onGpu.map(({ name, tensor }) => ({ name, type: tensor.type as TensorType, dims: [...tensor.dims] }));
    return readback.read([...parts, ...also]).then((bytes) => {
      shapes.forEach(({ name, type, dims }, index) =>
        ready.set(name, valueOf(name, type, dims, bytes[index] ?? new ArrayBuffer(0))),
      );
      const outputs = names.map((name) => ready.get(name)).filter((value) => value !== undefined);
      return { outputs, also: bytes.slice(parts.length) };
    });
  } finally {
    for (const { tensor } of tensors) tensor.dispose();
  }
}
