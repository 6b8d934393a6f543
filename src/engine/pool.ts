/**
 * The real InferenceEngine: k engine workers over one model, jobs first come first served. A worker that hangs, aborts or
 * loses its device is replaced by a fresh one with the model reloaded, and every job is answered exactly once.
 */
import type { Feed } from '../core/card.ts';
import type { EngineFacts, EngineJob, EngineReply, InferenceEngine } from '../core/engine.ts';
import { WeirError, type WeirErrorData } from '../core/errors.ts';
import { EngineSlot } from './engineSlot.ts';
import type { ExternalData, LoadStep, RequestedProvider, WorkerLike } from './messages.ts';

export interface PoolOptions {
  readonly spawn: () => WorkerLike;
  readonly sessions: number;
  /** Why it is not what was asked for, beside what the workers say. */
  readonly note?: string;
  /** Kept for reloading; never transferred away. */
  readonly model: ArrayBuffer;
  /** Files of weights that the model names, by the path it uses. */
  readonly external?: readonly ExternalData[];
  readonly provider: RequestedProvider;
  /** 0: all cores (at most 4) for one session, one thread each for several. */
  readonly threads: number;
  /** Where it has no way for a frame, the model is opened and described, but frames are answered with `cannot-feed`. */
  readonly feed: Feed;
  readonly signal?: AbortSignal;
  /** Of the first worker. */
  readonly onStep?: (step: LoadStep) => void;
  /** Losses in a row without one good run, after which a worker is given up. */
  readonly maxLosses?: number;
}

interface Waiting {
  readonly job: EngineJob;
  readonly resolve: (reply: EngineReply) => void;
}

/** The second posted job hides the hop: the worker finds it in its own queue. */
const depth = 2;
const cancelled = () => new WeirError('cancelled', 'The engine was closed.');

/** Rejects with a WeirError when the model cannot be opened, or `cancelled` by the signal. */
export async function createPool(options: PoolOptions): Promise<InferenceEngine> {
  const { sessions, signal, maxLosses = 3 } = options;
  const threads = options.threads > 0 ? options.threads : defaultThreads(sessions);
  const queue: Waiting[] = [];
  const streaks = new Map<EngineSlot, number>();
  const retries = new Set<ReturnType<typeof setTimeout>>();
  let { feed } = options;
  let busy = 0;
  let losses = 0;
  let disposed = false;
  let gaveUp: WeirErrorData | undefined;
  let engine: InferenceEngine | undefined;

  const slots = Array.from(
    { length: sessions },
    () =>
      new EngineSlot({
        spawn: options.spawn,
        model: { bytes: options.model, external: options.external ?? [] },
        provider: options.provider,
        threads,
        onBusy: (ms) => {
          busy += ms;
        },
        onRoom: dispatch,
        onLost: lost,
      }),
  );

  /** Idle workers first; then the one whose run began first, as it is likely to end first. */
  function roomiest(): EngineSlot | undefined {
    let best: EngineSlot | undefined;
    for (const slot of slots) {
      if (slot.status !== 'ready' || slot.posted >= depth) continue;
      if (best === undefined || slot.posted < best.posted) best = slot;
      else if (slot.posted === best.posted && slot.posted > 0 && slot.headSince < best.headSince) best = slot;
    }
    return best;
  }

  function dispatch(): void {
    while (queue.length > 0) {
      const slot = roomiest();
      if (slot === undefined) return;
      const waiting = queue.shift();
      if (waiting === undefined) return;
      slot.run(waiting.job, (reply) => {
        if (reply.ok) streaks.set(slot, 0);
        waiting.resolve(reply);
      });
    }
  }

  function lost(slot: EngineSlot, error: WeirErrorData): void {
    losses += 1;
    engine?.onLoss?.(error);
    revive(slot, error);
  }

  function revive(slot: EngineSlot, error: WeirErrorData): void {
    if (disposed) return;
    const streak = (streaks.get(slot) ?? 0) + 1;
    streaks.set(slot, streak);
    if (streak > maxLosses) return giveUp(error);
    const timer = setTimeout(
      () => {
        retries.delete(timer);
        slot.start(feed).then(dispatch, (thrown: unknown) => revive(slot, classified(thrown)));
      },
      streak === 1 ? 0 : 250 * 2 ** (streak - 2),
    );
    retries.add(timer);
  }

  /** With another worker alive the queue goes on; with none it is answered at once, as are all jobs to come. */
  function giveUp(error: WeirErrorData): void {
    const alive = slots.some((slot) => slot.status !== 'empty' || (streaks.get(slot) ?? 0) <= maxLosses);
    if (alive) return;
    gaveUp = error;
    for (const { resolve } of queue.splice(0)) resolve({ ok: false, error });
  }

  function dispose(error = cancelled()): void {
    if (disposed) return;
    disposed = true;
    gaveUp = error.toData();
    for (const timer of retries) clearTimeout(timer);
    for (const slot of slots) slot.end(error);
    for (const { resolve } of queue.splice(0)) resolve({ ok: false, error: gaveUp });
  }

  const onAbort = () => dispose();
  if (signal?.aborted === true) dispose();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    if (disposed) throw cancelled();
    const [first, ...rest] = slots;
    // The first one alone tells whether the model opens at all, before memory is spent on the others.
    await first?.start(feed, options.onStep);
    await Promise.all(rest.map((slot) => slot.start(feed)));
  } catch (thrown) {
    dispose();
    throw WeirError.wrap(thrown, 'not-a-model');
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }

  const described = slots[0]?.loaded;
  engine = {
    sessions,
    inputs: described?.inputs ?? [],
    outputs: described?.outputs ?? [],
    get facts(): EngineFacts {
      const facts = slots[0]?.loaded?.facts;
      if (facts === undefined) throw new Error('An open pool has facts.');
      const fallback = [facts.fallback, options.note].filter((words) => words !== undefined).join(' ');
      return { ...facts, sessions, ...(fallback === '' ? {} : { fallback }) };
    },
    get losses() {
      return losses;
    },
    busyMs: () => busy,
    run: (job) =>
      new Promise((resolve) => {
        if (gaveUp !== undefined) return resolve({ ok: false, error: gaveUp });
        queue.push({ job, resolve });
        dispatch();
      }),
    setFeed(next) {
      feed = next;
      for (const slot of slots) slot.setFeed(next);
    },
    dispose: () => dispose(),
  };
  return engine;
}

function classified(thrown: unknown): WeirErrorData {
  return WeirError.wrap(thrown, 'model-hangs').toData();
}

function defaultThreads(sessions: number): number {
  return sessions > 1 ? 1 : Math.max(1, Math.min(4, navigator.hardwareConcurrency));
}
