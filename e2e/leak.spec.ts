/**
 * Model after model at full rate: what the station holds stays what it was. The long form (`npm run prove -- leak`) goes on
 * for ten minutes with a switch every 20 s and watches the memory of the page; CI runs four switches and looks at counts.
 */
import { slope } from '../bench/statistics.ts';
import { buildConvGraph, buildSobel } from '../src/models/buildGraph.ts';
import { expect, type Station, test } from './station.ts';

const long = process.env['WEIR_LONG'] === '1';
const everyMs = long ? 20_000 : 1_000;
const switches = long ? 30 : 4;
/** Of memory that grows: less is noise of the collector over ten minutes. */
const mostMbPerMinute = 0.2;

const models = [buildSobel(24, 32), buildConvGraph({ input: [1, 3, 24, 32], layers: 1, channels: 4 })];

/** MB of the page and its workers, after a collection; the browser takes its time for it. */
function memoryMb({ page }: Station): Promise<number> {
  return page.evaluate(async () => {
    const measure = performance as never as { measureUserAgentSpecificMemory(): Promise<{ bytes: number }> };
    return (await measure.measureUserAgentSpecificMemory()).bytes / 1e6;
  });
}

test(`${switches} models at full rate leave nothing behind`, async ({ station }, { project }) => {
  test.setTimeout(switches * everyMs * 2 + 120_000);
  await station.run('source.ratePerS=5&source.width=160&source.height=120');
  const onGpu = project.name === 'webgpu';
  const adapter = await station.page.evaluate(
    async () => (await (navigator as Navigator & { gpu?: GPU }).gpu?.requestAdapter()) ?? undefined,
  );
  test.skip(onGpu && adapter === undefined, 'this browser has no software WebGPU adapter');
  expect(await station.openModel(models[0] ?? new Uint8Array())).toBeUndefined();
  if (onGpu) await station.configure({ engine: { provider: 'webgpu' } });
  await station.configure({ source: { ratePerS: 2000 }, flow: { policy: 'block' } });
  const seen: { model: number; workers: number; bytes: number; buffers: number; frames: number }[] = [];
  const memory: (readonly [minutes: number, mb: number])[] = [];
  const started = Date.now();
  for (let i = 0; i < switches; i++) {
    const model = i % models.length;
    expect(await station.openModel(models[model] ?? new Uint8Array())).toBeUndefined();
    await station.goesOn(3);
    const now = await station.watch(everyMs);
    const { bytes = 0, buffers = 0, frames = 0 } = now.engine.gpu ?? {};
    expect(now.engine.provider).toBe(onGpu ? 'webgpu' : 'wasm');
    expect(now.counts.failed).toBe(0);
    seen.push({ model, workers: station.page.workers().length, bytes, buffers, frames });
    if (long) memory.push([(Date.now() - started) / 60_000, await memoryMb(station)]);
  }
  // A worker of the model before, and a spare one, are kept; from then on nothing may be added.
  const of = (part: readonly (typeof seen)[number][], key: 'workers' | 'bytes' | 'buffers' | 'frames') =>
    Math.max(...part.map((each) => each[key]));
  const [early, late] = [seen.slice(0, switches / 2), seen.slice(switches / 2)];
  // The second buffer of the ring comes with the first two runs that overlap, which a short look may not have seen.
  const slack = long ? { bytes: 0, buffers: 0 } : { bytes: 16_384, buffers: 1 };
  for (const key of ['bytes', 'buffers'] as const)
    for (const model of models.keys()) {
      const mine = (part: typeof seen) =>
        of(
          part.filter((each) => each.model === model),
          key,
        );
      expect(mine(late), `${key} on the GPU with model ${model}`).toBeLessThanOrEqual(mine(early) + slack[key]);
    }
  if (onGpu) expect(of(seen, 'buffers')).toBeGreaterThan(0);
  expect(of(late, 'frames'), 'frames open').toBe(0);
  expect(of(late, 'workers'), 'workers').toBeLessThanOrEqual(of(early, 'workers') + 1);
  if (!long) return;
  const steady = memory.slice(5);
  const { slope: perMinute, half } = slope(steady);
  console.log(
    `${perMinute.toFixed(3)} ± ${half.toFixed(3)} MB a minute, ${steady.at(-1)?.[1].toFixed(1)} MB at the end`,
  );
  expect(perMinute - half, 'growth that is surely there, MB a minute').toBeLessThanOrEqual(mostMbPerMinute);
});
