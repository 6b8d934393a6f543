/**
 * Weir as it opens against the loop of the tutorials, on real frames of a video: preparation, run, decoding and drawing of
 * results on both sides. Weir serves each frame of the file once; the loop takes whatever frame its video element shows.
 */
import type { Page } from '@playwright/test';
import { hasFixtures, mediaBytes, modelBytes, noFixtures } from '../e2e/fixtures.ts';
import type { Station } from '../e2e/station.ts';
import { buildBare } from './bare/build.ts';
import type { Bare } from './bare/main.ts';
import type { NaiveModel } from './bare/naive.ts';
import { withBench } from './browser.ts';
import { completedPerS } from './completedPerS.ts';
import type { BenchEntry } from './result.ts';
import { mean, median, ratioInterval } from './statistics.ts';

const video = 'video/bottle-detection.mp4';
const pairs = 6;
const windowMs = 3000;
const warmMs = 3000;

const models: readonly (Omit<NaiveModel, 'modelBase64'> & { readonly name: string })[] = [
  {
    name: 'detection-ultraface-rfb320',
    input: 'input',
    width: 320,
    height: 240,
    bgr: false,
    scale: 1 / 128,
    mean: 127,
    head: 'ssd',
  },
  {
    name: 'detection-fastestdet',
    input: 'input.1',
    width: 352,
    height: 352,
    bgr: true,
    scale: 1 / 255,
    mean: 0,
    head: 'grid',
  },
  {
    name: 'detection-yolox-nano',
    input: 'images',
    width: 416,
    height: 416,
    bgr: true,
    scale: 1,
    mean: 0,
    head: 'rows',
  },
];

export const naive: BenchEntry = {
  about: 'Weir as it opens / the loop of the tutorials on the page, frames/s, median of three detectors, >= 1.5',
  async run() {
    if (!hasFixtures) throw new Error(noFixtures);
    const film = Buffer.from(mediaBytes(video)).toString('base64');
    return withBench({ roots: ['dist', await buildBare()] }, async (bench) => {
      const rows: {
        name: string;
        weir: number;
        naive: number;
        ratio: number;
        low: number;
        high: number;
        runs: string;
      }[] = [];
      for (const { name, ...model } of models) {
        const bytes = modelBytes(name);
        const station = await bench.openStation();
        await station.page.evaluate(async (base64) => {
          const file = new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], 'film.mp4');
          await window.weir.configure({ source: { kind: 'video', speed: 0, loop: true, files: [file] } });
        }, film);
        const refusal = await station.openModel(bytes);
        if (refusal !== undefined) throw new Error(`${name} was refused: ${refusal.message}`);
        const page = await bench.openPage('/bare.html');
        await page.waitForFunction(() => 'bare' in window);
        await page.evaluate(([of, base64]) => (window as never as { bare: Bare }).bare.loadNaive(of, base64), [
          { ...model, modelBase64: Buffer.from(bytes).toString('base64') },
          film,
        ] as const);
        await station.page.evaluate(() => window.weir.pause());
        await loop(page, warmMs);
        await completedPerS(station, warmMs);
        const rounds: { weir: number; naive: number }[] = [];
        let threads = 0;
        for (let i = 0; i < pairs; i++) {
          const first = i % 2 === 0 ? await completedPerS(station, windowMs) : undefined;
          const other = await loop(page, windowMs);
          threads = other.threads;
          rounds.push({ weir: first ?? (await completedPerS(station, windowMs)), naive: other.perS });
        }
        rows.push(await rowOf(name, station, rounds, threads));
        await station.page.context().close();
        await page.context().close();
      }
      const ratio = median(rows.map((row) => row.ratio));
      const middle = rows.find((row) => row.ratio === ratio) ?? rows[0];
      return {
        table: [
          ['model', 'Weir/s', 'loop/s', 'ratio', 'low', 'high', 'Weir ran on'],
          ...rows.map((row) => [row.name, row.weir, row.naive, row.ratio, row.low, row.high, row.runs]),
        ],
        figure: { ratio, low: middle?.low ?? NaN, high: middle?.high ?? NaN, unit: 'Weir / loop', pass: ratio >= 1.5 },
        details: { rows, video, browser: bench.version },
      };
    });
  },
};

async function rowOf(
  name: string,
  station: Station,
  rounds: readonly { weir: number; naive: number }[],
  threads: number,
) {
  const { value, low, high } = ratioInterval(rounds.map(({ weir, naive: alone }) => weir / alone));
  const { engine, counts } = await station.snapshot();
  if (counts.failed > 0) throw new Error(`${counts.failed} frames failed: not sound.`);
  return {
    name,
    weir: mean(rounds.map((each) => each.weir)),
    naive: mean(rounds.map((each) => each.naive)),
    ratio: value,
    low,
    high,
    runs: `${engine.provider}, ${engine.sessions} x ${engine.threads} (loop: ${threads} threads)`,
  };
}

const loop = (page: Page, ms: number) =>
  page.evaluate((span) => (window as never as { bare: Bare }).bare.runNaive(span), ms);
