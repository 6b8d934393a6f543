/**
 * An engine that only takes time: "what if my model took 20 ms". Frames begin and end on an exact schedule of its own,
 * so the service time is what was asked for, however coarse the timers of the thread are. A batch takes as long as a frame.
 */
import { type Clock, systemClock } from '../core/clock.ts';
import { createRandom } from '../core/createRandom.ts';
import { type EngineFacts, type EngineJob, type EngineReply, type InferenceEngine, wholeFit } from '../core/engine.ts';
import { WeirError } from '../core/errors.ts';
import type { Payload, Picture } from '../core/payload.ts';
import { createSleeper, type Sleeper } from './sleeper.ts';

export interface SimulatedOptions {
  readonly serviceMs: number;
  readonly distribution: 'constant' | 'exponential' | 'bimodal';
  readonly sessions: number;
  /** Every so many ms all sessions stand still for `stallMs`; 0 = never. */
  readonly stallEveryMs: number;
  readonly stallMs: number;
  readonly seed?: number;
  /** Makes the upright picture when a job asks for one; the job of a frame that came too soon after gets none. */
  readonly draw?: (payload: Payload, recycle?: ArrayBuffer) => Promise<Picture>;
  readonly clock?: Clock;
  readonly sleeper?: Sleeper;
}

interface Pending {
  readonly jobs: readonly EngineJob[];
  readonly arrived: number;
  readonly resolve: (replies: readonly EngineReply[]) => void;
}

interface Running extends Pending {
  readonly session: number;
  readonly began: number;
  readonly ends: number;
}

const bimodalShare = 0.1;
/** Rest after a picture, as a multiple of the time it took to make: a tenth of the time goes to pictures. */
const restPerDraw = 9;

export function createSimulated(options: SimulatedOptions): InferenceEngine {
  const { serviceMs, sessions, draw, clock = systemClock, sleeper = createSleeper(clock) } = options;
  const random = createRandom(options.seed ?? 1);
  const created = clock.now();
  const freeAt: number[] = Array.from({ length: sessions }, () => created);
  const idle = freeAt.map((_, session) => session);
  const queue: Pending[] = [];
  const running: Running[] = [];
  let busy = 0;
  /** Pictures are for eyes only here: before this moment none is made. */
  let drawAgainAt = -Infinity;
  let disposed = false;

  /** Mean `serviceMs` in every distribution. Bimodal: nine in ten take half of it, one in ten 5.5 times as long. */
  function service(): number {
    switch (options.distribution) {
      case 'constant':
        return serviceMs;
      case 'exponential':
        return -Math.log(1 - random()) * serviceMs;
      case 'bimodal':
        return random() < bimodalShare ? serviceMs * 5.5 : serviceMs * 0.5;
    }
  }

  /** Service interrupted by stalls that begin at created + k * stallEveryMs. */
  function endOf(began: number, work: number): number {
    const { stallEveryMs: every, stallMs: length } = options;
    if (every <= 0 || length <= 0) return began + work;
    // Relative to `created` and counted in whole intervals: sums of large times round, and a loop on them may not end.
    let at = began - created;
    let left = work;
    for (let index = Math.floor(at / every); ; index++) {
      // The first stall comes after one whole interval.
      if (index >= 1) at = Math.max(at, index * every + length);
      if (length >= every && index >= 1) return created + at + left;
      const next = (index + 1) * every;
      if (at + left <= next) return created + at + left;
      left -= Math.max(0, next - at);
      at = Math.max(at, next);
    }
  }

  function begin(): void {
    while (queue.length > 0 && idle.length > 0) {
      const pending = queue.shift();
      const session = idle.shift();
      if (pending === undefined || session === undefined) return;
      // A frame that waited begins when the one before it ended, not when the timer happened to fire.
      const began = Math.max(pending.arrived, freeAt[session] ?? 0);
      const entry = { ...pending, session, began, ends: endOf(began, service()) };
      running.push(entry);
    }
    running.sort((a, b) => a.ends - b.ends);
    const next = running[0];
    if (next !== undefined) sleeper.wakeAt(next.ends, wake);
  }

  function wake(): void {
    const now = clock.now();
    for (let next = running[0]; next !== undefined && next.ends <= now; next = running[0]) {
      running.shift();
      freeAt[next.session] = next.ends;
      idle.push(next.session);
      busy += next.ends - next.began;
      void Promise.all(next.jobs.map((job) => reply(job, next))).then(next.resolve);
    }
    begin();
  }

  async function reply(job: EngineJob, { began, ends }: Running): Promise<EngineReply> {
    const times = { began, prepared: began, started: began, ran: ends };
    try {
      if (job.payload.kind === 'broken') throw WeirError.fromData(job.payload.error);
      const picture = job.picture === undefined ? undefined : await drawn(job.payload, job.picture.recycle);
      const fit = wholeFit(picture ?? sizeOf(job.payload));
      return { ok: true, times, outputs: [], fit, ...(picture === undefined ? {} : { picture }) };
    } catch (thrown) {
      return { ok: false, error: WeirError.wrap(thrown, 'cannot-decode').toData(), times };
    }
  }

  /** Large pictures are made less often, so that looking at them does not slow what is measured. */
  async function drawn(payload: Payload, recycle: ArrayBuffer | undefined): Promise<Picture | undefined> {
    const began = clock.now();
    if (draw === undefined || began < drawAgainAt) return undefined;
    // Two frames at once would each see the time of both.
    drawAgainAt = Infinity;
    try {
      return await draw(payload, recycle);
    } finally {
      const ended = clock.now();
      drawAgainAt = ended + restPerDraw * (ended - began);
    }
  }

  const closed = (): EngineReply => ({
    ok: false,
    error: new WeirError('cancelled', 'The engine was closed.').toData(),
  });
  const facts: EngineFacts = {
    provider: 'simulated',
    threads: 1,
    sessions,
    isolated: globalThis.crossOriginIsolated ?? false,
    coldMs: { create: 0, firstRun: 0 },
  };

  return {
    facts,
    sessions,
    losses: 0,
    busyMs: () => busy,
    heapBytes: () => 0,
    inputs: [],
    outputs: [],
    setFeed() {},
    run: (jobs) =>
      new Promise((resolve) => {
        if (disposed) return resolve(jobs.map(closed));
        queue.push({ jobs, arrived: clock.now(), resolve });
        begin();
      }),
    dispose() {
      disposed = true;
      sleeper.dispose();
      for (const { jobs, resolve } of [...running.splice(0), ...queue.splice(0)]) resolve(jobs.map(closed));
    },
  };
}

function sizeOf(payload: Payload): { width: number; height: number } {
  return payload.kind === 'scene' || payload.kind === 'raw' || payload.kind === 'frame'
    ? payload
    : { width: 1, height: 1 };
}
