/** WebGPU in software on tiny models: what it computes agrees with plain WASM in Node, and the page says what ran. */
import { buildConvGraph, buildSobel } from '../src/models/buildGraph.ts';
import { expect, test } from './station.ts';
import { expectClose, runPlain } from './tensors.ts';

const models = {
  'Sobel 60 x 80': buildSobel(60, 80),
  'convolutions 24 x 32': buildConvGraph({ input: [1, 3, 24, 32], layers: 1, channels: 4 }),
};

test('tiny models on WebGPU agree with WASM', async ({ station }) => {
  test.setTimeout(180_000);
  await station.open('engine.provider=webgpu&source.ratePerS=5&source.width=160&source.height=120');
  const adapter = await station.page.evaluate(
    async () => (await (navigator as Navigator & { gpu?: GPU }).gpu?.requestAdapter()) ?? undefined,
  );
  test.skip(adapter === undefined, 'this browser has no software WebGPU adapter');
  await station.until('the built-in model', (now) => now.counts.completed > 0, 90_000);
  for (const [name, model] of Object.entries(models)) {
    await test.step(name, async () => {
      expect(await station.openModel(model)).toBeUndefined();
      const { inputs, outputs } = await station.inspect();
      expectClose(outputs, await runPlain(model, inputs));
    });
  }
  const now = await station.goesOn(1);
  expect(now.engine.provider).toBe('webgpu');
  expect(now.engine.software).toBe(true);
  expect(now.engine.fallback).toBeUndefined();
  expect(now.counts.failed).toBe(0);
});
