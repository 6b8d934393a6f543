/**
 * Weir on a graphics processor, against the same session fed without a pause: runs enqueued back to back with one wait at
 * the end, on an input that is there already. Only a hardware adapter gives a figure: one in software says nothing of any GPU.
 */
import type { Page } from '@playwright/test';
import { hasFixtures, modelBytes, noFixtures } from '../e2e/fixtures.ts';
import { isolationHeaders } from '../server/headers.ts';
import { startHost } from '../server/host.ts';
import { withBench } from './browser.ts';
import { completedPerS } from './completedPerS.ts';
import { type BenchEntry, NothingToMeasure } from './result.ts';
import { mean, median, ratioInterval } from './statistics.ts';

const models = [
  { name: 'detection-ultraface-rfb320', input: 'input', dims: [1, 3, 240, 320] },
  { name: 'detection-fastestdet', input: 'input.1', dims: [1, 3, 352, 352] },
  { name: 'detection-yolox-nano', input: 'images', dims: [1, 3, 416, 416] },
] as const;
const rounds = 6;
const windowMs = 3000;
const warmMs = 3000;

const flags = ['--enable-unsafe-webgpu', '--enable-features=Vulkan', '--ignore-gpu-blocklist'];

export const gpu: BenchEntry = {
  about: 'on a hardware adapter only: Weir / runs enqueued back to back with one final wait, median of three, >= 0.90',
  async run() {
    const plain = await startHost({ roots: ['node_modules/onnxruntime-web/dist'], headers: isolationHeaders });
    try {
      return await withBench(
        {},
        async (bench) => {
          const page = await bench.openPage('/404');
          await page.goto(`${plain.url}/404`);
          const adapter = await adapterOf(page);
          if (!hasFixtures) throw new Error(noFixtures);
          const rows = [];
          for (const { name, input, dims } of models) {
            const bytes = modelBytes(name);
            const station = await bench.openStation('source.ratePerS=1000&source.difficulty=0&flow.policy=block');
            const refusal = await station.openModel(bytes);
            if (refusal !== undefined) throw new Error(`${name} was refused: ${refusal.message}`);
            await station.configure({ engine: { provider: 'webgpu' } });
            const { width, height } = { width: dims[3], height: dims[2] };
            await station.configure({ source: { width, height } });
            await load(page, bytes, input, dims);
            await enqueue(page, warmMs);
            await completedPerS(station, warmMs);
            const taken: { weir: number; bare: number }[] = [];
            for (let i = 0; i < rounds; i++) {
              const first = i % 2 === 0 ? await completedPerS(station, windowMs) : undefined;
              const bare = await enqueue(page, windowMs);
              taken.push({ weir: first ?? (await completedPerS(station, windowMs)), bare });
            }
            const { engine, counts } = await station.snapshot();
            if (engine.provider !== 'webgpu' || engine.software !== false || counts.failed > 0)
              throw new Error(`Not sound: ${JSON.stringify(engine)}, ${counts.failed} failed.`);
            const { value, low, high } = ratioInterval(taken.map(({ weir, bare }) => weir / bare));
            const [weir, bare] = [mean(taken.map((each) => each.weir)), mean(taken.map((each) => each.bare))];
            rows.push({ name, weir, bare, ratio: value, low, high, preparesOn: engine.preparesOn });
            await station.page.close();
          }
          const ratio = median(rows.map((row) => row.ratio));
          const middle = rows.find((row) => row.ratio === ratio);
          return {
            table: [
              ['model', 'Weir/s', 'enqueued/s', 'ratio', 'low', 'high'],
              ...rows.map((row) => [row.name, row.weir, row.bare, row.ratio, row.low, row.high]),
            ],
            figure: {
              ratio,
              low: middle?.low ?? NaN,
              high: middle?.high ?? NaN,
              unit: 'Weir / enqueued back to back',
              pass: ratio >= 0.9,
            },
            details: { rows, adapter, browser: bench.version },
          };
        },
        flags,
      );
    } finally {
      await plain.close();
    }
  },
};

/** @throws Error where there is none, or only one in software: no figure then */
async function adapterOf(page: Page): Promise<string> {
  const found = await page.evaluate(async () => {
    const adapter = await (navigator as Navigator & { gpu?: GPU }).gpu?.requestAdapter();
    if (adapter === null || adapter === undefined) return undefined;
    const { vendor, architecture, description } = adapter.info;
    return {
      name: `${vendor} ${architecture} ${description}`.trim(),
      fallback: adapter.info.isFallbackAdapter === true,
    };
  });
  if (found === undefined)
    throw new NothingToMeasure('No GPU is at hand: this browser has no WebGPU adapter, so there is no figure.');
  if (found.fallback || /swiftshader|llvmpipe|lavapipe|basic render/i.test(found.name))
    throw new NothingToMeasure(
      `No GPU is at hand: the only adapter, ${found.name}, is software, so there is no figure.`,
    );
  return found.name;
}

async function load(page: Page, model: Uint8Array, input: string, dims: readonly number[]): Promise<void> {
  await page.evaluate(
    async (given) => {
      const path = '/ort.jspi.min.mjs';
      const ort = (await import(path)) as typeof import('onnxruntime-web/webgpu');
      const bytes = Uint8Array.from(atob(given.base64), (letter) => letter.charCodeAt(0));
      const session = await ort.InferenceSession.create(bytes, {
        executionProviders: ['webgpu'],
        preferredOutputLocation: 'gpu-buffer',
      });
      const device = (await ort.env.webgpu.device) as GPUDevice;
      const size = given.dims.reduce((product, dim) => product * dim, 4);
      const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
      const buffer = device.createBuffer({ size: Math.ceil(size / 16) * 16, usage });
      const tensor = ort.Tensor.fromGpuBuffer(buffer, { dataType: 'float32', dims: given.dims });
      Object.assign(window, {
        async enqueue(ms: number) {
          const started = performance.now();
          let runs = 0;
          while (performance.now() - started < ms) {
            const outputs = await session.run({ [given.input]: tensor });
            for (const output of Object.values(outputs)) output.dispose();
            runs += 1;
          }
          await device.queue.onSubmittedWorkDone();
          return (runs / (performance.now() - started)) * 1000;
        },
      });
    },
    { base64: Buffer.from(model).toString('base64'), input, dims: [...dims] },
  );
}

const enqueue = (page: Page, ms: number) =>
  page.evaluate((span) => (window as never as { enqueue(ms: number): Promise<number> }).enqueue(span), ms);
