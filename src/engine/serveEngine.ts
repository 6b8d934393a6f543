/**
 * The work of an engine worker, as a function that a test can call: messages in, messages out, strictly one at a time.
 * It has the session, or it is the feeder in front of one: then it makes inputs ready while the session runs.
 *   alone:   run -> feedJobs -> beginRun -> ran
 *   in two:  run -> feedJobs -> (port) -> beginRun -> ran
 * On WebGPU the next run begins while the outputs of the one before are read back.
 */
import type { Feed } from '../core/card.ts';
import { systemClock } from '../core/clock.ts';
import type { EngineReply } from '../core/engine.ts';
import { assertNever, WeirError } from '../core/errors.ts';
import { classifyError } from './classifyError.ts';
import { type Fed, feedJobs, type FeedServices, type Ready } from './feedJobs.ts';
import { createInputRing } from './inputRing.ts';
import type { FromEngine, ToEngine, ToFeeder, ToRunner } from './messages.ts';
import type { OrtSession, SessionOptions } from './ortSession.ts';
import { beginRun, type LastRan } from './runReady.ts';

export interface EngineServices extends FeedServices {
  readonly createSession: (options: SessionOptions) => Promise<OrtSession>;
  readonly heapBytes: () => number;
  readonly warmRuntime: (threads: number) => Promise<void>;
  readonly post: (message: FromEngine, transfer: Transferable[]) => void;
}

type Work = Exclude<ToEngine, { kind: 'ping' }>;

/** Returns the handler of incoming messages. Pings are answered at once, everything else in order. */
export function serveEngine(services: EngineServices): (message: ToEngine) => void {
  const { post } = services;
  const oneByOne = createTail();
  let serve: ((work: Work) => Promise<void>) | undefined;
  return (message) => {
    if (message.kind === 'ping') return post({ kind: 'pong', id: message.id, now: systemClock.now() }, []);
    oneByOne(() => {
      if (message.kind === 'feeder') serve = createFeeder(message.port, services);
      serve ??= createRunner(services, oneByOne);
      return serve(message);
    });
  };
}

function createFeeder(port: MessagePort, services: EngineServices): (work: Work) => Promise<void> {
  const ring = createInputRing(self.crossOriginIsolated);
  const post = (message: ToRunner, transfer: Transferable[]) => port.postMessage(message, transfer);
  let feed: Feed = {};
  let know: (model: ToFeeder) => void;
  const model = new Promise<ToFeeder>((resolve) => {
    know = resolve;
  });
  port.onmessage = ({ data }: MessageEvent<ToFeeder>) => know(data);

  return async (work) => {
    switch (work.kind) {
      case 'feeder':
        ({ feed } = work);
        return;
      case 'feed':
        ({ feed } = work);
        post({ kind: 'feed', feed }, []);
        return;
      case 'run': {
        const ready = await feedJobs(work.jobs, { feed, ...(await model) }, services);
        const { transfer, ...placed } = place(ready);
        post({ kind: 'ready', id: work.id, ready: placed.ready }, transfer);
        return;
      }
      case 'load':
      case 'warm':
      case 'profile':
        throw new Error('A feeder has no session.');
      default:
        assertNever(work);
    }
  };

  function place(ready: Ready): { ready: Ready; transfer: Transferable[] } {
    const held = ready.frames.flatMap((frame) => (frame.ok ? [frame.picture, frame.upload] : []));
    // What is shown may be what goes to the GPU.
    const moved = held.flatMap((each) => (each === undefined ? [] : 'close' in each ? each : each.buffer));
    const transfer: Transferable[] = [...new Set(moved)];
    if (ready.input === undefined) return { ready, transfer };
    const placed = ring.place(ready.input);
    const { input } = placed;
    // A frame alone is inspected where its input lies now; in a batch its part is its own.
    const frames = ready.frames.map((frame) =>
      frame.ok && frame.inspect?.input === ready.input ? { ...frame, inspect: { input } } : frame,
    );
    return { ready: { ...ready, frames, input }, transfer: [...transfer, ...placed.transfer] };
  }
}

function createRunner(
  services: EngineServices,
  oneByOne: (work: () => Promise<void>) => void,
): (work: Work) => Promise<void> {
  const { post } = services;
  const last: LastRan = { at: 0 };
  const told = createTail();
  let toldUntil = 0;
  let session: OrtSession | undefined;
  let feed: Feed = {};

  function setFeed(next: Feed): void {
    feed = next;
    session?.setFeed(next);
  }

  async function load({ id, port, ...asked }: Extract<Work, { kind: 'load' }>): Promise<void> {
    ({ feed } = asked);
    try {
      post({ kind: 'step', id, step: 'compile' }, []);
      session = await services.createSession({
        ...asked,
        onStep: (step) => post({ kind: 'step', id, step }, []),
        onLost: (error) => post({ kind: 'lost', error: error.toData() }, []),
      });
      if (port === undefined) await services.preparer;
      else takeFrom(port, session);
      post({ kind: 'loaded', id, facts: session.facts, inputs: session.inputs, outputs: session.outputs }, []);
    } catch (thrown) {
      post({ kind: 'failed', id, error: classifyError(thrown, 'load').toData() }, []);
    }
  }

  async function profile({ id, job, ...asked }: Extract<Work, { kind: 'profile' }>): Promise<void> {
    const { profileSession } = await import('./profileSession.ts');
    try {
      const made = await profileSession({ ...asked, onStep: () => {}, onLost: () => {} }, async (inputs) => {
        const { frames, input } = await feedJobs([job], { feed: asked.feed, inputs }, services);
        const [frame] = frames;
        if (frame?.ok === false) throw WeirError.fromData(frame.error);
        return input;
      });
      post({ kind: 'profiled', id, profile: made }, []);
    } catch (thrown) {
      post({ kind: 'failed', id, error: classifyError(thrown, 'load').toData() }, []);
    }
  }

  function takeFrom(port: MessagePort, { inputs, gpu }: OrtSession): void {
    port.onmessage = ({ data }: MessageEvent<ToRunner>) =>
      oneByOne(async () => {
        if (data.kind === 'feed') setFeed(data.feed);
        else await run(data.id, data.ready, true);
      });
    port.postMessage({ inputs, ...(gpu === undefined ? {} : { gpuSide: gpu.side }) } satisfies ToFeeder);
  }

  /** @param beside it was made ready in another worker: this one was busy with the run alone */
  async function run(id: number, ready: Ready, beside: boolean): Promise<void> {
    for (const frame of ready.frames)
      if (frame.ok && frame.upload !== undefined && 'close' in frame.upload) session?.gpu?.opened(frame.upload);
    const { ran } = await beginRun(ready, session, last);
    const tell = async () => {
      const { replies, poisoned } = await ran;
      // A frame that could not be made ready took part in no run; one that failed in the run did.
      const times = replies
        .map((reply) => reply.times)
        .reduce(
          (latest, each) => (latest === undefined || (each !== undefined && each.ran > latest.ran) ? each : latest),
          undefined,
        );
      // What overlaps the run before it is counted there.
      const since = times === undefined ? 0 : beside ? times.started : Math.max(times.began, toldUntil);
      const busyMs = times === undefined ? 0 : Math.max(0, times.ran - since);
      toldUntil = times?.ran ?? toldUntil;
      const gpu = session?.gpu?.held();
      post(
        {
          kind: 'ran',
          id,
          replies,
          busyMs,
          poisoned,
          heapBytes: services.heapBytes(),
          ...(gpu === undefined ? {} : { gpu }),
        },
        replies.flatMap(transferablesOfReply),
      );
    };
    // In the order of the runs, whoever ends first.
    if (session?.gpu === undefined) await tell();
    else told(tell);
  }

  return async (work) => {
    switch (work.kind) {
      case 'load':
        return load(work);
      case 'feed':
        return setFeed(work.feed);
      case 'run':
        return run(work.id, await feedJobs(work.jobs, fedBy(session, feed), services), false);
      case 'warm':
        return services.warmRuntime(work.threads);
      case 'profile':
        return profile(work);
      case 'feeder':
        throw new Error('A worker that has a session feeds it itself.');
      default:
        assertNever(work);
    }
  };
}

function fedBy(session: OrtSession | undefined, feed: Feed): Fed {
  const { inputs = [], gpu } = session ?? {};
  return { feed, inputs, ...(gpu === undefined ? {} : { gpuSide: gpu.side }) };
}

/** One thing at a time, in order. An unexpected throw must reach the pool as a worker error, not silence what is behind it. */
function createTail(): (work: () => Promise<void>) => void {
  let tail: Promise<void> = Promise.resolve();
  return (work) => {
    tail = tail.then(work).catch((thrown: unknown) => self.reportError(thrown));
  };
}

function transferablesOfReply(reply: EngineReply): Transferable[] {
  if (!reply.ok) return [];
  const buffers = new Set<Transferable>(reply.outputs.map((output) => output.data.buffer));
  if (reply.picture !== undefined) buffers.add(reply.picture.buffer);
  for (const input of reply.inputs ?? []) buffers.add(input.data.buffer);
  return [...buffers];
}
