/**
 * What the GPU path does on a page, in software: frames of a camera imported as they are, outputs read back beside the next
 * run, runs captured only where their results are right, and what cannot be had said in words.
 */
import type { Snapshot } from '../src/core/snapshot.ts';
import type { SettingsChange } from '../src/core/settings.ts';
import { buildSobel } from '../src/models/buildGraph.ts';
import { writeOnnx } from '../src/models/onnxWriter.ts';
import { expect, type Station, test } from './station.ts';
import { expectClose, runPlain } from './tensors.ts';

const model = buildSobel(24, 32);

/** Opens a small model before the GPU is asked for: the built-in one takes software a minute. */
async function open(station: Station, engine: SettingsChange['engine'] = {}): Promise<Snapshot> {
  await station.run('source.ratePerS=5&source.width=160&source.height=120');
  const adapter = await station.page.evaluate(
    async () => (await (navigator as Navigator & { gpu?: GPU }).gpu?.requestAdapter()) ?? undefined,
  );
  test.skip(adapter === undefined, 'this browser has no software WebGPU adapter');
  expect(await station.openModel(model)).toBeUndefined();
  await station.configure({ engine: { provider: 'webgpu', ...engine } });
  return station.until('on the GPU', (now) => now.engine.provider === 'webgpu' && now.engine.gpu !== undefined, 60_000);
}

async function agrees(station: Station, of: Uint8Array = model): Promise<void> {
  const { inputs, outputs } = await station.inspect();
  expectClose(outputs, await runPlain(of, inputs));
}

/** Frames that the engine workers import in a while; a copied frame goes up as a texture. One may end meanwhile. */
async function importsFrames(station: Station): Promise<number> {
  const engines = station.page.workers().filter((worker) => worker.url().includes('engine.worker'));
  const watch = () => {
    const { prototype } = GPUDevice;
    const { importExternalTexture } = prototype;
    const counted = Object.assign(self, { imported: 0 });
    prototype.importExternalTexture = function (given) {
      counted.imported += 1;
      return importExternalTexture.call(this, given);
    };
  };
  await Promise.allSettled(engines.map((worker) => worker.evaluate(watch)));
  await station.goesOn(5);
  const read = () => (self as never as { imported: number }).imported;
  const counts = await Promise.allSettled(engines.map((worker) => worker.evaluate(read)));
  return counts.reduce((sum, each) => sum + (each.status === 'fulfilled' ? each.value : 0), 0);
}

test('a camera: frames go to the GPU as they are, none stays open, and memory stands still', async ({ station }) => {
  test.setTimeout(120_000);
  await open(station);
  await station.configure({ source: { kind: 'camera', width: 320, height: 240 } });
  const first = await station.until('camera frames', (now) => (now.sources['camera']?.completed ?? 0) >= 10, 60_000);
  expect(first.engine).toMatchObject({ preparesOn: 'gpu', software: true });
  expect(await importsFrames(station), 'frames imported as they are').toBeGreaterThan(0);
  const compared = await station.page.evaluate(() => window.weir.compare());
  expect(compared).toMatchObject({ provider: 'webgpu' });
  expect(compared.worst).toBeLessThanOrEqual(1e-3);
  let now = await station.goesOn(20);
  const held = () => `${now.engine.gpu?.bytes} bytes in ${now.engine.gpu?.buffers} buffers`;
  let before = '';
  // Each thing that it needs is made once, the last of them when two runs overlap for the first time.
  for (let looks = 0; looks < 4 && held() !== before; looks++) {
    before = held();
    now = await station.goesOn(20);
    expect(now.engine.gpu?.frames).toBeLessThanOrEqual(2);
  }
  expect(held()).toBe(before);
  expect(now.sources['camera']?.failed).toBe(0);
  await station.page.getByRole('button', { name: 'What truly ran' }).click();
  await expect(station.page.getByText('unknown: it does not tell')).toBeVisible();
  await expect(station.page.getByText(/in \d+ buffers/)).toBeVisible();
});

test('captured runs give the right results, also for another preparation; off with a reason where they cannot be', async ({
  station,
}) => {
  test.setTimeout(120_000);
  const { engine } = await open(station, { graphCapture: true });
  // Either is right; a run that is captured must be right.
  expect(engine.captured === true || /capture is off/.test(engine.fallback ?? ''), JSON.stringify(engine)).toBe(true);
  for (let i = 0; i < 3; i++) await agrees(station);
  await station.page.getByRole('button', { name: 'Task and preparation' }).click();
  await station.page.getByText('BGR', { exact: true }).click();
  await station.until('the GPU again', (now) => now.state === 'running' && now.engine.provider === 'webgpu', 60_000);
  await station.goesOn(2);
  await agrees(station);
  await station.configure({ engine: { graphCapture: true, provider: 'wasm' } });
  const now = await station.until('WASM', (each) => each.engine.provider === 'wasm');
  expect(now.engine.captured).toBeUndefined();
});

test('another layout and no rewriting change no result', async ({ station }) => {
  test.setTimeout(120_000);
  await open(station, { layout: 'NHWC', graph: 'disabled' });
  await station.goesOn(2);
  await agrees(station);
});

test('half precision where the adapter has none: the way on is told, and WASM takes the model', async ({ station }) => {
  test.setTimeout(120_000);
  await open(station);
  const shape = [1, 3, 24, 32];
  const half = writeOnnx({
    name: 'half',
    inputs: [{ name: 'x', shape, elementType: 10 }],
    outputs: [{ name: 'y', shape, elementType: 10 }],
    nodes: [{ op: 'Mul', inputs: ['x', 'x'], outputs: ['y'] }],
  });
  const refusal = await station.openModel(half);
  expect(refusal).toMatchObject({ code: 'no-webgpu' });
  expect(refusal?.message).toMatch(/float16/);
  const still = await station.goesOn(2);
  expect(still.engine.provider).toBe('webgpu');
  await station.configure({ engine: { provider: 'wasm' } });
  expect(await station.openModel(half)).toBeUndefined();
  await agrees(station, half);
});
