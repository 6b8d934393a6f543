/**
 * Forty models and forty sources, one after the other in one page: what each leaves behind. Counted in every thread by a
 * probe that the bench's host puts before the worker scripts; memory is the browser's own measure after collection.
 */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Worker } from '@playwright/test';
import { hasFixtures, mediaBytes, modelBytes } from '../e2e/fixtures.ts';
import type { Station } from '../e2e/station.ts';
import { demoFrame } from '../server/demoScene.ts';
import { fakeCameraFlags } from '../scripts/browser.ts';
import type { DeepPartial, Settings } from '../src/core/settings.ts';
import { buildConvGraph, buildSobel } from '../src/models/buildGraph.ts';
import { eagerMeasure, heapMB, withBench } from './browser.ts';
import type { BenchEntry } from './result.ts';
import { mean } from './statistics.ts';

const switches = 40;
/** Compiled code and the engine's own tables grow for some time before they stand still. */
const warmSwitches = 40;
const measures = 5;

interface Probe {
  frames: Set<object>;
  bitmaps: Set<object>;
  /** Of the runtime: made for inputs or given as outputs, and not released. */
  tensors: number;
  tensorsMade: number;
  instances: WeakRef<object>[];
  memories: WeakRef<WebAssembly.Memory>[];
}

/** Runs in each worker, before the product's own code does anything. */
function install(): void {
  const probe: Probe = {
    frames: new Set(),
    bitmaps: new Set(),
    tensors: 0,
    tensorsMade: 0,
    instances: [],
    memories: [],
  };
  Object.assign(self, { leakProbe: probe });
  // Every frame that is used is copied out, whoever made it.
  const { copyTo, close } = VideoFrame.prototype;
  VideoFrame.prototype.copyTo = function (...given: Parameters<typeof copyTo>) {
    probe.frames.add(this);
    return copyTo.apply(this, given);
  };
  VideoFrame.prototype.close = function () {
    probe.frames.delete(this);
    close.call(this);
  };
  const make = self.createImageBitmap.bind(self) as (...given: unknown[]) => Promise<ImageBitmap>;
  const closeBitmap = ImageBitmap.prototype.close;
  Object.assign(self, {
    async createImageBitmap(...given: unknown[]) {
      const bitmap = await make(...given);
      probe.bitmaps.add(bitmap);
      return bitmap;
    },
  });
  ImageBitmap.prototype.close = function () {
    probe.bitmaps.delete(this);
    closeBitmap.call(this);
  };
  for (const name of ['instantiate', 'instantiateStreaming'] as const) {
    const original = WebAssembly[name] as (...given: unknown[]) => Promise<object>;
    Object.assign(WebAssembly, {
      async [name](...given: unknown[]) {
        const made = await original.apply(WebAssembly, given);
        probe.instances.push(new WeakRef('instance' in made ? (made.instance as object) : made));
        return made;
      },
    });
  }
  const { Memory } = WebAssembly;
  Object.assign(WebAssembly, {
    Memory: class extends Memory {
      constructor(descriptor: WebAssembly.MemoryDescriptor) {
        super(descriptor);
        probe.memories.push(new WeakRef(this));
      }
    },
  });
}

/** Calls of the runtime that make and release tensors, counted where its glue code binds them. */
function countTensors(glue: string): string {
  const bound = (name: string) => new RegExp(`(\\w+\\.${name}=)(\\w+\\.\\w+)(?=;)`);
  const counted: readonly [string, string][] = [
    ['_OrtCreateTensor', '(...a)=>(self.leakProbe.tensors++,self.leakProbe.tensorsMade++,$2(...a))'],
    // (session, input names, input values, input count, output names, output count, …)
    ['_OrtRun', '(...a)=>(self.leakProbe.tensors+=a[5],$2(...a))'],
    // Outputs that were not given beforehand are released as 0, which is none.
    ['_OrtReleaseTensor', '(a)=>(self.leakProbe.tensors-=a===0?0:1,$2(a))'],
  ];
  return counted.reduce((code, [name, call]) => {
    if (!bound(name).test(code)) throw new Error(`The probe does not fit the runtime (${name}): not sound.`);
    return code.replace(bound(name), `$1${call}`);
  }, glue);
}

interface Reading {
  readonly workers: number;
  readonly instances: number;
  readonly wasmMB: number;
  readonly frames: number;
  readonly bitmaps: number;
  readonly tensors: number;
  readonly heapMB: number;
}

export const leak: BenchEntry = {
  about: 'growth in MB after 40 model switches and 40 source switches; frames, workers and WASM instances stay',
  async run() {
    const camera = await startCamera();
    const source = `(${install.toString()})();\n`;
    const replace = (path: string) => {
      if (/ort-wasm-simd-threaded-[\w-]+\.mjs$/.test(path)) return countTensors(readFileSync(`dist${path}`, 'utf8'));
      return /\/assets\/.*worker-[\w-]+\.js$/.test(path)
        ? `globalThis.__name = (value) => value;\n${source}${readFileSync(`dist${path}`, 'utf8')}`
        : undefined;
    };
    try {
      return await withBench(
        { replace },
        async (bench) => {
          const station = await bench.openStation('source.ratePerS=60&engine.threads=1&flow.policy=dropOldest');
          await station.until('frames', (now) => now.counts.completed > 20, 60_000);
          await giveFiles(station);
          await switchModels(station, warmSwitches);
          await switchSources(station, warmSwitches, camera.url);
          const before = await settle(station, camera.url);
          await switchModels(station, switches);
          const models = await settle(station, camera.url);
          await switchSources(station, switches, camera.url);
          const after = await settle(station, camera.url);

          const growth = after.heapMB - before.heapMB;
          const noise = Math.max(spread(before.heaps), spread(after.heaps));
          const keys = ['workers', 'instances', 'frames', 'bitmaps', 'tensors', 'wasmMB'] as const;
          const constant = keys.every((key) => before[key] === models[key] && before[key] === after[key]);
          const lost = station.complaints.filter((words) =>
            /garbage collected without being closed/i.test(words),
          ).length;
          return {
            table: [
              ['what is there', 'before', `${switches} models later`, `${switches} sources later`],
              ...([...keys, 'heapMB'] as const).map((key) => [key, before[key], models[key], after[key]]),
            ],
            figure: {
              value: growth,
              low: growth - noise,
              high: growth + noise,
              unit: 'MB',
              pass: constant && lost === 0 && growth <= Math.max(1, 2 * noise),
            },
            details: {
              constant,
              framesCollectedUnclosed: lost,
              heapsBeforeMB: before.heaps,
              heapsAfterMB: after.heaps,
              sources: sourcesOf(camera.url).map(({ kind }) => kind),
              ...(hasFixtures ? {} : { left_out: 'video: WEIR_FIXTURES is not set' }),
              browser: bench.version,
            },
          };
        },
        [...fakeCameraFlags(undefined), '--js-flags=--expose-gc', eagerMeasure],
      );
    } finally {
      camera.server.closeAllConnections();
      camera.server.close();
    }
  },
};

const spread = (values: readonly number[]) => Math.max(...values) - Math.min(...values);

async function startCamera(): Promise<{ server: Server; url: string }> {
  const image = demoFrame(0);
  const server = createServer((_, response) => {
    response.writeHead(200, {
      'Access-Control-Allow-Origin': '*',
      'Content-Type': 'multipart/x-mixed-replace; boundary=weir',
    });
    const timer = setInterval(() => {
      response.write(`--weir\r\nContent-Length: ${image.length}\r\n\r\n`);
      response.write(image);
    }, 30);
    response.on('close', () => clearInterval(timer));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

type Kind = NonNullable<DeepPartial<Settings['source']>['kind']>;

function sourcesOf(camera: string): (DeepPartial<Settings['source']> & { kind: Kind })[] {
  return [
    { kind: 'scene', ratePerS: 60 },
    { kind: 'camera', width: 640, height: 360 },
    { kind: 'images', ratePerS: 30 },
    { kind: 'websocket', url: '' },
    { kind: 'mjpeg', url: camera },
    { kind: 'constant', ratePerS: 60 },
    ...(hasFixtures ? [{ kind: 'video' as const }] : []),
    { kind: 'screen' },
  ];
}

/** Files lie in the page, once for all switches. */
async function giveFiles({ page }: Station): Promise<void> {
  await page.evaluate(
    ({ images, video }) => {
      const file = (base64: string, name: string) =>
        new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], name);
      const chosen = { images: images.map((each, i) => file(each, `${i}.png`)), video: [file(video, 'a.mp4')] };
      Object.assign(window, { chosen });
    },
    {
      images: [0, 30, 60].map((i) => demoFrame(i).toString('base64')),
      video: hasFixtures ? Buffer.from(mediaBytes('video/car-detection.mp4')).toString('base64') : '',
    },
  );
}

async function switchSources(station: Station, count: number, camera: string): Promise<void> {
  const all = sourcesOf(camera);
  for (let i = 0; i < count; i++) {
    const source = all[i % all.length] ?? { kind: 'scene' as const };
    await station.page.evaluate(async (next) => {
      const { chosen } = window as never as { chosen: Record<string, File[]> };
      const files = chosen[next.kind];
      await window.weir.configure({ source: { ...next, ...(files === undefined ? {} : { files }) } });
    }, source);
    const { sources } = await station.snapshot();
    const had = sources[source.kind]?.completed ?? 0;
    await station.until(
      `frames of ${source.kind}`,
      (now) => (now.sources[source.kind]?.completed ?? 0) > had + 3,
      30_000,
    );
  }
  await station.page.evaluate(() => window.weir.configure({ source: { kind: 'scene', ratePerS: 60 } }));
}

async function switchModels(station: Station, count: number): Promise<void> {
  const models = [
    buildConvGraph({ input: [1, 3, 96, 128], layers: 1, channels: 8 }),
    hasFixtures
      ? modelBytes('detection-ultraface-rfb320')
      : buildConvGraph({ input: [1, 3, 240, 320], layers: 2, channels: 8, stride: 4 }),
    buildSobel(120, 160),
  ];
  for (let i = 0; i < count; i++) {
    const refusal = await station.openModel(models[i % models.length] ?? new Uint8Array());
    if (refusal !== undefined) throw new Error(`A model was refused: ${refusal.message}`);
    await station.goesOn();
  }
  const last = await station.openModel(buildSobel(120, 160));
  if (last !== undefined) throw new Error(`A model was refused: ${last.message}`);
  await station.goesOn();
}

/**
 * Each source once, because a worker keeps the module that its first camera frame needs; then fresh runs of the scene, so
 * that history is equally short, and what is there after each of them.
 */
async function settle(station: Station, camera: string): Promise<Reading & { readonly heaps: readonly number[] }> {
  const { page } = station;
  await switchSources(station, sourcesOf(camera).length, camera);
  const heaps: number[] = [];
  let reading: Omit<Reading, 'heapMB'> | undefined;
  for (let i = 0; i < measures; i++) {
    await page.evaluate(async () => {
      await window.weir.stop();
      await window.weir.start();
    });
    await station.goesOn(10);
    // Nothing is on its way while it is counted.
    await page.evaluate(() => window.weir.stop());
    await page.waitForTimeout(500);
    heaps.push(await heapMB(station));
    reading = await countAll(page.workers());
  }
  if (reading === undefined) throw new Error('Nothing was measured.');
  await page.evaluate(() => window.weir.start());
  return { ...reading, heapMB: mean(heaps), heaps };
}

async function countAll(workers: readonly Worker[]): Promise<Omit<Reading, 'heapMB'>> {
  const each = await Promise.all(
    workers.map((worker) =>
      worker.evaluate(() => {
        const { leakProbe, gc } = self as never as { leakProbe: Probe; gc(): void };
        gc();
        const alive = <T extends object>(refs: readonly WeakRef<T>[]) => refs.flatMap((ref) => ref.deref() ?? []);
        return {
          instances: alive(leakProbe.instances).length,
          wasmBytes: alive(leakProbe.memories).reduce((sum, memory) => sum + memory.buffer.byteLength, 0),
          frames: leakProbe.frames.size,
          bitmaps: leakProbe.bitmaps.size,
          tensors: leakProbe.tensors,
          made: leakProbe.tensorsMade,
        };
      }),
    ),
  );
  if (!each.some(({ made }) => made > 0)) throw new Error('The probe saw no tensor: not sound.');
  const sum = (of: (one: (typeof each)[number]) => number) => each.reduce((total, one) => total + of(one), 0);
  return {
    workers: workers.length,
    instances: sum((one) => one.instances),
    wasmMB: sum((one) => one.wasmBytes) / 1e6,
    frames: sum((one) => one.frames),
    bitmaps: sum((one) => one.bitmaps),
    tensors: sum((one) => one.tensors),
  };
}
