/** Real models that can be mended, as they are and mended, on the same input in ORT. Needs WEIR_FIXTURES. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-web';
import { describe, expect, it } from 'vitest';
import type { TensorInfo } from '../../core/tensor.ts';
import { sourceOfBytes } from '../byteSource.ts';
import { readModel } from '../preflight.ts';
import { mend } from './mend.ts';

const fixtures = process.env['WEIR_FIXTURES'];
if (fixtures === undefined) console.info('Real models are not mended: WEIR_FIXTURES is not set.');
const folder = join(fixtures ?? '', 'models');
const names =
  fixtures === undefined
    ? []
    : readdirSync(folder).filter((name) => !name.startsWith('bad-') && existsSync(join(folder, name, 'model.onnx')));

/** What was found to mend when this was written; a repair that finds more, or less, is looked at. */
const mendable: Readonly<Record<string, readonly (readonly [kind: string, count: number])[]>> = {
  'detection-ultraface-rfb320': [
    ['constantInputs', 244],
    ['deadNodes', 35],
  ],
};

describe.skipIf(fixtures === undefined)('real models', () => {
  it.each(names)('%s', async (name) => {
    const bytes = new Uint8Array(readFileSync(join(folder, name, 'model.onnx')));
    const source = sourceOfBytes(bytes);
    const { facts, model } = readModel(source);
    if (model === undefined) throw new Error('It is ONNX.');
    const mended = mend(model, source, []);
    expect(mended?.repair?.notes.map(({ kind, count }) => [kind, count])).toEqual(mendable[name]);
    if (mended?.graph === undefined) return;
    const external = facts.externalFiles.map(({ path }) => ({
      path,
      data: new Uint8Array(readFileSync(join(folder, name, path))),
    }));
    // One at a time: two sessions at once break the runtime.
    const before = await run(bytes, facts.inputs, external);
    const after = await run(new Uint8Array(mended.graph.bytes), facts.inputs, external);
    expect([...after.keys()]).toEqual([...before.keys()]);
    for (const [output, reference] of before) {
      const largest = Math.max(...reference.map(Math.abs));
      const worst = Math.max(...reference.map((value, i) => Math.abs((after.get(output)?.[i] ?? NaN) - value)));
      expect(worst, output).toBeLessThanOrEqual(1e-4 * largest + 1e-6);
    }
  });
});

/** A ramp in inputs of floats, zeros in the others; free dimensions are 1. */
async function run(
  bytes: Uint8Array,
  inputs: readonly TensorInfo[],
  externalData: { path: string; data: Uint8Array }[],
): Promise<Map<string, number[]>> {
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = 'error';
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 4, externalData });
  try {
    const feeds = inputs.map(({ name, type, shape }) => {
      const dims = shape.map((dim) => (typeof dim === 'number' ? dim : 1));
      const size = dims.reduce((product, dim) => product * dim, 1);
      const data =
        type === 'int64' ? new BigInt64Array(size) : Float32Array.from({ length: size }, (_, i) => (i % 97) / 97);
      return [name, new ort.Tensor(type as 'float32', data as Float32Array, dims)] as const;
    });
    const results = await session.run(Object.fromEntries(feeds));
    return new Map(Object.entries(results).map(([name, { data }]) => [name, Array.from(data as Float32Array, Number)]));
  } finally {
    await session.release();
  }
}
