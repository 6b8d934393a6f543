/**
 * One place in the pool: an engine worker, its loading, the jobs posted to it, and the watchdog that stands outside it.
 * A lost worker is ended here with every posted job answered; starting a fresh one is the pool's decision.
 *   start: spawn -> ping x 3 (clock offset) -> load -> loaded
 *   post:  run -> ran -> reply, stamps moved onto our clock
 */
import type { Feed } from '../core/card.ts';
import { systemClock } from '../core/clock.ts';
import type { EngineJob, EngineReply } from '../core/engine.ts';
import { assertNever, WeirError, type WeirErrorData } from '../core/errors.ts';
import { transferablesOf } from '../core/payload.ts';
import type { TensorInfo } from '../core/tensor.ts';
import { classifyError } from './classifyError.ts';
import type { FromEngine, LoadStep, ModelBytes, RequestedProvider, WorkerFacts, WorkerLike } from './messages.ts';
import { compileLimitMs, createRunLimit, createWatchdog, firstRunLimitMs } from './watchdog.ts';

export interface SlotOptions {
  readonly spawn: () => WorkerLike;
  readonly model: ModelBytes;
  readonly provider: RequestedProvider;
  readonly threads: number;
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
  readonly resolve: (reply: EngineReply) => void;
}

const pings = 3;
const offsetFloorMs = 0.1;

export class EngineSlot {
  status: 'empty' | 'loading' | 'ready' = 'empty';
  loaded: Loaded | undefined;
  /** When the job at the head was expected to have begun; decides which busy worker will be free first. */
  headSince = 0;
  readonly #options: SlotOptions;
  readonly #posted: Posted[] = [];
  readonly #limit = createRunLimit();
  readonly #watchdog = createWatchdog();
  #worker: WorkerLike | undefined;
  #settleLoad: { resolve: (loaded: Loaded) => void; reject: (error: WeirError) => void } | undefined;
  #onStep: ((step: LoadStep) => void) | undefined;
  #feed: Feed = {};
  #nextId = 1;
  /** Jobs below it ran with another preparation. */
  #limitFrom = 0;
  #pinged = 0;
  #pongs = 0;
  #bestRoundTrip = Number.POSITIVE_INFINITY;
  /** Add to a stamp of the worker to get one of ours. */
  #offset = 0;

  constructor(options: SlotOptions) {
    this.#options = options;
  }

  get posted(): number {
    return this.#posted.length;
  }

  /** Rejects with a WeirError; the slot is then empty again. */
  start(feed: Feed, onStep?: (step: LoadStep) => void): Promise<Loaded> {
    this.status = 'loading';
    this.#feed = feed;
    this.#onStep = onStep;
    this.#pongs = 0;
    this.#bestRoundTrip = Number.POSITIVE_INFINITY;
    this.#offset = 0;
    this.#limit.reset();
    return new Promise((resolve, reject) => {
      this.#settleLoad = { resolve, reject };
      try {
        const worker = this.#options.spawn();
        this.#worker = worker;
        worker.onmessage = (event) => this.#receive(event.data);
        worker.onerror = (event) => this.#lose(stopped(event.message));
        worker.onmessageerror = () => this.#lose(stopped('a message could not be read'));
      } catch (thrown) {
        this.#lose(stopped(String(thrown)));
        return;
      }
      this.#watchdog.watch(compileLimitMs, () => this.#lose(hung('The model did not open', compileLimitMs)));
      this.#ping();
    });
  }

  setFeed(feed: Feed): void {
    this.#feed = feed;
    this.#limitFrom = this.#nextId;
    // Before the load message has gone out the new preparation travels with it.
    if (this.status === 'empty' || this.#pongs < pings) return;
    this.#limit.reset();
    this.#worker?.postMessage({ kind: 'feed', id: this.#nextId++, feed }, []);
  }

  run(job: EngineJob, resolve: (reply: EngineReply) => void): void {
    const id = this.#nextId++;
    const transfer: Transferable[] = transferablesOf(job.payload);
    if (job.picture?.recycle !== undefined) transfer.push(job.picture.recycle);
    try {
      this.#worker?.postMessage({ kind: 'run', id, job }, transfer);
    } catch (thrown) {
      resolve({
        ok: false,
        error: WeirError.wrap(thrown, 'cannot-decode', 'The frame could not be handed to the engine.').toData(),
      });
      return;
    }
    this.#posted.push({ id, resolve });
    if (this.#posted.length === 1) this.#watchHead();
  }

  /** Ends the worker; posted jobs are answered with `error`, a pending start rejects with it. */
  end(error: WeirError): void {
    this.#watchdog.stop();
    if (this.#worker !== undefined) {
      this.#worker.onmessage = null;
      this.#worker.onerror = null;
      this.#worker.onmessageerror = null;
      this.#worker.terminate();
      this.#worker = undefined;
    }
    this.status = 'empty';
    const data = error.toData();
    for (const { resolve } of this.#posted.splice(0)) resolve({ ok: false, error: data });
    this.#settleLoad?.reject(error);
    this.#settleLoad = undefined;
  }

  #lose(error: WeirError): void {
    const wasReady = this.status === 'ready';
    this.end(error);
    if (wasReady) this.#options.onLost(this, error.toData());
  }

  #ping(): void {
    this.#pinged = systemClock.now();
    this.#worker?.postMessage({ kind: 'ping', id: this.#nextId++ }, []);
  }

  #watchHead(): void {
    this.headSince = systemClock.now();
    const limitMs = this.#limit.limitMs();
    this.#watchdog.watch(limitMs, () => this.#lose(hung('One run of the model did not end', limitMs)));
  }

  #receive(message: FromEngine): void {
    switch (message.kind) {
      case 'pong':
        return this.#pong(message.now);
      case 'step':
        if (message.step === 'warmUp')
          this.#watchdog.watch(firstRunLimitMs, () => this.#lose(hung('The first run did not end', firstRunLimitMs)));
        return this.#onStep?.(message.step);
      case 'loaded': {
        this.#watchdog.stop();
        this.status = 'ready';
        const { facts, inputs, outputs } = message;
        this.loaded = { facts, inputs, outputs };
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
      default:
        assertNever(message);
    }
  }

  #pong(theirs: number): void {
    const now = systemClock.now();
    const roundTrip = now - this.#pinged;
    if (roundTrip < this.#bestRoundTrip) {
      this.#bestRoundTrip = roundTrip;
      const offset = (this.#pinged + now) / 2 - theirs;
      // An offset inside the uncertainty of the round trip is noise, not a difference of clocks.
      this.#offset = Math.abs(offset) > Math.max(offsetFloorMs, roundTrip / 2) ? offset : 0;
    }
    this.#pongs += 1;
    if (this.#pongs < pings) return this.#ping();
    const { model, provider, threads } = this.#options;
    this.#worker?.postMessage({ kind: 'load', id: this.#nextId++, model, provider, threads, feed: this.#feed }, []);
  }

  #ran({ id, reply, busyMs, poisoned }: Extract<FromEngine, { kind: 'ran' }>): void {
    const head = this.#posted[0];
    if (head?.id !== id) return;
    this.#posted.shift();
    this.#watchdog.stop();
    this.#options.onBusy(busyMs);
    // A run that was posted before the preparation changed says nothing about the next one.
    if (reply.ok && id >= this.#limitFrom) this.#limit.add(busyMs);
    head.resolve(this.#offset === 0 || reply.times === undefined ? reply : shifted(reply, this.#offset));
    if (poisoned) {
      this.#lose(reply.ok ? stopped('poisoned') : WeirError.fromData(reply.error));
      return;
    }
    if (this.#posted.length > 0) this.#watchHead();
    this.#options.onRoom(this);
  }
}

function shifted(reply: EngineReply, offset: number): EngineReply {
  const times = reply.times;
  if (times === undefined) return reply;
  const moved = { began: times.began + offset, prepared: times.prepared + offset, ran: times.ran + offset };
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
