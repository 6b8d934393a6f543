/**
 * The whole pipeline against a bare `session.run` loop in a worker: same model, input, provider and threads, in turns.
 * What is missing to 1 is the price of pixels, preparation, hops, decoding, accounting and the page itself.
 */
import { availableParallelism } from 'node:os';
import type { Page } from '@playwright/test';
import { hasFixtures, modelBytes } from '../e2e/fixtures.ts';
import { buildConvGraph } from '../src/models/buildGraph.ts';
import { buildBare } from './bare/build.ts';
import type { Bare } from './bare/main.ts';
import { withBench } from './browser.ts';
import { completedPerS } from './completedPerS.ts';
import type { BenchEntry } from './result.ts';
import { mean, ratioInterval } from './statistics.ts';

/** One core is left to the page and the pipeline, in both turns: threads that fight over it would measure the fight. */
const threads = Math.max(1, Math.min(4, availableParallelism() - 1));
const pairs = 10;
const windowMs = 3000;
const warmMs = 4000;
const settleMs = 400;

export const parity: BenchEntry = {
  about: 'frames/s of the whole pipeline / frames/s of a bare session.run loop on WASM, >= 0.90',
  async run() {
    const roots = ['dist', await buildBare()];
    const name = hasFixtures ? 'detection-ultraface-rfb320' : 'a generated stack of convolutions';
    const model = hasFixtures
      ? modelBytes('detection-ultraface-rfb320')
      : // A stand-in for UltraFace: the same input, about 10 ms, outputs of some 60 kB as a detector's are.
        buildConvGraph({ input: [1, 3, 240, 320], layers: 2, channels: 8, stride: 4 });
    return withBench({ roots }, async (bench) => {
      // The plain scene: painting a crowded one is the price of a demo, not of a pipeline.
      const station = await bench.openStation(
        `source.difficulty=0&engine.provider=wasm&engine.threads=${threads}&engine.sessions=1&source.ratePerS=1000&source.width=320&source.height=240&flow.policy=block&flow.capacity=4`,
      );
      const refusal = await station.openModel(model);
      if (refusal !== undefined) throw new Error(`The model was refused: ${refusal.message}`);
      const { engine } = await station.until('frames', (now) => now.counts.completed > 20, 60_000);
      const { input } = await station.inspect();
      await station.page.evaluate(() => window.weir.pause());

      const bare = await bench.openPage('/bare.html');
      await bare.waitForFunction(() => 'bare' in window);
      await bare.evaluate(
        ({ modelBase64, inputBase64, inputName, dims, threads }) =>
          (window as never as { bare: Bare }).bare.load({ modelBase64, inputBase64, inputName, dims, threads }),
        {
          modelBase64: Buffer.from(model).toString('base64'),
          inputBase64: Buffer.from((input.data as Float32Array).buffer).toString('base64'),
          inputName: input.name,
          dims: [...input.dims],
          threads: engine.threads,
        },
      );

      await bareLoop(bare, warmMs);
      await completedPerS(station, warmMs);
      const rounds: { whole: number; bare: number }[] = [];
      for (let i = 0; i < pairs; i++) {
        // Who goes first alternates too, so that a drift of the machine favours neither.
        const first = i % 2 === 0;
        const one = first ? await completedPerS(station, windowMs) : await bareLoop(bare, windowMs);
        const two = first ? await bareLoop(bare, windowMs) : await completedPerS(station, windowMs);
        rounds.push(first ? { whole: one, bare: two } : { whole: two, bare: one });
      }
      const { value, low, high } = ratioInterval(rounds.map(({ whole, bare: alone }) => whole / alone));
      const end = await station.snapshot();
      if (end.counts.failed > 0) throw new Error(`${end.counts.failed} frames failed: not sound.`);
      return {
        table: [
          ['pair', 'pipeline/s', 'bare/s', 'ratio'],
          ...rounds.map(({ whole, bare: alone }, i) => [String(i + 1), whole, alone, whole / alone]),
          ['all', mean(rounds.map((each) => each.whole)), mean(rounds.map((each) => each.bare)), value],
        ],
        figure: { ratio: value, low, high, unit: 'pipeline / bare', pass: value >= 0.9 },
        details: {
          model: name,
          // Half an interval wider than a tenth says more about the machine than about the pipeline.
          noisy: high / low > 1.2,
          provider: engine.provider,
          threads: engine.threads,
          sessions: engine.sessions,
          framesPerS: mean(rounds.map((each) => each.whole)),
          bareFramesPerS: mean(rounds.map((each) => each.bare)),
          stagesMs: end.stagesMs,
          browser: bench.version,
        },
      };
    });
  },
};

async function bareLoop(page: Page, ms: number): Promise<number> {
  const rate = await page.evaluate((span) => (window as never as { bare: Bare }).bare.run(span), ms);
  await page.waitForTimeout(settleMs);
  return rate;
}
