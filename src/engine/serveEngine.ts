/**
 * The work of an engine worker, as a function that a test can call: messages in, messages out, strictly one at a time.
 * It has the session, or it is the feeder in front of one: then it makes inputs ready while the session runs.
 *   alone:   run -> feedJobs -> runReady -> ran
 *   in two:  run -> feedJobs -> (port) -> runReady -> ran
 */
import type { Feed } from '../core/card.ts';
import { systemClock } from '../core/clock.ts';
import type { EngineReply } from '../core/engine.ts';
import { assertNever, WeirError } from '../core/errors.ts';
import type { TensorInfo } from '../core/tensor.ts';
import { classifyError } from './classifyError.ts';
import { feedJobs, type FeedServices, type Ready } from './feedJobs.ts';
import { createInputRing } from './inputRing.ts';
import type { FromEngine, ToEngine, ToFeeder, ToRunner } from './messages.ts';
import type { OrtSession, SessionOptions } from './ortSession.ts';
import { runReady } from './runReady.ts';

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
  let know: (inputs: readonly TensorInfo[]) => void;
  const inputs = new Promise<readonly TensorInfo[]>((resolve) => {
    know = resolve;
  });
  port.onmessage = ({ data }: MessageEvent<ToFeeder>) => know(data.inputs);

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
        const ready = await feedJobs(work.jobs, { feed, inputs: await inputs }, services);
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
    const transfer: Transferable[] = ready.frames.flatMap((frame) =>
      frame.ok && frame.picture !== undefined ? [frame.picture.buffer] : [],
    );
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

  function takeFrom(port: MessagePort, { inputs }: OrtSession): void {
    port.onmessage = ({ data }: MessageEvent<ToRunner>) =>
      oneByOne(async () => {
        if (data.kind === 'feed') setFeed(data.feed);
        else await run(data.id, data.ready, true);
      });
    port.postMessage({ inputs } satisfies ToFeeder);
  }

  /** @param beside it was made ready in another worker: this one was busy with the run alone */
  async function run(id: number, ready: Ready, beside: boolean): Promise<void> {
    const { replies, poisoned } = await runReady(ready, session);
    // A frame that could not be made ready took part in no run; one that failed in the run did.
    const times = replies
      .map((reply) => reply.times)
      .reduce(
        (last, each) => (last === undefined || (each !== undefined && each.ran > last.ran) ? each : last),
        undefined,
      );
    const busyMs = times === undefined ? 0 : times.ran - (beside ? times.started : times.began);
    post(
      { kind: 'ran', id, replies, busyMs, poisoned, heapBytes: services.heapBytes() },
      replies.flatMap(transferablesOfReply),
    );
  }

  return async (work) => {
    switch (work.kind) {
      case 'load':
        return load(work);
      case 'feed':
        return setFeed(work.feed);
      case 'run':
        return run(work.id, await feedJobs(work.jobs, { feed, inputs: session?.inputs ?? [] }, services), false);
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
