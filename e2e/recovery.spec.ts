/**
 * Engine workers that hang, throw, end or lose their memory: a fresh one takes over, results stay right, counts stay exact.
 * The long form (`npm run prove -- recovery`) does it twenty times and prints how long the slowest took.
 */
import type { Worker } from '@playwright/test';
import { buildSobel } from '../src/models/buildGraph.ts';
import { expect, type Station, test } from './station.ts';
import { expectClose, runPlain } from './tensors.ts';

const long = process.env['WEIR_LONG'] === '1';
const harms = ['hang', 'throw', 'end', 'memory'] as const;
type Harm = (typeof harms)[number];
const rounds = long ? 20 : harms.length;

/** The engine workers that have the runtime are the one with the session and, younger, the spare. */
async function engineWorkers(station: Station): Promise<{ runner: Worker; feeder: Worker | undefined }> {
  let found: { worker: Worker; born: number; runs: boolean }[] = [];
  await expect(async () => {
    const engines = station.page.workers().filter((worker) => worker.url().includes('engine.worker'));
    found = await Promise.all(
      engines.map(async (worker) => ({
        worker,
        ...(await worker.evaluate(() => ({
          born: performance.timeOrigin,
          runs: performance.getEntriesByType('resource').some(({ name }) => /ort-wasm.*\.wasm/.test(name)),
        }))),
      })),
    );
    expect(found.some(({ runs }) => runs)).toBe(true);
  }).toPass({ timeout: 20_000 });
  found.sort((a, b) => a.born - b.born);
  const runner = found.find(({ runs }) => runs)?.worker;
  if (runner === undefined) throw new Error('No engine worker runs the model.');
  return { runner, feeder: found.find(({ runs }) => !runs)?.worker };
}

async function harm(worker: Worker, how: Harm): Promise<void> {
  await worker.evaluate((kind) => {
    // Asked for now, done when the answer is on its way.
    setTimeout(() => {
      switch (kind) {
        case 'hang':
          for (;;);
        case 'throw':
          throw new Error('RuntimeError: Aborted()');
        case 'end':
          return self.close();
        case 'memory':
          throw new Error('RangeError: Out of memory');
      }
    }, 20);
  }, how);
}

/** Ms from the moment of the loss to the next completed frame, as the page's own numbers tell it, every tenth of a second. */
function resumed(station: Station): Promise<number> {
  return station.page.evaluate(
    () =>
      new Promise<number>((done) => {
        const before = window.weir.snapshot().engine.losses ?? 0;
        let lostAt: number | undefined;
        let completed = 0;
        const stop = window.weir.subscribe(({ counts, engine }) => {
          if (lostAt === undefined) {
            if ((engine.losses ?? 0) === before) return;
            lostAt = performance.now();
            completed = counts.completed;
          } else if (counts.completed > completed) {
            stop();
            done(performance.now() - lostAt);
          }
        });
      }),
  );
}

test(`an engine that is harmed ${rounds} times goes on, with right results and exact counts`, async ({ station }) => {
  test.setTimeout(long ? 600_000 : 120_000);
  const model = buildSobel(60, 80);
  // From the simulated engine, so that no engine of another model is kept warm beside this one.
  await station.run(
    'engine.provider=simulated&engine.sessions=1&engine.maxLosses=off&source.ratePerS=60&source.width=160&source.height=120',
  );
  expect(await station.openModel(model)).toBeUndefined();
  await station.configure({ engine: { provider: 'wasm' } });
  let wrong = 0;
  let looks = 0;
  const look = async () => {
    const { inputs, outputs } = await station.inspect();
    looks += 1;
    const reference = await runPlain(model, inputs);
    try {
      expectClose(outputs, reference);
    } catch {
      wrong += 1;
    }
  };
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await station.goesOn(10);
    await look();
    // A worker that was ended answers for a while.
    await station.watch(1000);
    const { runner, feeder } = await engineWorkers(station);
    const how = harms[round % harms.length] ?? 'hang';
    // Every fifth time it is the worker that prepares.
    const victim = round % 5 === 4 && feeder !== undefined ? feeder : runner;
    const back = resumed(station);
    await harm(victim, how);
    times.push(await back);
    for (let i = 0; i < 3; i++) await look();
  }
  await station.page.evaluate(() => window.weir.stop());
  const { counts, engine } = await station.until('rest', (now) => now.state === 'idle');
  expect(wrong, `wrong results of ${looks}`).toBe(0);
  expect(counts.inFlight + counts.queued).toBe(0);
  expect(engine.provider).toBe('wasm');
  // Each harm costs at most what was in the engine.
  expect(counts.failed).toBeLessThanOrEqual(rounds * 2);
  // A thrown error of a worker is told to the console by the browser, and the page tells it as a toast.
  station.complaints.length = 0;
  console.log(
    JSON.stringify({
      prove: 'recovery',
      value: Math.max(...times) / 1000,
      unit: 's',
      rounds,
      wrong,
      looks,
      failed: counts.failed,
    }),
  );
  if (long) expect(Math.max(...times)).toBeLessThanOrEqual(3000);
});
