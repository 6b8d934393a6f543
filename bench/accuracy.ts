/**
 * How right the built-in detector and its twins are, on held-out scenes, through the page as built: provider x precision.
 * Frames come by `block` at a calm rate, each from a scene of its own; result and truth are those of the page's snapshot.
 */
import { expectConserved } from '../e2e/conserved.ts';
import { softwareGpuFlags } from '../scripts/browser.ts';
import type { Detection } from '../src/core/result.ts';
import type { TruthObject } from '../src/core/truth.ts';
import { type JudgedFrame, meanAveragePrecision } from '../src/metrics/meanAveragePrecision.ts';
import { type Bench, withBench } from './browser.ts';
import { heldOutSeed } from './heldOut.ts';
import type { BenchEntry } from './result.ts';

const frames = 500;
/** A software adapter is a hundred times slower than WASM: it shows that the numbers agree, on fewer frames unless told. */
const softwareFrames = Number(process.argv[3] ?? 12);
/** Below the ten snapshots that the page gives per second, so that none is skipped. */
const ratePerS = 8;
/** Of the twins, in mAP@0.5. */
const maxLoss = 0.02;
const limits = { map50: 0.9, map: 0.6 };

const precisions = [
  ['float32', 'shapes.onnx'],
  ['int8', 'shapes-int8.onnx'],
  ['float16', 'shapes-fp16.onnx'],
] as const;

type Provider = 'wasm' | 'webgpu';

interface Row {
  readonly provider: string;
  readonly precision: string;
  readonly frames: number;
  readonly map50: number;
  readonly map: number;
  readonly ap50: Readonly<Record<string, number>>;
  readonly runMs: number;
  readonly serviceP50Ms: number;
  readonly software: boolean;
}

export const accuracy: BenchEntry = {
  about: `built-in detector on ${frames} held-out frames through the page: mAP by provider and precision (a number: frames on a software GPU)`,
  run: async () => {
    const rows: Row[] = [];
    const absent: string[] = [];
    const measureAll = (provider: Provider, flags: readonly string[]) =>
      withBench(
        {},
        async (bench) => {
          const results: (Row | string)[] = [];
          for (const [precision, file] of precisions) results.push(await measure(bench, provider, precision, file));
          return { results, version: bench.version };
        },
        flags,
      );
    const onWasm = await measureAll('wasm', []);
    // A browser without a GPU has a software adapter, if it is asked for one.
    let onGpu = await measureAll('webgpu', ['--enable-unsafe-webgpu']);
    if (onGpu.results.every((each) => typeof each === 'string')) onGpu = await measureAll('webgpu', softwareGpuFlags);
    for (const each of [...onWasm.results, ...onGpu.results]) {
      if (typeof each === 'string') absent.push(each);
      else rows.push(each);
    }
    const base = rows.find((row) => row.provider === 'wasm' && row.precision === 'float32');
    if (base === undefined) throw new Error(`The detector did not run on WASM: not sound. ${absent.join(' ')}`);
    const twins = rows.filter((row) => row.provider === 'wasm' && row !== base);
    const loss = Math.max(...twins.map((row) => base.map50 - row.map50));
    for (const line of absent) console.log(`not measured: ${line}`);
    return {
      table: [
        ['provider, precision', 'frames', 'mAP@0.5', 'mAP@[.5:.95]', 'run, ms', 'service p50, ms'],
        ...rows.map((row) => [
          `${row.provider}${row.software ? ' (software)' : ''}, ${row.precision}`,
          row.frames,
          row.map50,
          row.map,
          row.runMs,
          row.serviceP50Ms,
        ]),
      ],
      figure: {
        value: base.map50,
        // The range of the three precisions: these are not samples of one value.
        low: Math.min(base.map50, ...twins.map((row) => row.map50)),
        high: Math.max(base.map50, ...twins.map((row) => row.map50)),
        unit: 'mAP@0.5',
        pass: base.map50 >= limits.map50 && base.map >= limits.map && twins.length === 2 && loss <= maxLoss,
      },
      details: { map50: base.map50, map: base.map, loss, rows, absent, browser: onWasm.version },
    };
  },
};

/** A sentence where the provider cannot run it. */
async function measure(bench: Bench, provider: Provider, precision: string, file: string): Promise<Row | string> {
  const scene = `source.seed=${heldOutSeed}&source.difficulty=0.5&source.cutS=${1 / ratePerS}&source.ratePerS=${ratePerS}`;
  const station = await bench.openStation(
    `${scene}&source.width=640&source.height=360&flow.policy=block&engine.provider=${provider}&engine.threads=1&engine.sessions=1&model=models/${file}`,
  );
  try {
    const first = await station
      .until('a result', ({ counts, state }) => counts.completed > 0 || state === 'failed', 180_000)
      .catch((error: unknown) => String(error));
    if (typeof first === 'string') return `${provider}, ${precision}: ${first.slice(0, 200)}`;
    if (first.state === 'failed' || first.engine.provider !== provider)
      return `${provider}, ${precision}: ${first.error?.message ?? first.engine.fallback ?? 'it ran on another provider'}`;
    const software = first.engine.software === true;
    const wanted = software ? softwareFrames : frames;
    // The usual way to measure: nearly every box counts, ranked by its score.
    await station.page.evaluate(
      (address) =>
        window.weir.openModel(address, {
          task: { kind: 'detection', head: 'yolov8', scoreThreshold: 0.01, iouThreshold: 0.6 },
        }),
      `models/${file}`,
    );
    const judged = await collect(station.page, wanted);
    const last = await station.snapshot();
    expectConserved(last);
    const { map50, map, ap50 } = meanAveragePrecision(judged);
    return {
      provider,
      precision,
      frames: judged.length,
      map50,
      map,
      ap50,
      runMs: last.stagesMs.run,
      serviceP50Ms: last.latencyMs.service.p50,
      software,
    };
  } finally {
    await station.page.close();
  }
}

/** Each frame once, in the page, so that nothing is missed on the way here. */
async function collect(page: Awaited<ReturnType<Bench['openPage']>>, wanted: number): Promise<JudgedFrame[]> {
  const frames = await page.evaluate(
    (count) =>
      new Promise<{ found: unknown; truth: unknown }[]>((resolve) => {
        const seen = new Set<string>();
        const kept: { found: unknown; truth: unknown }[] = [];
        const unsubscribe = window.weir.subscribe(({ result, truth }) => {
          if (truth === undefined || !Array.isArray(result)) return;
          const key = JSON.stringify(truth);
          if (seen.has(key)) return;
          seen.add(key);
          kept.push({ found: result, truth });
          if (kept.length < count) return;
          unsubscribe();
          resolve(kept);
        });
      }),
    wanted,
  );
  return frames.map(({ found, truth }) => ({ found: found as Detection[], truth: truth as TruthObject[] }));
}
