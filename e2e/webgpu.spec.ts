/** WebGPU in software on tiny models: what it computes agrees with plain WASM in Node, and the page says what ran. */
import { buildConvGraph, buildSobel } from '../src/models/buildGraph.ts';
import { defaultLoad } from '../src/core/loadRecipe.ts';
import { buildLoadGraph } from '../src/models/loadGraph.ts';
import { expect, test } from './station.ts';
import { expectClose, runPlain } from './tensors.ts';

const models = {
  'Sobel 60 x 80': buildSobel(60, 80),
  'convolutions 24 x 32': buildConvGraph({ input: [1, 3, 24, 32], layers: 1, channels: 4 }),
  'a load dial of 32 x 32': buildLoadGraph({
    ...defaultLoad,
    mflops: 1,
    layers: 3,
    width: 32,
    height: 32,
    memoryMb: 0.2,
  }).bytes,
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
  await test.step('a frame compared with the reference, and the operators profiled', async () => {
    const agreement = await station.page.evaluate(() => window.weir.compare());
    expect(agreement.provider).toBe('webgpu');
    expect(agreement.worst).toBeLessThanOrEqual(1e-3);
    const profile = await station.page.evaluate(() => window.weir.profile());
    expect(profile.provider).toBe('webgpu');
    expect(profile.nodes.length).toBeGreaterThan(0);
  });
  const now = await station.goesOn(1);
  expect(now.engine.provider).toBe('webgpu');
  expect(now.engine.software).toBe(true);
  expect(now.engine.fallback).toBeUndefined();
  expect(now.counts.failed).toBe(0);
});

test('a GPU that is lost twice within a minute is left for WASM, and the page says so', async ({
  station,
  browser,
}) => {
  test.setTimeout(180_000);
  await station.open('engine.provider=webgpu&source.ratePerS=5&source.width=160&source.height=120');
  const adapter = await station.page.evaluate(
    async () => (await (navigator as Navigator & { gpu?: GPU }).gpu?.requestAdapter()) ?? undefined,
  );
  test.skip(adapter === undefined, 'this browser has no software WebGPU adapter');
  expect(await station.openModel(buildSobel(60, 80))).toBeUndefined();
  const cdp = await browser.newBrowserCDPSession();
  for (const provider of ['webgpu', 'wasm'] as const) {
    const { engine } = await station.goesOn(3);
    expect(engine.provider).toBe('webgpu');
    const losses = engine.losses ?? 0;
    // The browser's own way of losing all devices: its GPU process ends.
    await cdp.send('Browser.crashGpuProcess');
    const now = await station.until(
      `on ${provider} again`,
      (next) => (next.engine.losses ?? 0) > losses && next.engine.provider === provider,
      60_000,
    );
    if (provider === 'wasm') expect(now.engine.fallback).toBe('The GPU was lost 2 times within 60 s; running on WASM.');
  }
  await station.goesOn(10);
  await expect(station.page.getByText('running on WASM').first()).toBeVisible();
  station.complaints.length = 0;
});
