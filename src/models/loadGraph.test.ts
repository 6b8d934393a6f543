/** The dial's graphs cost what was asked for, counted from their bytes; ORT runs them, and what cannot be built says why. */
import fc from 'fast-check';
import * as ort from 'onnxruntime-web';
import { beforeAll, describe, expect, it } from 'vitest';
import { WeirError } from '../core/errors.ts';
import { defaultLoad, loadLimits, type LoadRecipe } from '../core/loadRecipe.ts';
import { buildLoadGraph } from './loadGraph.ts';
import { walkCosts } from './loadGraph.fixture.ts';
import { planLoad } from './loadPlan.ts';
import { preflight } from './preflight.ts';

beforeAll(() => {
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = 'error';
});

const whole = ([min, max]: readonly [number, number]) => fc.integer({ min, max });
const logarithmic = ([min, max]: readonly [number, number]) =>
  fc.double({ min: Math.log(min), max: Math.log(max), noNaN: true }).map((power) => Math.min(max, Math.exp(power)));
/** The whole range of the dial. */
const recipes: fc.Arbitrary<LoadRecipe> = fc.record({
  mflops: logarithmic(loadLimits.mflops),
  layers: whole(loadLimits.layers),
  width: whole(loadLimits.side),
  height: whole(loadLimits.side),
  memoryMb: fc.oneof(fc.constant(0), fc.double({ min: 0.1, max: 10_000, noNaN: true })),
  batch: fc.oneof(fc.constant('free' as const), whole(loadLimits.batch)),
});
const refusalOf = (recipe: LoadRecipe) => {
  try {
    planLoad(recipe);
    return undefined;
  } catch (error) {
    return error as WeirError;
  }
};
const load = (change: Partial<LoadRecipe> = {}): LoadRecipe => ({ ...defaultLoad, ...change });

async function run(model: Uint8Array, dims: readonly number[], data: Float32Array): Promise<Float32Array> {
  const session = await ort.InferenceSession.create(model);
  const { features } = await session.run({ input: new ort.Tensor('float32', data, dims) });
  await session.release();
  return features?.data as Float32Array;
}

describe('the cost', () => {
  it('is what was asked for within 3 %, and what its own figures say, counted from the bytes', () => {
    let built = 0;
    fc.assert(
      fc.property(recipes, (recipe) => {
        if (refusalOf(recipe) !== undefined) return;
        built += 1;
        const { bytes, ...costs } = buildLoadGraph(recipe);
        const places = recipe.batch === 'free' ? 1 : recipe.batch;
        expect(walkCosts(bytes, places)).toEqual(costs);
        expect(Math.abs(costs.flops / places / 1e6 / recipe.mflops - 1)).toBeLessThanOrEqual(0.03);
        expect(preflight(bytes).parameters).toBe(costs.parameters);
        expect(preflight(bytes).operators['Conv']).toBe(recipe.layers);
        expect(bytes.length).toBeLessThan(65e6);
      }),
      { numRuns: 60 },
    );
    expect(built).toBeGreaterThan(30);
  });

  it('of memory traffic is added to the bytes and to nothing else', () => {
    const none = buildLoadGraph(load());
    for (const memoryMb of [0.5, 8, 100, 1000]) {
      const some = buildLoadGraph(load({ memoryMb }));
      expect(some.flops).toBe(none.flops);
      expect((some.trafficBytes - none.trafficBytes) / 1e6 / memoryMb).toBeCloseTo(1, 2);
    }
  });

  it('of a fixed batch is that of all its places, its weights read once', () => {
    const one = buildLoadGraph(load({ batch: 1 }));
    const four = buildLoadGraph(load({ batch: 4 }));
    expect(four.flops).toBe(4 * one.flops);
    expect(four.trafficBytes).toBe(4 * one.trafficBytes - 3 * 4 * one.parameters);
  });

  it('can be had up to 20 000 MFLOPs in 50 layers or fewer at every size of the list', () => {
    for (const [width, height] of [
      [96, 96],
      [224, 224],
      [320, 320],
      [640, 640],
      [1280, 720],
      [1920, 1080],
    ] as const)
      for (const mflops of [1, 50, 500, 5000, 20_000])
        for (const layers of [2, 12, 50]) expect(refusalOf(load({ width, height, mflops, layers }))).toBeUndefined();
  });
});

it('what does not fit is refused with a sentence, never built too large', () => {
  const error = refusalOf(load({ mflops: 200_000, layers: 2, width: 32, height: 32 }));
  expect(error).toBeInstanceOf(WeirError);
  expect(error?.code).toBe('too-large');
  expect(error?.message).toMatch(/200.000 MFLOPs.*32 × 32.*64 MB of weights.*Choose fewer MFLOPs/);
  expect(refusalOf(load({ memoryMb: 1000, batch: 64 }))?.message).toMatch(/all 64 places.*10 000 MB/);
  expect(() => buildLoadGraph(load({ layers: 1 }))).toThrow(/layers is a whole number from 2 to 200/);
  expect(() => buildLoadGraph(load({ mflops: Number.NaN }))).toThrow(/mflops is from/);
  fc.assert(
    fc.property(recipes, (recipe) => {
      const refused = refusalOf(recipe);
      return refused === undefined || refused.code === 'too-large';
    }),
    { numRuns: 300 },
  );
});

it('the same recipe gives the same bytes, another one others', () => {
  const recipe = load({ mflops: 20, memoryMb: 3 });
  expect(buildLoadGraph({ ...recipe })).toEqual(buildLoadGraph(recipe));
  expect(buildLoadGraph(load({ mflops: 21, memoryMb: 3 })).bytes).not.toEqual(buildLoadGraph(recipe).bytes);
});

describe('in ORT', () => {
  const noise = (length: number, seed = 1) =>
    Float32Array.from({ length }, (_, i) => Math.abs(Math.sin((i + 1) * seed * 12.9898) * 43758.5453) % 1);

  it.each([
    load({ mflops: 1, layers: 200, width: 32, height: 48 }),
    load({ mflops: 20, layers: 2, width: 64, height: 64 }),
    load({ mflops: 40, layers: 12, width: 96, height: 64, memoryMb: 20 }),
  ])('%o: in range, no NaN, no denormals, and every picture has its own output', async (recipe) => {
    const { bytes } = buildLoadGraph(recipe);
    const dims = [1, 3, recipe.height, recipe.width];
    const size = 3 * recipe.height * recipe.width;
    const outputs = [];
    for (const picture of [new Float32Array(size), new Float32Array(size).fill(1), noise(size), noise(size, 7)]) {
      const values = await run(bytes, dims, picture);
      expect(values.every((value) => value > 1e-5 && value <= 2)).toBe(true);
      outputs.push([...values].join());
    }
    expect(new Set(outputs).size).toBe(4);
  });

  it('a free batch takes any number of pictures, each with the output it has alone', async () => {
    const { bytes } = buildLoadGraph(load({ mflops: 4, layers: 3, width: 32, height: 32, memoryMb: 1 }));
    const [first, second] = [noise(3 * 1024), noise(3 * 1024, 3)];
    const alone = [...(await run(bytes, [1, 3, 32, 32], first)), ...(await run(bytes, [1, 3, 32, 32], second))];
    const both = await run(bytes, [2, 3, 32, 32], Float32Array.of(...first, ...second));
    expect(both.length).toBe(alone.length);
    both.forEach((value, i) => expect(value).toBeCloseTo(alone[i] ?? NaN, 4));
    expect(preflight(bytes).inputs).toEqual([{ name: 'input', type: 'float32', shape: ['batch', 3, 32, 32] }]);
  });
});
