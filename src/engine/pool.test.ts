/** The pool over fake workers: order, exactly one answer per job, watchdog, crashes, and what happens when all is lost. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Feed, Prepare } from '../core/card.ts';
import type { EngineJob, EngineReply } from '../core/engine.ts';
import type { WeirErrorData } from '../core/errors.ts';
import type { FromEngine, ToEngine, WorkerLike } from './messages.ts';
import { runOne } from './runOne.fixture.ts';
import { createPool, type PoolOptions } from './pool.ts';

const prepare: Prepare = {
  input: 'x',
  width: 2,
  height: 2,
  fit: 'stretch',
  color: 'rgb',
  layout: 'nchw',
  type: 'float32',
  scale: 1,
  mean: [0, 0, 0],
  std: [1, 1, 1],
  pad: 0,
};
const job = (seed: number): EngineJob => ({
  payload: { kind: 'scene', seed, t: 0, width: 4, height: 4, difficulty: 0, motion: 1 },
});
const seedOf = (each: EngineJob) => (each.payload.kind === 'scene' ? each.payload.seed : -1);

type Behaviour = (
  job: EngineJob,
  index: number,
) => { ms: number; reply?: WeirErrorData; poisoned?: boolean } | 'hang' | 'crash';

interface FakeOptions {
  readonly behaviour: Behaviour;
  readonly clockOffsetMs?: number;
  readonly loadError?: WeirErrorData;
  readonly hangsInWarmUp?: true;
}

/** Behaves as `serveEngine` does: in order, one at a time. */
class FakeWorker implements WorkerLike {
  onmessage: WorkerLike['onmessage'] = null;
  onerror: WorkerLike['onerror'] = null;
  onmessageerror: WorkerLike['onmessageerror'] = null;
  terminated = false;
  readonly ran: number[] = [];
  readonly feeds: Feed[] = [];
  readonly #options: FakeOptions;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(options: FakeOptions) {
    this.#options = options;
  }

  postMessage(message: ToEngine): void {
    if (message.kind === 'ping') {
      const now = performance.timeOrigin + performance.now() - (this.#options.clockOffsetMs ?? 0);
      queueMicrotask(() => this.say({ kind: 'pong', id: message.id, now }));
      return;
    }
    this.#tail = this.#tail.then(() => this.#handle(message));
  }

  terminate(): void {
    this.terminated = true;
  }

  say(message: FromEngine): void {
    if (!this.terminated) this.onmessage?.({ data: message } as MessageEvent<FromEngine>);
  }

  async #handle(message: Exclude<ToEngine, { kind: 'ping' }>): Promise<void> {
    const { id } = message;
    if (message.kind === 'feeder' || message.kind === 'profile' || message.kind === 'warm') return;
    if (message.kind === 'feed') return void this.feeds.push(message.feed);
    if (message.kind === 'load') {
      this.say({ kind: 'step', id, step: 'compile' });
      if (this.#options.loadError !== undefined)
        return this.say({ kind: 'failed', id, error: this.#options.loadError });
      this.say({ kind: 'step', id, step: 'warmUp' });
      if (this.#options.hangsInWarmUp) return new Promise(() => {});
      const facts = {
        provider: message.provider === 'webgpu' ? 'webgpu' : 'wasm',
        threads: message.threads,
        isolated: true,
        coldMs: { create: 1, firstRun: 1 },
      } as const;
      return this.say({ kind: 'loaded', id, facts, inputs: [], outputs: [] });
    }
    const seed = seedOf(message.jobs[0] as EngineJob);
    const plan = this.#options.behaviour(message.jobs[0] as EngineJob, this.ran.length);
    this.ran.push(seed);
    if (plan === 'hang') return new Promise(() => {});
    if (plan === 'crash') {
      this.onerror?.({ message: 'Uncaught RuntimeError: Aborted()' } as ErrorEvent);
      return;
    }
    const began = performance.timeOrigin + performance.now() - (this.#options.clockOffsetMs ?? 0);
    await new Promise((resolve) => setTimeout(resolve, plan.ms));
    const times = { began, prepared: began, started: began, ran: began + plan.ms };
    const fit = {
      sourceWidth: seed,
      sourceHeight: 1,
      scaleX: 1,
      scaleY: 1,
      offsetX: 0,
      offsetY: 0,
      inputWidth: 1,
      inputHeight: 1,
    };
    const reply: EngineReply =
      plan.reply === undefined ? { ok: true, times, outputs: [], fit } : { ok: false, error: plan.reply, times };
    this.say({ kind: 'ran', id, replies: [reply], busyMs: plan.ms, poisoned: plan.poisoned ?? false, heapBytes: 1000 });
  }
}

function setUp(fake: FakeOptions | ((index: number) => FakeOptions), options: Partial<PoolOptions> = {}) {
  const workers: FakeWorker[] = [];
  const pool = createPool({
    spawn: () => {
      const worker = new FakeWorker(typeof fake === 'function' ? fake(workers.length) : fake);
      workers.push(worker);
      return worker;
    },
    sessions: 1,
    model: new ArrayBuffer(8),
    provider: 'wasm',
    threads: 1,
    feed: { prepare },
    ...options,
  });
  return { workers, pool };
}

const steady: Behaviour = () => ({ ms: 10 });
const codeOf = (reply: EngineReply) => (reply.ok ? 'ok' : reply.error.code);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

async function settle<T>(promise: Promise<T>): Promise<T> {
  let done = false;
  void promise.then(
    () => (done = true),
    () => (done = true),
  );
  for (let i = 0; i < 2000 && !done; i++) await vi.advanceTimersByTimeAsync(100);
  return promise;
}

describe('createPool', () => {
  it('opens, runs first come first served, and counts busy time', async () => {
    const steps: string[] = [];
    const { pool, workers } = setUp({ behaviour: steady }, { onStep: (step) => steps.push(step) });
    const engine = await settle(pool);
    const replies = await settle(Promise.all([1, 2, 3, 4, 5].map((seed) => runOne(engine, job(seed)))));
    expect(replies.map((reply) => (reply.ok ? reply.fit.sourceWidth : -1))).toEqual([1, 2, 3, 4, 5]);
    expect(workers[0]?.ran).toEqual([1, 2, 3, 4, 5]);
    expect(engine.busyMs()).toBe(50);
    expect(steps).toEqual(['compile', 'warmUp']);
    expect(engine.facts.sessions).toBe(1);
  });

  it('spreads over sessions and gives a second job to the one that ends first', async () => {
    const { pool, workers } = setUp({ behaviour: steady }, { sessions: 2 });
    const engine = await settle(pool);
    await settle(Promise.all([1, 2, 3].map((seed) => runOne(engine, job(seed)))));
    expect(workers.map((worker) => worker.ran)).toEqual([[1, 3], [2]]);
  });

  it('rejects with the reason when the model does not open', async () => {
    const { pool, workers } = setUp({ behaviour: steady, loadError: { code: 'unsupported-operator', message: 'Foo' } });
    await expect(settle(pool)).rejects.toMatchObject({ code: 'unsupported-operator' });
    expect(workers[0]?.terminated).toBe(true);
  });

  it('can be cancelled while it opens', async () => {
    const controller = new AbortController();
    const { pool } = setUp({ behaviour: steady }, { signal: controller.signal });
    controller.abort();
    await expect(settle(pool)).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('ends a run that hangs, answers its job and goes on in a fresh worker with the newest preparation', async () => {
    const { pool, workers } = setUp((index) => ({
      behaviour: (each) => (index === 0 && seedOf(each) === 2 ? 'hang' : { ms: 10 }),
    }));
    const engine = await settle(pool);
    const lost: string[] = [];
    engine.onLoss = (error) => lost.push(error.code);
    engine.setFeed({ prepare: { ...prepare, width: 3 } });
    expect(codeOf(await settle(runOne(engine, job(1))))).toBe('ok');
    const started = Date.now();
    const [second, third] = await settle(Promise.all([runOne(engine, job(2)), runOne(engine, job(3))]));
    // The third was already in the hung worker; its pixels went with it.
    expect([codeOf(second), codeOf(third)]).toEqual(['model-hangs', 'model-hangs']);
    expect(Date.now() - started).toBeLessThan(3000);
    expect(codeOf(await settle(runOne(engine, job(4))))).toBe('ok');
    expect([engine.losses, lost]).toEqual([1, ['model-hangs']]);
    expect(workers[0]?.terminated).toBe(true);
    expect(workers).toHaveLength(2);
  });

  it('allows the first run 60 s, later ones ten times their p99', async () => {
    const { pool } = setUp({ behaviour: (_, index) => ({ ms: index === 0 ? 1000 : index < 5 ? 500 : 4000 }) });
    const engine = await settle(pool);
    const replies: string[] = [];
    for (let i = 0; i < 7; i++) replies.push(codeOf(await settle(runOne(engine, job(i)))));
    expect(replies).toEqual(Array.from({ length: 7 }, () => 'ok'));
    engine.setFeed({ prepare });
    expect(engine.losses).toBe(0);
  });

  it.each([
    [undefined, 60],
    [2000, 2],
  ])('a first run that hangs ends the opening after the limit (%s ms)', async (firstRunLimitMs, seconds) => {
    const { pool, workers } = setUp(
      { behaviour: steady, hangsInWarmUp: true },
      firstRunLimitMs === undefined ? {} : { firstRunLimitMs },
    );
    const started = Date.now();
    await expect(settle(pool)).rejects.toMatchObject({
      code: 'model-hangs',
      message: `The first run did not end within ${seconds} s.`,
    });
    expect(Date.now() - started).toBeLessThan(seconds * 1000 + 500);
    expect(workers.map(({ terminated }) => terminated)).toEqual([true]);
  });

  it('does not measure a new preparation by a run that was posted with the old one', async () => {
    const { pool } = setUp({ behaviour: (_, index) => ({ ms: index < 3 ? 250 : 4000 }) });
    const engine = await settle(pool);
    for (let i = 0; i < 2; i++) await settle(runOne(engine, job(i)));
    const last = runOne(engine, job(2));
    engine.setFeed({ prepare: { ...prepare, width: 8 } });
    const next = runOne(engine, job(3));
    expect((await settle(Promise.all([last, next]))).map(codeOf)).toEqual(['ok', 'ok']);
    expect(engine.losses).toBe(0);
  });

  it('gives up after losses in a row, and answers everything from then on', async () => {
    const { pool, workers } = setUp({ behaviour: () => 'crash' }, { maxStreak: 2 });
    const engine = await settle(pool);
    const given: string[] = [];
    engine.onGiveUp = ({ code }) => given.push(code);
    const replies = await settle(Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((seed) => runOne(engine, job(seed)))));
    expect(replies.every((reply) => !reply.ok)).toBe(true);
    expect(workers).toHaveLength(3);
    expect(given).toEqual(['model-hangs']);
    expect(codeOf(await settle(runOne(engine, job(9))))).toBe('model-hangs');
  });

  it('replaces a poisoned worker but keeps its own words for the job', async () => {
    const error = { code: 'out-of-memory', message: 'no memory' } as const;
    const { pool, workers } = setUp((index) => ({
      behaviour: () => (index === 0 ? { ms: 5, reply: error, poisoned: true } : { ms: 5 }),
    }));
    const engine = await settle(pool);
    expect(codeOf(await settle(runOne(engine, job(1))))).toBe('out-of-memory');
    expect(codeOf(await settle(runOne(engine, job(2))))).toBe('ok');
    expect([engine.losses, workers.length]).toEqual([1, 2]);
  });

  it('hears of a lost device between two runs', async () => {
    const { pool, workers } = setUp({ behaviour: steady });
    const engine = await settle(pool);
    workers[0]?.say({ kind: 'lost', error: { code: 'device-lost', message: 'gone' } });
    expect(codeOf(await settle(runOne(engine, job(1))))).toBe('ok');
    expect([engine.losses, workers.length]).toEqual([1, 2]);
  });

  it('moves stamps of a worker whose clock differs onto ours', async () => {
    const { pool } = setUp({ behaviour: steady, clockOffsetMs: 250 });
    const engine = await settle(pool);
    const before = performance.timeOrigin + performance.now();
    const reply = await settle(runOne(engine, job(1)));
    expect(Math.abs((reply.times?.began ?? 0) - before)).toBeLessThan(50);
  });

  it('answers what is pending with `cancelled` when disposed', async () => {
    const { pool, workers } = setUp({ behaviour: () => 'hang' });
    const engine = await settle(pool);
    const replies = Promise.all([1, 2, 3, 4].map((seed) => runOne(engine, job(seed))));
    engine.dispose();
    expect((await settle(replies)).map(codeOf)).toEqual(['cancelled', 'cancelled', 'cancelled', 'cancelled']);
    expect(codeOf(await runOne(engine, job(5)))).toBe('cancelled');
    expect(workers[0]?.terminated).toBe(true);
  });

  it('answers every job exactly once, whatever the workers do', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('ok', 'slow', 'hang', 'crash', 'error', 'poison'), { minLength: 1, maxLength: 25 }),
        fc.integer({ min: 1, max: 3 }),
        async (fates, sessions) => {
          const error = { code: 'bad-output', message: 'x' } as const;
          const behaviour: Behaviour = (each) => {
            const fate = fates[seedOf(each)];
            if (fate === 'hang' || fate === 'crash') return fate;
            if (fate === 'error') return { ms: 3, reply: error };
            if (fate === 'poison') return { ms: 3, reply: error, poisoned: true };
            return { ms: fate === 'slow' ? 40 : 4 };
          };
          const { pool } = setUp({ behaviour }, { sessions, maxStreak: 100 });
          const engine = await settle(pool);
          const answers = fates.map(() => 0);
          const all = Promise.all(
            fates.map(async (_, seed) => {
              const reply = await runOne(engine, job(seed));
              answers[seed] = (answers[seed] ?? 0) + 1;
              if (reply.ok) expect(reply.fit.sourceWidth).toBe(seed);
            }),
          );
          await settle(all);
          expect(answers).toEqual(fates.map(() => 1));
          engine.dispose();
        },
      ),
      { numRuns: 40 },
    );
  }, 60_000);
});

describe('a GPU that is lost', () => {
  const lose: Behaviour = (each) => (seedOf(each) < 0 ? 'crash' : { ms: 10 });
  const bad = (): EngineJob => job(-1);

  it('is left for WASM after maxLosses within 60 s, and says so', async () => {
    const { pool, workers } = setUp({ behaviour: lose }, { provider: 'webgpu', maxLosses: 2 });
    await vi.advanceTimersByTimeAsync(100);
    const engine = await pool;
    const told: (string | undefined)[] = [];
    engine.onLoss = (_, fallback) => told.push(fallback);
    for (const seed of [1, -1, 2, -1, 3]) {
      const answer = runOne(engine, job(seed));
      await vi.advanceTimersByTimeAsync(1000);
      expect((await answer).ok).toBe(seed > 0);
    }
    expect(told).toEqual([undefined, 'The GPU was lost 2 times within 60 s; running on WASM.']);
    expect(engine.facts).toMatchObject({ provider: 'wasm', fallback: told[1] });
    expect(engine.losses).toBe(2);
    expect(workers).toHaveLength(3);
    engine.dispose();
  });

  it('is kept when the losses lie further apart, and for ever with Infinity', async () => {
    for (const [maxLosses, apartMs] of [
      [2, 61_000],
      [Infinity, 1000],
    ] as const) {
      const { pool } = setUp({ behaviour: lose }, { provider: 'webgpu', maxLosses });
      await vi.advanceTimersByTimeAsync(100);
      const engine = await pool;
      for (let i = 0; i < 5; i++) {
        for (const each of [bad(), job(1)]) {
          const answer = runOne(engine, each);
          await vi.advanceTimersByTimeAsync(apartMs);
          await answer;
        }
      }
      expect(engine.facts.provider).toBe('webgpu');
      expect(engine.losses).toBe(5);
      engine.dispose();
    }
  });
});
