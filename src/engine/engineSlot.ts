/**
 * One place in the pool: an engine worker, its loading, the jobs posted to it, and the watchdog that stands outside it.
 * A lost worker is ended here with every posted job answered; starting a fresh one is the pool's decision.
 *   start: spawn -> ping x 3 (clock offset) -> load -> loaded
 *   post:  run -> ran -> reply, stamps moved onto our clock
 * With a feeder there are two workers in it: jobs go to the feeder, which hands inputs to the engine worker by a port.
 */
import type { Feed } from '../core/card.ts';
import { systemClock } from '../core/clock.ts';
import type { EngineJob, EngineReply, GpuHeld } from '../core/engine.ts';
import { assertNever, WeirError, type WeirErrorData } from '../core/errors.ts';
import { transferablesOf } from '../core/payload.ts';
import type { TensorInfo } from '../core/tensor.ts';
import { classifyError } from './classifyError.ts';
import { type ClockOffset, createClockOffset } from './clockOffset.ts';
import type {
  FromEngine,
  GraphOptions,
  LoadStep,
  ModelBytes,
  RequestedProvider,
  WorkerFacts,
  WorkerLike,
} from './messages.ts';
import { compileLimitMs, createRunLimit, createWatchdog, type RunLimit } from './watchdog.ts';

/** A worker for a session, which may have loaded the runtime already, or one that only prepares. */
export type Spawn = (role: 'runner' | 'feeder', provider: RequestedProvider) => WorkerLike;

export interface SlotOptions {
  readonly spawn: Spawn;
  readonly model: ModelBytes;
  readonly threads: number;
  readonly graph: () => GraphOptions;
  /** Inputs are made ready in a worker of their own, beside the run before. */
  readonly feeder: boolean;
  readonly firstRunLimitMs: number;
  /** The worker of a ready slot is gone; its jobs have been answered with this error. */
  readonly onLost: (slot: EngineSlot, error: WeirErrorData) => void;
  /** A job came back: there is room again. */
  readonly onRoom: (slot: EngineSlot) => void;
  readonly onBusy: (ms: number) => void;
}

export interface Loaded {
  readonly facts: WorkerFacts;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
}

interface Posted {
  readonly id: number;
  readonly jobs: readonly EngineJob[];
  readonly resolve: (replies: readonly EngineReply[]) => void;
}

interface Started {
  readonly worker: WorkerLike;
  readonly clock: ClockOffset;
}

export class EngineSlot {
  status: 'empty' | 'loading' | 'ready' = 'empty';
  loaded: Loaded | undefined;
  /** Of the runtime's heap, after the last run. */
  heapBytes = 0;
  /** Ours on the GPU, after the last run. */
  gpu: GpuHeld | undefined;
  /** When the job at the head was expected to have begun; decides which busy worker will be free first. */
  headSince = 0;
  readonly #options: SlotOptions;
  readonly #posted: Posted[] = [];
  readonly #limit: RunLimit;
  readonly #watchdog = createWatchdog();
  #runner: Started | undefined;
  #feeder: Started | undefined;
  #unmeasured = 0;
  #provider: RequestedProvider = 'auto';
  #settleLoad: { resolve: (loaded: Loaded) => void; reject: (error: WeirError) => void } | undefined;
  #onStep: ((step: LoadStep) => void) | undefined;
  #feed: Feed = {};
  #nextId = 1;
  /** Jobs below it ran with another preparation. */
  #limitFrom = 0;

  constructor(options: SlotOptions) {
    this.#options = options;
    this.#limit = createRunLimit(options.firstRunLimitMs);
  }

  get posted(): number {
    return this.#posted.length;
  }

  /** Rejects with a WeirError; the slot is then empty again. */
  start(provider: RequestedProvider, feed: Feed, onStep?: (step: LoadStep) => void): Promise<Loaded> {
    this.status = 'loading';
    this.#provider = provider;
    this.#feed = feed;
    this.#onStep = onStep;
    this.#limit.reset();
    return new Promise((resolve, reject) => {
      this.#settleLoad = { resolve, reject };
      try {
        this.#runner = this.#spawn('runner');
        if (this.#options.feeder) this.#feeder = this.#spawn('feeder');
      } catch (thrown) {
        this.#lose(stopped(String(thrown)));
        return;
      }
      this.#watch(() => compileLimitMs, 'The model did not open');
      const started = this.#started();
      this.#unmeasured = started.length;
      for (const { clock } of started) clock.ping();
    });
  }

  #spawn(role: 'runner' | 'feeder'): Started {
    const worker = this.#options.spawn(role, this.#provider);
    const clock = createClockOffset(() => worker.postMessage({ kind: 'ping', id: this.#nextId++ }, []));
    worker.onmessage = ({ data }) => {
      if (data.kind !== 'pong') return this.#receive(data);
      if (clock.pong(data.now) && --this.#unmeasured === 0) this.#load();
    };
    worker.onerror = (event) => this.#lose(stopped(event.message));
    worker.onmessageerror = () => this.#lose(stopped('a message could not be read'));
    return { worker, clock };
  }

  #started(): Started[] {
    return [this.#runner, this.#feeder].filter((each) => each !== undefined);
  }

  #load(): void {
    const { model, threads, graph } = this.#options;
    const load = {
      kind: 'load',
      id: this.#nextId++,
      model,
      provider: this.#provider,
      threads,
      graph: graph(),
      feed: this.#feed,
    } as const;
    if (this.#feeder === undefined) return this.#runner?.worker.postMessage(load, []);
    const { port1, port2 } = new MessageChannel();
    this.#feeder.worker.postMessage({ kind: 'feeder', id: this.#nextId++, port: port1, feed: this.#feed }, [port1]);
    this.#runner?.worker.postMessage({ ...load, port: port2 }, [port2]);
  }

  /** Where frames and feeds go. */
  get #front(): WorkerLike | undefined {
    return (this.#feeder ?? this.#runner)?.worker;
  }

  setFeed(feed: Feed): void {
    this.#feed = feed;
    this.#limitFrom = this.#nextId;
    // Before the load message has gone out the new preparation travels with it.
    if (this.status === 'empty' || this.#unmeasured > 0) return;
    this.#limit.reset();
    this.#front?.postMessage({ kind: 'feed', id: this.#nextId++, feed }, []);
  }

  run(jobs: readonly EngineJob[], resolve: (replies: readonly EngineReply[]) => void): void {
    const id = this.#nextId++;
    const transfer: Transferable[] = [];
    for (const { payload, picture } of jobs) {
      transfer.push(...transferablesOf(payload));
      if (picture?.recycle !== undefined) transfer.push(picture.recycle);
    }
    try {
      this.#front?.postMessage({ kind: 'run', id, jobs }, transfer);
    } catch (thrown) {
      const error = WeirError.wrap(thrown, 'cannot-decode', 'The frame could not be handed to the engine.').toData();
      resolve(failed(jobs, error));
      return;
    }
    this.#posted.push({ id, jobs, resolve });
    if (this.#posted.length === 1) this.#watchHead();
  }

  /** Ends the worker; posted jobs are answered with `error`, a pending start rejects with it. */
  end(error: WeirError): void {
    this.#watchdog.stop();
    for (const { worker } of this.#started()) {
      worker.onmessage = null;
      worker.onerror = null;
      worker.onmessageerror = null;
      worker.terminate();
    }
    this.#runner = undefined;
    this.#feeder = undefined;
    this.status = 'empty';
    this.gpu = undefined;
    const data = error.toData();
    for (const { jobs, resolve } of this.#posted.splice(0)) resolve(failed(jobs, data));
    this.#settleLoad?.reject(error);
    this.#settleLoad = undefined;
  }

  #lose(error: WeirError): void {
    const wasReady = this.status === 'ready';
    this.end(error);
    if (wasReady) this.#options.onLost(this, error.toData());
  }

  #watchHead(): void {
    this.headSince = systemClock.now();
    this.#watch(this.#limit.limitMs, 'One run of the model did not end');
  }

  #watch(limitMs: () => number, what: string): void {
    this.#watchdog.watch(limitMs, (limit) => this.#lose(hung(what, limit)));
  }

  #receive(message: Exclude<FromEngine, { kind: 'pong' }>): void {
    switch (message.kind) {
      case 'step':
        if (message.step === 'warmUp') {
          this.#watch(() => this.#options.firstRunLimitMs, 'The first run did not end');
        }
        return this.#onStep?.(message.step);
      case 'loaded': {
        this.#watchdog.stop();
        this.status = 'ready';
        const { facts, inputs, outputs } = message;
        this.loaded = { facts: this.#feeder === undefined ? facts : { ...facts, feeder: true }, inputs, outputs };
        if (facts.coldMs.firstRun > 0) this.#limit.add(facts.coldMs.firstRun);
        this.#settleLoad?.resolve(this.loaded);
        this.#settleLoad = undefined;
        return;
      }
      case 'failed':
        return this.#lose(WeirError.fromData(message.error));
      case 'lost':
        return this.#lose(WeirError.fromData(message.error));
      case 'ran':
        return this.#ran(message);
      case 'profiled':
        return;
      default:
        assertNever(message);
    }
  }

  #ran({ id, replies, busyMs, poisoned, heapBytes, gpu }: Extract<FromEngine, { kind: 'ran' }>): void {
    const head = this.#posted[0];
    if (head?.id !== id) return;
    this.#posted.shift();
    this.heapBytes = heapBytes;
    this.gpu = gpu;
    this.#watchdog.stop();
    this.#options.onBusy(busyMs);
    // A run that was posted before the preparation changed says nothing about the next one.
    if (id >= this.#limitFrom && replies.some(({ ok }) => ok)) this.#limit.add(busyMs);
    const runnerMs = this.#runner?.clock.ms ?? 0;
    const feederMs = this.#feeder?.clock.ms ?? runnerMs;
    const same = runnerMs === 0 && feederMs === 0;
    head.resolve(same ? replies : replies.map((reply) => shifted(reply, feederMs, runnerMs)));
    if (poisoned) {
      const broken = replies.find((reply) => !reply.ok);
      this.#lose(broken === undefined ? stopped('poisoned') : WeirError.fromData(broken.error));
      return;
    }
    if (this.#posted.length > 0) this.#watchHead();
    this.#options.onRoom(this);
  }
}

/** The same answer to each. */
export function failed(jobs: readonly EngineJob[], error: WeirErrorData): EngineReply[] {
  return jobs.map(() => ({ ok: false, error }));
}

function shifted(reply: EngineReply, feederMs: number, runnerMs: number): EngineReply {
  const times = reply.times;
  if (times === undefined) return reply;
  const moved = {
    began: times.began + feederMs,
    prepared: times.prepared + feederMs,
    started: times.started + runnerMs,
    ran: times.ran + runnerMs,
  };
  return { ...reply, times: moved };
}

function hung(what: string, limitMs: number): WeirError {
  return new WeirError('model-hangs', `${what} within ${Math.round(limitMs / 100) / 10} s.`);
}

/** A worker that dies without words of its own: ORT's abort says why, a script that did not load says nothing. */
function stopped(words: string | undefined): WeirError {
  const known = classifyError(words ?? '', 'run');
  if (known.code === 'out-of-memory' || known.code === 'device-lost') return known;
  return new WeirError('model-hangs', 'The engine worker stopped.', words ? { details: words } : {});
}
