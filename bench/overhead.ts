/**
 * What Weir adds to a run: from `arrived` to `decoded` less the run itself, for a model of one operator at 500 frames a
 * second, against a bare message there and back over the same hops with an answer of the same size, in turns.
 * Between them lie the gate, pixels, preparation, the copies into and out of the runtime, decoding and accounting.
 */
import type { Page } from '@playwright/test';
import type { Station } from '../e2e/station.ts';
import { writeOnnx } from '../src/models/onnxWriter.ts';
import type { Bare } from './bare/main.ts';
import { buildBare } from './bare/build.ts';
import { keptNames, withBench } from './browser.ts';
import type { BenchEntry } from './result.ts';
import { type Row, settledDuring, settledProbe, workerOf } from './settled.ts';
import { mean, ratioInterval } from './statistics.ts';

const ratePerS = 500;
const pairs = 10;
const windowMs = 3000;
const warmMs = 3000;
const settleMs = 400;
const limit = 3;

/** Small, so that what is measured is the way and not the arithmetic; a picture for it is measured beside. */
const shape = [1, 3, 8, 8];
const outputBytes = 4 * 3;
export const oneOperator = () =>
  writeOnnx({
    name: 'one',
    inputs: [{ name: 'input', shape }],
    outputs: [{ name: 'output', shape: [1, 3, 1, 1] }],
    nodes: [{ op: 'GlobalAveragePool', inputs: ['input'], outputs: ['output'] }],
  });

export const overhead: BenchEntry = {
  about: 'arrived to decoded less the run, 1-op model at 500 frames/s / bare message there and back: p50 ratio <= 3',
  async run() {
    const roots = ['dist', await buildBare()];
    return withBench({ roots, replace: settledProbe }, async (bench) => {
      const station = await bench.openStation(
        `source.kind=constant&source.difficulty=0&source.width=64&source.height=64&engine.provider=wasm&engine.threads=1&engine.sessions=1&source.ratePerS=${ratePerS}&flow.policy=dropOldest&flow.capacity=100`,
      );
      const refusal = await station.openModel(oneOperator());
      if (refusal !== undefined) throw new Error(`The model was refused: ${refusal.message}`);
      await station.until('frames', (now) => now.counts.completed > 20, 60_000);
      const bare = await bench.openPage('/bare.html');
      await bare.waitForFunction(() => 'bare' in window);
      await station.page.waitForTimeout(warmMs);
      await pause(station);
      await pingFor(bare, warmMs);

      const rounds: { ours: Figures; bare: Figures; frames: readonly Row[] }[] = [];
      const pictures: Row[] = [];
      for (let i = 0; i < pairs; i++) {
        const first = i % 2 === 0;
        const ping = first ? undefined : await pingFor(bare, windowMs);
        const frames = await framesFor(station, windowMs);
        const pong = ping ?? (await pingFor(bare, windowMs));
        await station.configure({ source: { kind: 'scene' } });
        pictures.push(...(await framesFor(station, windowMs)));
        await station.configure({ source: { kind: 'constant' } });
        rounds.push({ ours: figures(frames.map(overheadMs)), bare: figures(pong), frames });
      }
      const moved = await countMoves(station);
      await station.configure({ source: { kind: 'scene' } });
      const movedPictures = await countMoves(station);
      const all = rounds.flatMap(({ frames }) => frames);
      const ours = figures(all.map(overheadMs));
      const p50 = ratioInterval(rounds.map((round) => round.ours.p50 / round.bare.p50));
      const p99 = ratioInterval(rounds.map((round) => round.ours.p99 / round.bare.p99));
      const withPictures = figures(pictures.map(overheadMs));
      const part = (of: (row: Row) => number) => figures(all.map(of)).p50;
      const parts = {
        'at the gate': part((row) => row.dequeued - row.arrived),
        'way there': part((row) => row.began - row.dequeued),
        'pixels and preparation': part((row) => row.prepared - row.began),
        'way back': part((row) => row.returned - row.ran),
        decoding: part((row) => row.decoded - row.returned),
      };
      return {
        table: [
          ['pair', 'ours p50, ms', 'bare p50, ms', 'ratio'],
          ...rounds.map((round, i) => [String(i + 1), round.ours.p50, round.bare.p50, round.ours.p50 / round.bare.p50]),
          ['all', ours.p50, mean(rounds.map((round) => round.bare.p50)), p50.value],
          ['p99', ours.p99, mean(rounds.map((round) => round.bare.p99)), p99.value],
          ['with pictures of 64 x 64, p50', withPictures.p50, '', ''],
          ...Object.entries(parts).map(([name, ms]) => [`p50 ${name}`, ms, '', '']),
          ...Object.entries(moved).map(([name, count]) => [`${name} per frame`, count, '', '']),
          ...Object.entries(movedPictures).map(([name, count]) => [`${name} per picture`, count, '', '']),
        ],
        figure: { ratio: p50.value, low: p50.low, high: p50.high, unit: 'ours / bare', pass: p50.value <= limit },
        details: {
          p50Ms: ours.p50,
          p99Ms: ours.p99,
          bareP50Ms: mean(rounds.map((round) => round.bare.p50)),
          p99Ratio: p99,
          partsP50Ms: parts,
          perFrame: moved,
          perPicture: movedPictures,
          withPicturesMs: withPictures,
          frames: all.length,
          outputBytes,
          browser: bench.version,
        },
      };
    });
  },
};

interface Figures {
  readonly p50: number;
  readonly p99: number;
}

function figures(values: readonly number[]): Figures {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

const overheadMs = ({ arrived, prepared, ran, decoded }: Row) => decoded - arrived - (ran - prepared);

const pause = async ({ page }: Station) => {
  await page.evaluate(() => window.weir.pause());
  await page.waitForTimeout(settleMs);
};

async function framesFor(station: Station, ms: number): Promise<readonly Row[]> {
  const rows = await settledDuring(station, async () => {
    await station.page.evaluate(() => window.weir.start());
    await station.page.waitForTimeout(ms);
    await pause(station);
  });
  const done = rows.filter(({ outcome }) => outcome === 'completed');
  if (done.length < 0.9 * rows.length || done.length < (0.8 * ratePerS * ms) / 1000)
    throw new Error(`${done.length} frames were completed in ${ms} ms at ${ratePerS}/s: not sound.`);
  return done;
}

async function pingFor(page: Page, ms: number): Promise<readonly number[]> {
  const times = await page.evaluate((what) => (window as never as { bare: Bare }).bare.ping(what), {
    ratePerS,
    ms,
    bytes: outputBytes,
  });
  await page.waitForTimeout(settleMs);
  return times;
}

interface Moves {
  messages: number;
  copies: number;
  copiedBytes: number;
  buffers: number;
}

/** Messages between the threads, copies of arrays, and new buffers, counted where the language makes them. */
async function countMoves(station: Station): Promise<Record<string, number>> {
  const install = () => {
    const moves: Moves = { messages: 0, copies: 0, copiedBytes: 0, buffers: 0 };
    const scope = self as unknown as Record<string, unknown> & { benchUndo?: () => void; benchMoves?: Moves };
    const undo: (() => void)[] = [];
    const wrap = (owner: object, name: string, before: (self: never, given: never[], result: unknown) => void) => {
      const holder = owner as Record<string, (...given: never[]) => unknown>;
      const original = holder[name];
      if (original === undefined) return;
      const own = Object.hasOwn(owner, name);
      holder[name] = function (this: never, ...given: never[]) {
        const result = original.apply(this, given);
        before(this, given, result);
        return result;
      };
      undo.push(() => {
        if (own) holder[name] = original;
        else delete holder[name];
      });
    };
    const kindOf = (message: unknown) => (message as { kind?: string } | undefined)?.kind;
    const isFrame = (message: unknown) => kindOf(message) === 'run' || kindOf(message) === 'ran';
    const message = (_: never, [first]: never[]) => {
      if (isFrame(first)) moves.messages += 1;
    };
    wrap(Worker.prototype, 'postMessage', message);
    wrap(self, 'postMessage', message);
    const arrays = Object.getPrototypeOf(Uint8Array.prototype) as object;
    wrap(arrays, 'set', (_, [from]) => {
      moves.copies += 1;
      moves.copiedBytes += (from as unknown as { byteLength?: number }).byteLength ?? 0;
    });
    wrap(arrays, 'slice', (_, __, result) => {
      moves.copies += 1;
      moves.buffers += 1;
      moves.copiedBytes += (result as Uint8Array).byteLength;
    });
    for (const name of ['ArrayBuffer', 'Uint8Array', 'Float32Array', 'Float64Array'] as const) {
      const plain = scope[name] as typeof Float32Array;
      // Views of what is there already are no new buffers.
      scope[name] = new Proxy(plain, {
        construct(target, given: [unknown], asked) {
          if (!(given[0] instanceof ArrayBuffer || given[0] instanceof SharedArrayBuffer)) moves.buffers += 1;
          return Reflect.construct(target, given, asked) as object;
        },
      });
      undo.push(() => {
        scope[name] = plain;
      });
    }
    scope.benchMoves = moves;
    scope.benchUndo = () => undo.forEach((each) => each());
  };
  const workers = [workerOf(station, 'pipeline'), workerOf(station, 'engine')];
  for (const worker of workers) {
    await worker.evaluate(keptNames);
    await worker.evaluate(install);
  }
  const frames = await framesFor(station, windowMs);
  const sums = await Promise.all(
    workers.map((worker) =>
      worker.evaluate(() => {
        const { benchMoves, benchUndo } = self as never as { benchMoves: Moves; benchUndo(): void };
        benchUndo();
        return benchMoves;
      }),
    ),
  );
  const perFrame = (of: (moves: Moves) => number) => sums.reduce((sum, each) => sum + of(each), 0) / frames.length;
  return {
    messages: perFrame(({ messages }) => messages),
    copies: perFrame(({ copies }) => copies),
    'copied bytes': perFrame(({ copiedBytes }) => copiedBytes),
    'new buffers': perFrame(({ buffers }) => buffers),
  };
}
