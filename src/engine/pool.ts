/**
 * The real InferenceEngine: k engine workers over one model, jobs first come first served. A worker that hangs, aborts or
 * loses its device is replaced by a fresh one with the model reloaded, and every job is answered exactly once. A GPU that is
 * lost too often is left for WASM.
 */
import type { Feed } from '../core/card.ts';
import { systemClock } from '../core/clock.ts';
import type { EngineFacts, EngineJob, EngineReply, GpuHeld, InferenceEngine } from '../core/engine.ts';
import { WeirError, type WeirErrorData } from '../core/errors.ts';
import { EngineSlot, failed, type Spawn } from './engineSlot.ts';
import type { ExternalData, GraphOptions, LoadStep, RequestedProvider } from './messages.ts';
import { defaultFirstRunLimitMs } from './watchdog.ts';
import { whyNotOnGpu } from './whyNotOnGpu.ts';

export interface PoolOptions {
  readonly spawn: Spawn;
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
  /** All rewrites of the graph, and the runtime's own layout, unless said. */
  readonly graph?: GraphOptions;
  /** 60 s unless said. */
  readonly firstRunLimitMs?: number;
  /** Where it has no way for a frame, the model is opened and described, but frames are answered with `cannot-feed`. */
  readonly feed: Feed;
  readonly signal?: AbortSignal;
  /** Of the first worker. */
  readonly onStep?: (step: LoadStep) => void;
  /** Losses of a GPU within 60 s after which it is left for WASM; 2 unless said, Infinity: never. */
  readonly maxLosses?: number;
  /** Losses in a row without one good run, after which a worker is given up. */
  readonly maxStreak?: number;
  /** Inputs are made ready in a worker of their own, beside the run before. */
  readonly feeder?: boolean;
}

interface Waiting {
  readonly jobs: readonly EngineJob[];
  readonly resolve: (replies: readonly EngineReply[]) => void;
}

/** The second posted job hides the hop: the worker finds it in its own queue. */
const depth = 2;
const lossWindowMs = 60_000;
const sameLossMs = 50;
const asRuntimeLikes: GraphOptions = { level: 'all', layout: 'auto', sizes: {}, capture: false, gpuOutputs: [] };
const cancelled = () => new WeirError('cancelled', 'The engine was closed.');

/** Rejects with a WeirError when the model cannot be opened, or `cancelled` by the signal. */
export async function createPool(options: PoolOptions): Promise<InferenceEngine> {
  const { sessions, signal, maxLosses = 2, maxStreak = 3 } = options;
  const threads = options.threads > 0 ? options.threads : defaultThreads(sessions);
  const queue: Waiting[] = [];
  const streaks = new Map<EngineSlot, number>();
  const retries = new Set<ReturnType<typeof setTimeout>>();
  let { feed, provider, graph = asRuntimeLikes } = options;
  let leftGpu: string | undefined;
  let leftCapture: string | undefined;
  let lostAt: number[] = [];
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
        threads,
        graph: () => graph,
        feeder: options.feeder ?? false,
        firstRunLimitMs: options.firstRunLimitMs ?? defaultFirstRunLimitMs,
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
      slot.run(waiting.jobs, (replies) => {
        if (replies.some(({ ok }) => ok)) streaks.set(slot, 0);
        waiting.resolve(replies);
      });
    }
  }

  function lost(slot: EngineSlot, error: WeirErrorData): void {
    losses += 1;
    const before = leftGpu;
    countLoss();
    const left = leftGpu !== before;
    engine?.onLoss?.(error, left ? leftGpu : undefined);
    revive(slot, error);
    if (!left) return;
    // One engine, one provider: the others leave the GPU too, with what they had begun.
    for (const other of slots) {
      const { status } = other;
      if (status === 'empty') continue;
      other.end(WeirError.fromData(error));
      // The start of one that was loading rejects, and it is revived there.
      if (status === 'ready') revive(other, error);
    }
  }

  function countLoss(): void {
    if (engine?.facts.provider !== 'webgpu' || leftGpu !== undefined) return;
    const now = systemClock.now();
    // One crash of the device takes all sessions on it.
    if (now - (lostAt.at(-1) ?? -Infinity) < sameLossMs) return;
    lostAt = [...lostAt.filter((at) => at > now - lossWindowMs), now];
    if (lostAt.length < maxLosses) return;
    provider = 'wasm';
    leftGpu = `The GPU was lost ${lostAt.length === 1 ? 'once' : `${lostAt.length} times`} within 60 s; running on WASM.`;
    streaks.clear();
  }

  function revive(slot: EngineSlot, error: WeirErrorData): void {
    if (disposed) return;
    const streak = (streaks.get(slot) ?? 0) + 1;
    streaks.set(slot, streak);
    if (streak > maxStreak) return giveUp(error);
    const timer = setTimeout(
      () => {
        retries.delete(timer);
        slot.start(provider, feed).then(dispatch, (thrown: unknown) => {
          // A device that cannot be had again is lost as well.
          countLoss();
          revive(slot, classified(thrown));
        });
      },
      streak === 1 ? 0 : 250 * 2 ** (streak - 2),
    );
    retries.add(timer);
  }

  /** With another worker alive the queue goes on; with none it is answered at once, as are all jobs to come. */
  function giveUp(error: WeirErrorData): void {
    const alive = slots.some((slot) => slot.status !== 'empty' || (streaks.get(slot) ?? 0) <= maxStreak);
    if (alive) return;
    gaveUp = error;
    refuse(error);
    engine?.onGiveUp?.(error);
  }

  /** Answers all that wait. */
  function refuse(error: WeirErrorData): void {
    for (const { jobs, resolve } of queue.splice(0)) resolve(failed(jobs, error));
  }

  function dispose(error = cancelled()): void {
    if (disposed) return;
    disposed = true;
    gaveUp = error.toData();
    for (const timer of retries) clearTimeout(timer);
    for (const slot of slots) slot.end(error);
    refuse(gaveUp);
  }

  /** A run that cannot be captured may take its worker with it: then a fresh one goes without. */
  async function startFirst(first: EngineSlot | undefined): Promise<void> {
    try {
      await first?.start(provider, feed, options.onStep);
    } catch (thrown) {
      const error = WeirError.wrap(thrown, 'not-a-model');
      if (!graph.capture || disposed) throw error;
      graph = { ...graph, capture: false };
      await first?.start(provider, feed, options.onStep);
      leftCapture = `With graph capture the model did not open (${error.message}); capture is off.`;
    }
  }

  /** What was captured was captured for the old feed: those workers end, and frames wait for fresh ones. */
  function startAgain(): void {
    streaks.clear();
    for (const slot of slots) {
      const { status } = slot;
      slot.end(cancelled());
      // The start of one that was loading rejects, and it is revived there; an empty one waits for its turn already.
      if (status !== 'ready') continue;
      slot.start(provider, feed).then(dispatch, (thrown: unknown) => revive(slot, classified(thrown)));
    }
  }

  const onAbort = () => dispose();
  if (signal?.aborted === true) dispose();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    if (disposed) throw cancelled();
    const [first, ...rest] = slots;
    // The first one alone tells whether the model opens at all, before memory is spent on the others.
    await startFirst(first);
    await Promise.all(rest.map((slot) => slot.start(provider, feed)));
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
      const fallback = [leftGpu ?? facts.fallback, leftCapture, options.note]
        .filter((words) => words !== undefined)
        .join(' ');
      return { ...facts, sessions, ...preparation(slots[0], feed), ...(fallback === '' ? {} : { fallback }) };
    },
    get losses() {
      return losses;
    },
    busyMs: () => busy,
    gpuHeld: () => sumOf(slots.flatMap(({ gpu }) => gpu ?? [])),
    takesFrames: () => preparation(slots[0], feed)?.preparesOn === 'gpu',
    heapBytes: () => slots.reduce((sum, slot) => sum + slot.heapBytes, 0),
    run: (jobs) =>
      new Promise((resolve) => {
        if (gaveUp !== undefined) return resolve(failed(jobs, gaveUp));
        queue.push({ jobs, resolve });
        dispatch();
      }),
    setFeed(next) {
      const last = feed;
      feed = next;
      const captured = slots.some(({ loaded }) => loaded?.facts.captured === true);
      if (captured && JSON.stringify(last) !== JSON.stringify(next)) startAgain();
      else for (const slot of slots) slot.setFeed(next);
    },
    dispose: () => dispose(),
  };
  return engine;
}

function sumOf(all: readonly GpuHeld[]): GpuHeld | undefined {
  if (all.length === 0) return undefined;
  const sum = (of: (held: GpuHeld) => number) => all.reduce((total, each) => total + of(each), 0);
  return { bytes: sum((each) => each.bytes), buffers: sum((each) => each.buffers), frames: sum((each) => each.frames) };
}

/** Where pictures become tensors, and why not on the GPU; undefined without one, or without pictures. */
function preparation(
  slot: EngineSlot | undefined,
  { prepare }: Feed,
): Pick<EngineFacts, 'preparesOn' | 'preparesWhy'> | undefined {
  if (slot?.loaded?.facts.gpuSide === undefined || prepare === undefined) return undefined;
  const preparesWhy = whyNotOnGpu(prepare);
  return preparesWhy === undefined ? { preparesOn: 'gpu' } : { preparesOn: 'cpu', preparesWhy };
}

function classified(thrown: unknown): WeirErrorData {
  return WeirError.wrap(thrown, 'model-hangs').toData();
}

export function defaultThreads(sessions: number): number {
  return sessions > 1 ? 1 : Math.max(1, Math.min(4, navigator.hardwareConcurrency));
}
