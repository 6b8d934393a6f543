/**
 * What repairs are worth: a bare loop of runs on the repaired model against one on the file as it is, warm, in alternation.
 * `detection-ultraface-rfb320` on two threads and on one, the other real models that can be mended on one.
 */
import { readdirSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { fixture, hasFixtures, modelBytes, noFixtures } from '../e2e/fixtures.ts';
import type { Fill, ModelFacts } from '../src/core/card.ts';
import { WeirError } from '../src/core/errors.ts';
import { inputDims } from '../src/core/inputDims.ts';
import { sourceOfBytes } from '../src/models/byteSource.ts';
import { readModel } from '../src/models/preflight.ts';
import { mend } from '../src/models/repair/mend.ts';
import { guessCard } from '../src/tasks/guess.ts';
import { buildBare } from './bare/build.ts';
import type { Bare } from './bare/main.ts';
import { withBench } from './browser.ts';
import type { BenchEntry } from './result.ts';
import { type Interval, ratioInterval } from './statistics.ts';

const gauge = 'detection-ultraface-rfb320';
const rounds = 8;
const warmMs = 2500;
const windowMs = 1200;
const leastTwo = 1.2;
const leastOne = 1.1;
const leastAny = 0.98;

interface Row extends Interval {
  readonly name: string;
  readonly threads: number;
  readonly repairs: string;
  readonly originalPerS: number;
  readonly repairedPerS: number;
}

export const repair: BenchEntry = {
  about:
    'runs/s on a repaired model / on the file as it is: UltraFace >= 1.2 on two threads, >= 1.1 on one, none < 0.98',
  async run() {
    if (!hasFixtures) throw new Error(noFixtures);
    return withBench({ roots: ['dist', await buildBare()] }, async (bench) => {
      const page = await bench.openPage('/bare.html');
      await page.waitForFunction(() => 'bare' in window);
      const rows: Row[] = [];
      const untouched: string[] = [];
      for (const name of [gauge, ...readdirSync(fixture('models') ?? '').filter((each) => each !== gauge)]) {
        const pair = pairOf(name);
        if (pair === undefined) untouched.push(name);
        else for (const threads of name === gauge ? [2, 1] : [1]) rows.push(await compare(page, name, pair, threads));
      }
      const [two, one] = rows;
      if (two === undefined || one === undefined) throw new Error('Nothing was mended.');
      const worst = Math.min(...rows.map(({ value }) => value));
      return {
        table: [
          ['model', 'threads', 'as it is, runs/s', 'repaired, runs/s', 'ratio', '95 %', 'repairs'],
          ...rows.map((row) => [
            row.name,
            row.threads,
            row.originalPerS,
            row.repairedPerS,
            row.value,
            `${row.low.toFixed(2)}–${row.high.toFixed(2)}`,
            row.repairs,
          ]),
          ...untouched.map((name) => [name, '', '', '', 1, '', 'none: the same bytes']),
        ],
        figure: {
          ratio: two.value,
          low: two.low,
          high: two.high,
          unit: 'repaired / as it is',
          pass: two.value >= leastTwo && one.value >= leastOne && worst >= leastAny,
        },
        details: { oneThread: one.value, worst, rows, untouched, browser: bench.version },
      };
    });
  },
};

interface Pair {
  readonly original: string;
  readonly repaired: string;
  readonly inputs: ModelFacts['inputs'];
  readonly fills: Readonly<Record<string, Fill>>;
  readonly repairs: string;
}

/** Undefined: it is no model that runs, or there is nothing to mend. */
function pairOf(name: string): Pair | undefined {
  let bytes: Uint8Array;
  try {
    bytes = modelBytes(name);
  } catch {
    // Of another format, or none.
    return undefined;
  }
  const source = sourceOfBytes(bytes);
  try {
    const { facts, model } = readModel(source);
    const mended = model === undefined || facts.externalFiles.length > 0 ? undefined : mend(model, source, []);
    if (mended?.graph === undefined || mended.repair === undefined || name.startsWith('bad-')) return undefined;
    return {
      original: Buffer.from(bytes).toString('base64'),
      repaired: Buffer.from(mended.graph.bytes).toString('base64'),
      inputs: facts.inputs,
      fills: fillsOf(facts),
      repairs: mended.repair.notes.map(({ kind, count }) => `${kind} ${count}`).join(', '),
    };
  } catch (error) {
    if (error instanceof WeirError) return undefined;
    throw error;
  }
}

/** Noise in every input of floats, zeros in those of whole numbers; constants of the guess, such as a sampling rate, stay. */
function fillsOf(facts: ModelFacts): Record<string, Fill> {
  const { prepare, stream, fills } = guessCard(facts, 'model');
  return Object.fromEntries(
    facts.inputs.map((info) => {
      const own = fills?.[info.name];
      if (own?.kind === 'constant') return [info.name, own];
      const dims =
        prepare?.input === info.name
          ? inputDims(prepare, info)
          : stream?.input === info.name
            ? stream.dims
            : info.shape;
      const sizes = (own?.dims ?? dims).map((dim) => (typeof dim === 'number' ? dim : 1));
      // Zero is in every vocabulary.
      const whole = /int|bool/.test(info.type);
      return [info.name, whole ? { kind: 'constant', dims: sizes, value: 0 } : { kind: 'noise', dims: sizes }];
    }),
  );
}

async function compare(page: Page, name: string, pair: Pair, threads: number): Promise<Row> {
  const { inputs, fills, repairs } = pair;
  const open = (modelBase64: string) =>
    page.evaluate(async (what) => (await (window as never as { bare: Bare }).bare.openLoop(what)).loop, {
      modelBase64,
      inputs,
      fills,
      threads,
    });
  const run = (loop: number, ms: number) =>
    page.evaluate((what) => (window as never as { bare: Bare }).bare.runLoop(what.loop, what.ms), { loop, ms });
  const original = await open(pair.original);
  const repaired = await open(pair.repaired);
  for (const loop of [original, repaired]) await run(loop, warmMs);
  const pairs: { original: number; repaired: number }[] = [];
  for (let i = 0; i < rounds; i++) {
    // The order turns, so that a drift of the machine favours neither.
    const first = i % 2 === 0 ? await run(original, windowMs) : undefined;
    const mended = await run(repaired, windowMs);
    pairs.push({ original: first ?? (await run(original, windowMs)), repaired: mended });
  }
  await page.evaluate(() => (window as never as { bare: Bare }).bare.endLoops());
  const mean = (side: 'original' | 'repaired') => pairs.reduce((sum, each) => sum + each[side], 0) / pairs.length;
  return {
    name,
    threads,
    repairs,
    originalPerS: mean('original'),
    repairedPerS: mean('repaired'),
    ...ratioInterval(pairs.map((each) => each.repaired / each.original)),
  };
}
