/**
 * The same classifier on the same images in Weir and in its peers, each as its README shows it: onnxruntime-web on a page,
 * transformers.js on a page, onnxruntime-node. The peers live in `bench/peers`, with dependencies of their own.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { hasFixtures, mediaBytes, modelBytes, noFixtures } from '../e2e/fixtures.ts';
import type { Station } from '../e2e/station.ts';
import { isolationHeaders } from '../server/headers.ts';
import { startHost } from '../server/host.ts';
import { type Bench, withBench } from './browser.ts';
import { completedPerS } from './completedPerS.ts';
import { bareWeb, type Given, type Loop, native, transformers } from './peers/loops.ts';
import { renameTensors } from './peers/renameTensors.ts';
import { type BenchEntry, NothingToMeasure } from './result.ts';
import { mean, ratioInterval } from './statistics.ts';

const folder = 'bench/peers/node_modules';
const pictures = ['ex_horse-cart.jpg', 'rf_car.jpg', 'rf_dogs.jpg', 'winml_1080.jpg'];
const rounds = 5;
const windowMs = 3000;
const warmMs = 3000;

export const peers: BenchEntry = {
  about: 'one classifier in Weir, onnxruntime-web, transformers.js and onnxruntime-node: frames/s and p99 of a frame',
  async run() {
    if (!hasFixtures) throw new Error(noFixtures);
    if (!existsSync(folder))
      throw new NothingToMeasure('The peers are not installed yet: run "npm ci" in bench/peers.');
    const images = pictures.map((name) => mediaBytes(`images/${name}`));
    const original = modelBytes('classification-mobilenetv2-int8-qdq');
    const given = { model: renameTensors(original, { input: 'pixel_values', output: 'logits' }), images };
    const repository = writeRepository(given.model);
    const web = await startHost({ roots: ['node_modules/onnxruntime-web/dist'], headers: isolationHeaders });
    const theirs = await startHost({
      roots: [`${folder}/@huggingface/transformers/dist`, `${folder}/onnxruntime-web/dist`, repository],
      headers: isolationHeaders,
    });
    try {
      return await withBench({}, (bench) => compare(bench, given, `${web.url}/404`, `${theirs.url}/404`));
    } finally {
      await web.close();
      await theirs.close();
      rmSync(repository, { recursive: true });
    }
  },
};

async function compare(bench: Bench, given: Given, web: string, theirs: string) {
  const station = await openStation(bench, given);
  const open = async (url: string) => {
    const page = await bench.openPage('/404');
    await page.goto(url);
    return page;
  };
  const loops: Readonly<Record<string, Loop>> = {
    'onnxruntime-web': await bareWeb(await open(web), given),
    'transformers.js': await transformers(await open(theirs), given),
    'onnxruntime-node': await native(load, given),
  };
  const taken: Record<string, { perS: number[]; ms: number[] }> = { Weir: { perS: [], ms: [] } };
  await completedPerS(station, warmMs);
  for (const [name, loop] of Object.entries(loops)) {
    await loop.run(warmMs);
    taken[name] = { perS: [], ms: [] };
  }
  for (let i = 0; i < rounds; i++) {
    taken['Weir']?.perS.push(await completedPerS(station, windowMs));
    for (const [name, loop] of Object.entries(loops)) {
      const ms = await loop.run(windowMs);
      taken[name]?.perS.push((ms.length / ms.reduce((sum, each) => sum + each, 0)) * 1000);
      taken[name]?.ms.push(...ms);
    }
  }
  const { latencyMs, engine, counts } = await station.snapshot();
  if (counts.failed > 0) throw new Error(`${counts.failed} frames failed: not sound.`);
  const own = taken['Weir']?.perS ?? [];
  const rows = Object.entries(taken).map(([name, { perS, ms }]) => {
    const ratio = ratioInterval(own.map((each, i) => each / (perS[i] ?? NaN)));
    return {
      name,
      version: versionOf(name),
      perS: mean(perS),
      // Of Weir: the engine's time for a frame, without the queue that a source which waits keeps full.
      p99Ms: name === 'Weir' ? latencyMs.service.p99 : quantile(ms, 0.99),
      weirToIt: ratio.value,
      low: ratio.low,
      high: ratio.high,
      labels: loops[name]?.labels,
    };
  });
  const bare = rows.find(({ name }) => name === 'onnxruntime-web');
  return {
    table: [
      ['what', 'version', 'frames/s', 'p99 ms', 'Weir / it', 'low', 'high'],
      ...rows.map((row) => [row.name, row.version, row.perS, row.p99Ms, row.weirToIt, row.low, row.high]),
    ],
    figure: {
      ratio: bare?.weirToIt ?? NaN,
      low: bare?.low ?? NaN,
      high: bare?.high ?? NaN,
      unit: 'Weir / onnxruntime-web on a page',
      pass: (bare?.weirToIt ?? 0) >= 1,
    },
    details: {
      rows,
      weir: `${engine.provider}, ${engine.sessions} x ${engine.threads}`,
      images: pictures,
      browser: bench.version,
      node: process.version,
    },
  };
}

async function openStation(bench: Bench, { model, images }: Given): Promise<Station> {
  const station = await bench.openStation();
  const refusal = await station.openModel(model);
  if (refusal !== undefined) throw new Error(`The model was refused: ${refusal.message}`);
  await station.page.evaluate(
    async (all) => {
      const files = all.map(
        (each, i) => new File([Uint8Array.from(atob(each), (letter) => letter.charCodeAt(0))], `${i}.jpg`),
      );
      await window.weir.configure({ source: { kind: 'images', speed: 0, loop: true, files } });
    },
    images.map((each) => Buffer.from(each).toString('base64')),
  );
  await station.goesOn();
  return station;
}

/** What transformers.js expects of a model in a folder. */
function writeRepository(model: Uint8Array): string {
  const root = mkdtempSync(join(tmpdir(), 'weir-peers-'));
  const at = join(root, 'models', 'classifier');
  mkdirSync(join(at, 'onnx'), { recursive: true });
  writeFileSync(join(at, 'onnx', 'model.onnx'), model);
  const id2label = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [i, `LABEL_${i}`]));
  const config = { model_type: 'mobilenet_v2', architectures: ['MobileNetV2ForImageClassification'], id2label };
  const preparation = {
    image_processor_type: 'MobileNetV2ImageProcessor',
    do_resize: true,
    size: { shortest_edge: 256 },
    do_center_crop: true,
    crop_size: { height: 224, width: 224 },
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: [0.485, 0.456, 0.406],
    image_std: [0.229, 0.224, 0.225],
  };
  writeFileSync(join(at, 'config.json'), JSON.stringify(config));
  writeFileSync(join(at, 'preprocessor_config.json'), JSON.stringify(preparation));
  return root;
}

const load = (name: string): Promise<unknown> =>
  import(pathToFileURL(createRequire(join(process.cwd(), 'bench/peers/package.json')).resolve(name)).href);

function versionOf(name: string): string {
  const paths: Record<string, string> = {
    Weir: 'package.json',
    'onnxruntime-web': 'node_modules/onnxruntime-web/package.json',
    'transformers.js': `${folder}/@huggingface/transformers/package.json`,
    'onnxruntime-node': `${folder}/onnxruntime-node/package.json`,
  };
  const { version } = JSON.parse(readFileSync(paths[name] ?? '', 'utf8')) as { version: string };
  return version;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(share * sorted.length) - 1] ?? NaN;
}
