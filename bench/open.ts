/**
 * From a dropped model of 200 MB to its first result and to a whole copy in the library, against what each of them costs by
 * itself: a session created and run once in a fresh worker, and then the same bytes written to the private file system.
 */
import { appendFileSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { openBrowserOnDisk } from '../e2e/browserOnDisk.ts';
import type { Station } from '../e2e/station.ts';
import { startHost } from '../server/host.ts';
import { writeOnnx } from '../src/models/onnxWriter.ts';
import { buildBare } from './bare/build.ts';
import type { Bare } from './bare/main.ts';
import type { BenchEntry } from './result.ts';
import { mean, ratioInterval } from './statistics.ts';

const layers = 8;
const side = 2500;
const rounds = 5;
const limit = 1.25;

export const open: BenchEntry = {
  about: '200 MB dropped, to its first result and its copy in the library / bare create + run + raw write, <= 1.25',
  async run() {
    const host = await startHost({ roots: ['dist', await buildBare()] });
    const browser = await openBrowserOnDisk();
    const folder = mkdtempSync(join(tmpdir(), 'weir-open-'));
    const path = join(folder, 'large.onnx');
    try {
      const model = largeModel();
      writeFileSync(path, model);
      const station = await browser.tab(host.url);
      await station.run('source.ratePerS=10&source.width=160&source.height=120&engine.provider=wasm');
      const { engine } = await station.snapshot();
      const bare = (await browser.tab(host.url)).page;
      await bare.goto(`${host.url}/bare.html`);
      await bare.waitForFunction(() => 'bare' in window);
      const taken: { firstMs: number; bothMs: number; runMs: number; writeMs: number }[] = [];
      for (let i = -1; i < rounds; i++) {
        // A few bytes more make it a model that was never here.
        truncateSync(path, model.byteLength);
        appendFileSync(path, Buffer.from([0x1a, 1, 0x61 + i + 1]));
        const alone = () => runBare(bare, path, engine.threads);
        const before = i % 2 === 0 ? await quietly(station, alone) : undefined;
        const ours = await drop(station, path);
        const theirs = before ?? (await quietly(station, alone));
        if (i >= 0) taken.push({ ...ours, ...theirs });
      }
      const { value, low, high } = ratioInterval(taken.map((each) => each.bothMs / (each.runMs + each.writeMs)));
      const of = (key: keyof (typeof taken)[number]) => mean(taken.map((each) => each[key]));
      return {
        table: [
          ['measure', 'ms'],
          ['drop to first result', of('firstMs')],
          ['drop to first result and copy', of('bothMs')],
          ['bare create + run', of('runMs')],
          ['raw write', of('writeMs')],
        ],
        figure: { ratio: value, low, high, unit: 'drop / bare', pass: value <= limit },
        details: { rounds: taken, bytes: statSync(path).size, threads: engine.threads },
      };
    } finally {
      await browser.close();
      await host.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** A picture of 50 x 50 through matrices of 25 MB each, whose rows sum to one: numbers stay as large as they were. */
function largeModel(): Uint8Array {
  const weights = new Float32Array(side * side);
  for (let i = 0; i < weights.length; i++) weights[i] = ((i * 2_654_435_761) % 1000) / (499.5 * side);
  const shape = [1, 3, 50, 50];
  return writeOnnx({
    name: 'large',
    inputs: [{ name: 'input', shape }],
    outputs: [{ name: 'output', shape }],
    initialisers: [
      { name: 'flat', dims: [2], data: new BigInt64Array([3n, BigInt(side)]) },
      { name: 'picture', dims: [4], data: new BigInt64Array(shape.map(BigInt)) },
      ...Array.from({ length: layers }, (_, i) => ({ name: `w${i}`, dims: [side, side], data: weights })),
    ],
    nodes: [
      { op: 'Reshape', inputs: ['input', 'flat'], outputs: ['x0'] },
      ...Array.from({ length: layers }, (_, i) => ({
        op: 'MatMul',
        inputs: [`x${i}`, `w${i}`],
        outputs: [`x${i + 1}`],
      })),
      { op: 'Reshape', inputs: [`x${layers}`, 'picture'], outputs: ['output'] },
    ],
  });
}

async function runBare(page: Page, path: string, threads: number): Promise<{ runMs: number; writeMs: number }> {
  await choose(page, path);
  return page.evaluate((what) => (window as never as { bare: Bare }).bare.coldFile(what), {
    inputName: 'input',
    dims: [1, 3, 50, 50],
    threads,
  });
}

/** Nothing streams meanwhile, as nothing does beside the bare worker; the stream begins when the model is open. */
async function drop(station: Station, path: string): Promise<{ firstMs: number; bothMs: number }> {
  const { page } = station;
  await choose(page, path);
  return page.evaluate(async () => {
    const file = document.querySelector<HTMLInputElement>('#bench')?.files?.[0];
    if (file === undefined) throw new Error('No file was chosen.');
    const { weir } = window;
    weir.pause();
    await new Promise((done) => setTimeout(done, 300));
    const started = performance.now();
    const { sha256 } = await weir.openModel(file, { task: { kind: 'image' } });
    const served = weir.inspect();
    await weir.start();
    await served;
    const firstMs = performance.now() - started;
    while (!location.hash.includes(sha256)) await new Promise((done) => setTimeout(done, 5));
    return { firstMs, bothMs: performance.now() - started };
  });
}

/** Into a field of the page's own, so that both sides read the same file of the disk. */
async function choose(page: Page, path: string): Promise<void> {
  await page.evaluate(() => {
    const field = document.querySelector('#bench') ?? document.createElement('input');
    Object.assign(field, { id: 'bench', type: 'file', hidden: true });
    document.body.prepend(field);
  });
  await page.locator('#bench').setInputFiles(path);
}

async function quietly<T>(station: Station, work: () => Promise<T>): Promise<T> {
  await station.page.evaluate(() => window.weir.pause());
  const result = await work();
  await station.page.evaluate(() => window.weir.start());
  return result;
}
