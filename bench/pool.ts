/**
 * Sessions times threads in the whole pipeline, and whether the way that Weir's own measurement chose is among the best of
 * them when all are measured again.
 */
import { hasFixtures, modelBytes, noFixtures } from '../e2e/fixtures.ts';
import { withBench } from './browser.ts';
import { completedPerS } from './completedPerS.ts';
import type { BenchEntry } from './result.ts';
import { mean } from './statistics.ts';

const models = ['detection-fastestdet', 'detection-yolox-nano'] as const;
const rounds = 4;
const windowMs = 3000;
const warmMs = 2500;

export const pool: BenchEntry = {
  about: 'sessions x threads for a small and a medium model; what auto chose / the best, measured again, >= 0.9',
  async run() {
    if (!hasFixtures) throw new Error(noFixtures);
    return withBench({}, async (bench) => {
      const rows: {
        model: string;
        way: string;
        perS: number;
        all: readonly number[];
        said: number;
        chosen: boolean;
      }[] = [];
      const ratios: { model: string; ratio: number; low: number; high: number }[] = [];
      for (const model of models) {
        const station = await bench.openStation(
          'source.difficulty=0&source.ratePerS=2000&source.width=640&source.height=360&flow.policy=block&flow.capacity=8',
        );
        const refusal = await station.openModel(modelBytes(model));
        if (refusal !== undefined) throw new Error(`${model} was refused: ${refusal.message}`);
        const choices = await station.page.evaluate(() => window.weir.measure());
        const { engine: chosen } = await station.snapshot();
        const measured: number[][] = choices.rows.map(() => []);
        for (let round = -1; round < rounds; round++) {
          // Round -1 warms; the order turns, so that a drift of the machine favours none.
          const order = choices.rows.map((_, index) => (round % 2 === 0 ? index : choices.rows.length - 1 - index));
          for (const index of order) {
            const row = choices.rows[index];
            if (row === undefined) throw new Error('A row is missing.');
            const { provider, sessions, threads } = row;
            await station.configure({ engine: { provider, sessions, threads } });
            // A fresh engine is not warm.
            await completedPerS(station, warmMs);
            const perS = await completedPerS(station, windowMs);
            if (round >= 0) measured[index]?.push(perS);
          }
        }
        const means = measured.map(mean);
        const isChosen = (index: number) => {
          const row = choices.rows[index];
          return (
            row?.provider === chosen.provider && row.sessions === chosen.sessions && row.threads === chosen.threads
          );
        };
        const best = means.indexOf(Math.max(...means));
        const picked = choices.rows.findIndex((_, index) => isChosen(index));
        if (picked < 0) throw new Error('What serves is none of the ways that were measured.');
        const paired = (measured[picked] ?? []).map((perS, i) => perS / (measured[best]?.[i] ?? NaN));
        ratios.push({
          model,
          ratio: (means[picked] ?? NaN) / (means[best] ?? NaN),
          low: Math.min(...paired),
          high: Math.max(...paired),
        });
        choices.rows.forEach(({ provider, sessions, threads, framesPerS }, index) =>
          rows.push({
            model,
            way: `${provider} ${sessions} x ${threads}`,
            perS: means[index] ?? NaN,
            all: measured[index] ?? [],
            said: framesPerS,
            chosen: isChosen(index),
          }),
        );
        await station.page.context().close();
      }
      const worst = ratios.reduce((a, b) => (b.ratio < a.ratio ? b : a));
      return {
        table: [
          ['model', 'sessions x threads', 'frames/s', 'as measured by Weir', 'chosen'],
          ...rows.map(({ model, way, perS, said, chosen }) => [model, way, perS, said, chosen ? 'yes' : '']),
        ],
        figure: {
          ratio: worst.ratio,
          low: worst.low,
          high: worst.high,
          unit: 'chosen / best',
          pass: worst.ratio >= 0.9,
        },
        details: { rows, ratios, browser: bench.version },
      };
    });
  },
};
