/** Preparation alone: from a decoded frame of a video to the input of a model, against drawImage + getImageData + a loop. */
import { hasFixtures, mediaBytes, noFixtures } from '../e2e/fixtures.ts';
import { buildBare } from './bare/build.ts';
import type { Bare } from './bare/main.ts';
import { withBench } from './browser.ts';
import type { BenchEntry } from './result.ts';
import { mean, ratioInterval } from './statistics.ts';

const video = 'video/bottle-detection.mp4';
const sizes = [224, 640, 1280] as const;
const least = { 224: 2, 640: 2.5, 1280: 2 } as const;
const pairs = 8;
const windowMs = 1500;
const warmMs = 2000;

export const prepare: BenchEntry = {
  about: 'preparing a 640x360 frame to 224, 640, 1280: the naive loop / Weir, ms, >= 2, 2.5, 2',
  async run() {
    if (!hasFixtures) throw new Error(noFixtures);
    return withBench({ roots: [await buildBare()] }, async (bench) => {
      const page = await bench.openPage('/bare.html');
      await page.waitForFunction(() => 'bare' in window);
      const frames = await page.evaluate(
        (film) => (window as never as { bare: Bare }).bare.loadFrames(film),
        Buffer.from(mediaBytes(video)).toString('base64'),
      );
      const weir = (size: number, ms: number) =>
        page.evaluate(([s, t]) => (window as never as { bare: Bare }).bare.prepare(s, t), [size, ms] as const);
      const naive = (size: number, ms: number) =>
        page.evaluate(([s, t]) => (window as never as { bare: Bare }).bare.prepareNaively(s, t), [size, ms] as const);
      const rows: { size: number; weirMs: number; naiveMs: number; ratio: number; low: number; high: number }[] = [];
      for (const size of sizes) {
        await weir(size, warmMs);
        await naive(size, warmMs);
        const rounds: { weir: number; naive: number }[] = [];
        for (let i = 0; i < pairs; i++) {
          const first = i % 2 === 0 ? await weir(size, windowMs) : undefined;
          const other = await naive(size, windowMs);
          rounds.push({ weir: first ?? (await weir(size, windowMs)), naive: other });
        }
        const { value, low, high } = ratioInterval(rounds.map((each) => each.naive / each.weir));
        rows.push({
          size,
          weirMs: mean(rounds.map((each) => each.weir)),
          naiveMs: mean(rounds.map((each) => each.naive)),
          ratio: value,
          low,
          high,
        });
      }
      const at640 = rows.find(({ size }) => size === 640);
      if (at640 === undefined) throw new Error('640 was not measured.');
      return {
        table: [
          ['size', 'Weir ms', 'naive ms', 'ratio', 'low', 'high'],
          ...rows.map((row) => [row.size, row.weirMs, row.naiveMs, row.ratio, row.low, row.high]),
        ],
        figure: {
          ratio: at640.ratio,
          low: at640.low,
          high: at640.high,
          unit: 'naive / Weir',
          pass: rows.every(({ size, ratio }) => ratio >= least[size as keyof typeof least]),
        },
        details: { rows, frames, browser: bench.version },
      };
    });
  },
};
