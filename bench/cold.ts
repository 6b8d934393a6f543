/**
 * How long it takes from a dropped model to its first result, against creating a session and running it once in a fresh
 * worker; and the same model dropped again, once with another one in between and
 * once without; the longer of both counts.
 */
import { hasFixtures, modelBytes, noFixtures } from '../e2e/fixtures.ts';
import type { Station } from '../e2e/station.ts';
import { buildSobel } from '../src/models/buildGraph.ts';
import { buildBare } from './bare/build.ts';
import type { Bare } from './bare/main.ts';
import { withBench } from './browser.ts';
import type { BenchEntry } from './result.ts';
import { mean, median, ratioInterval } from './statistics.ts';

const models = [
  { name: 'detection-ultraface-rfb320', inputName: 'input', dims: [1, 3, 240, 320] },
  { name: 'detection-yolox-nano', inputName: 'images', dims: [1, 3, 416, 416] },
] as const;
const rounds = 8;
/** What a tenth more and these may be on top. */
const graceMs = 50;

export const cold: BenchEntry = {
  about: 'drop to first result / bare create + run in a fresh worker, <= 1.10 + 50 ms; the same model again <= 0.5',
  async run() {
    if (!hasFixtures) throw new Error(noFixtures);
    return withBench({ roots: ['dist', await buildBare()] }, async (bench) => {
      const bare = await bench.openPage('/bare.html');
      await bare.waitForFunction(() => 'bare' in window);
      // The engine as it opens: threads are the machine's.
      const station = await bench.openStation(
        'source.ratePerS=60&source.width=320&source.height=240&source.difficulty=0',
      );
      const { engine } = await station.until('frames', (now) => now.counts.completed > 20, 60_000);
      const other = Buffer.from(buildSobel(120, 160)).toString('base64');
      const rows: {
        name: string;
        firstMs: number;
        againMs: number;
        bareMs: number;
        ratio: number;
        low: number;
        high: number;
        again: number;
        over: number;
      }[] = [];
      for (const { name, inputName, dims } of models) {
        const modelBase64 = Buffer.from(modelBytes(name)).toString('base64');
        const alone = () =>
          bare.evaluate((what) => (window as never as { bare: Bare }).bare.cold(what), {
            modelBase64,
            inputName,
            dims: [...dims],
            threads: engine.threads,
          });
        const taken: { first: number; again: number; bare: number }[] = [];
        for (let i = -1; i < rounds; i++) {
          // A byte of metadata more makes it a model that was never here.
          const fresh = Buffer.from(withName(modelBytes(name), `${name} ${i}`)).toString('base64');
          const before = i % 2 === 0 ? await quiet(station, alone) : undefined;
          const first = await drop(station, fresh);
          await drop(station, other);
          const again = await drop(station, fresh);
          const twice = await drop(station, fresh);
          await drop(station, other);
          const last = before ?? (await quiet(station, alone));
          if (i >= 0) taken.push({ first, again: Math.max(again, twice), bare: last });
        }
        const { value, low, high } = ratioInterval(taken.map((each) => each.first / each.bare));
        const bareMs = mean(taken.map((each) => each.bare));
        const firstMs = mean(taken.map((each) => each.first));
        rows.push({
          name,
          firstMs,
          againMs: mean(taken.map((each) => each.again)),
          bareMs,
          ratio: value,
          low,
          high,
          again: median(taken.map((each) => each.again / each.bare)),
          over: firstMs - 1.1 * bareMs,
        });
      }
      const worst = rows.reduce((a, b) => (b.over > a.over ? b : a));
      const again = Math.max(...rows.map((row) => row.again));
      return {
        table: [
          ['model', 'drop ms', 'again ms', 'bare ms', 'drop / bare', 'again / bare', 'beyond 1.1 x bare, ms'],
          ...rows.map((row) => [row.name, row.firstMs, row.againMs, row.bareMs, row.ratio, row.again, row.over]),
        ],
        figure: {
          ratio: worst.ratio,
          low: worst.low,
          high: worst.high,
          again,
          unit: 'drop / bare',
          pass: worst.over <= graceMs && again <= 0.5,
        },
        details: { rows, threads: engine.threads, browser: bench.version },
      };
    });
  },
};

/**
 * Ms from handing in the bytes to the first frame that this model served. Nothing streams meanwhile, as nothing does beside
 * the bare worker; the stream begins when the model is open.
 */
function drop(station: Station, base64: string): Promise<number> {
  return station.page.evaluate(async (encoded) => {
    const { weir } = window;
    const bytes = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
    weir.pause();
    await new Promise((done) => setTimeout(done, 300));
    const started = performance.now();
    await weir.openModel(bytes.buffer);
    const served = weir.inspect();
    await weir.start();
    await served;
    return performance.now() - started;
  }, base64);
}

/** The station does not compete with what is measured beside it. */
async function quiet(station: Station, work: () => Promise<number>): Promise<number> {
  await station.page.evaluate(() => window.weir.pause());
  const ms = await work();
  await station.page.evaluate(() => window.weir.start());
  return ms;
}

/** A model with another producer version (field 3 of ModelProto), which changes nothing but its hash; later fields win. */
function withName(model: Uint8Array, name: string): Uint8Array {
  const text = new TextEncoder().encode(name);
  return Buffer.concat([model, Uint8Array.of(0x1a, text.length), text]);
}
