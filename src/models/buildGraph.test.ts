/** ORT runs all generated graphs, and each has an answer known beforehand. */
import * as ort from 'onnxruntime-web';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildConvGraph, buildNanGraph, buildSobel } from './buildGraph.ts';
import { preflight } from './preflight.ts';

beforeAll(() => {
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = 'error';
});

async function run(
  model: Uint8Array,
  dims: readonly number[],
  data: Float32Array,
  outputDims = dims,
): Promise<Float32Array> {
  const session = await ort.InferenceSession.create(model);
  const results = await session.run({ input: new ort.Tensor('float32', data, dims) });
  const output = results[session.outputNames[0] ?? ''];
  expect(output?.dims).toEqual(outputDims);
  return output?.data as Float32Array;
}

describe('generated graphs', () => {
  it('sobel finds the edge of a half-white picture, and none at its border', async () => {
    const [height, width] = [6, 8];
    const picture = Float32Array.from({ length: 3 * height * width }, (_, i) => (i % width < 4 ? 0 : 0.2));
    const edges = await run(buildSobel(height, width), [1, 3, height, width], picture);
    for (let i = 0; i < edges.length; i++) {
      const x = i % width;
      expect(edges[i]).toBeCloseTo(x === 3 || x === 4 ? 0.8 : 0, 5);
    }
  });

  it('a conv graph stays in 0..1, is the same every time and has the weights that were asked for', async () => {
    const options = { input: [1, 3, 16, 16], layers: 2, channels: 4 } as const;
    const model = buildConvGraph(options);
    expect(buildConvGraph(options)).toEqual(model);
    expect(preflight(model).parameters).toBe(9 * (3 * 4 + 4 * 4 + 4 * 4 + 4 * 3));
    const output = await run(model, [1, 3, 16, 16], new Float32Array(3 * 256).fill(0.5));
    expect(output.every((value) => value > 0 && value < 1)).toBe(true);
    await run(buildConvGraph({ ...options, stride: 4 }), [1, 3, 16, 16], new Float32Array(3 * 256), [1, 3, 4, 4]);
  });

  it('the NaN graph gives NaN everywhere', async () => {
    const output = await run(buildNanGraph([1, 3, 2, 2]), [1, 3, 2, 2], new Float32Array(12));
    expect(output.every(Number.isNaN)).toBe(true);
  });
});
