/**
 * The work of an engine worker, as a function that a test can call: messages in, messages out, strictly one at a time.
 * Pixels are injected, because making a picture from a payload is another room's work.
 */
import type { Feed } from '../core/card.ts';
import { systemClock } from '../core/clock.ts';
import { type EngineJob, type EngineReply, type EngineTimes, wholeFit } from '../core/engine.ts';
import { assertNever, WeirError } from '../core/errors.ts';
import type { Payload, Picture, TensorPayload } from '../core/payload.ts';
import type { TensorData, TensorInfo, TensorValue } from '../core/tensor.ts';
import { pictureShape } from '../core/pictureShape.ts';
import { parseNpy } from '../core/wire/npy.ts';
import { classifyError, poisons } from './classifyError.ts';
import { dimsInto, fitTensor } from './fitTensor.ts';
import { inputDims } from './inputDims.ts';
import type { FromEngine, ToEngine } from './messages.ts';
import type { OrtSession, SessionOptions } from './ortSession.ts';
import type { Preparer } from './preparer.ts';

export interface EngineServices {
  /** Upright RGBA of a payload, in `recycle` when that is large enough. Throws WeirError. */
  readonly toPicture: (payload: Payload, recycle?: ArrayBuffer) => Promise<Picture>;
  readonly createSession: (options: SessionOptions) => Promise<OrtSession>;
  readonly preparer: Promise<Preparer>;
  readonly post: (message: FromEngine, transfer: Transferable[]) => void;
}

/** Returns the handler of incoming messages. Pings are answered at once, everything else in order. */
export function serveEngine(services: EngineServices): (message: ToEngine) => void {
  const { post } = services;
  let session: OrtSession | undefined;
  let feed: Feed = {};
  let tail: Promise<void> = Promise.resolve();

  async function handle(message: Exclude<ToEngine, { kind: 'ping' }>): Promise<void> {
    switch (message.kind) {
      case 'load': {
        const { id } = message;
        feed = message.feed;
        try {
          post({ kind: 'step', id, step: 'compile' }, []);
          session = await services.createSession({
            model: message.model,
            provider: message.provider,
            threads: message.threads,
            feed,
            onStep: (step) => post({ kind: 'step', id, step }, []),
            onLost: (error) => post({ kind: 'lost', error: error.toData() }, []),
          });
          await services.preparer;
          post({ kind: 'loaded', id, facts: session.facts, inputs: session.inputs, outputs: session.outputs }, []);
        } catch (thrown) {
          post({ kind: 'failed', id, error: classifyError(thrown, 'load').toData() }, []);
        }
        return;
      }
      case 'feed':
        feed = message.feed;
        session?.setFeed(feed);
        return;
      case 'run': {
        const began = systemClock.now();
        const { reply, poisoned } = await run(message.job, began);
        const busyMs = (reply.times?.ran ?? systemClock.now()) - began;
        post({ kind: 'ran', id: message.id, reply, busyMs, poisoned }, transferablesOfReply(reply));
        return;
      }
      default:
        assertNever(message);
    }
  }

  async function run(job: EngineJob, began: number): Promise<{ reply: EngineReply; poisoned: boolean }> {
    let prepared = Number.NaN;
    try {
      if (session === undefined) throw new WeirError('cannot-feed', 'No model is open.');
      const payload = opened(job.payload);
      // A tensor is drawn only where it is shown; every other payload must become a picture to be fed.
      const asTensor = payload.kind === 'tensor' ? streamed(payload, feed, session.inputs) : undefined;
      const needed = feed.prepare !== undefined && asTensor === undefined;
      const picture =
        needed || job.picture !== undefined ? await services.toPicture(payload, job.picture?.recycle) : undefined;
      const pixels =
        feed.prepare !== undefined && needed && picture !== undefined
          ? (await services.preparer).prepare(picture, feed.prepare)
          : undefined;
      const fed = pixels === undefined ? asTensor : pictureInput(pixels.data, feed, session.inputs);
      prepared = systemClock.now();
      const inspected = job.inspect === true ? { inputs: session.inputsOf(fed) } : {};
      const outputs = await session.run(fed);
      const times: EngineTimes = { began, prepared, ran: systemClock.now() };
      const kept = job.picture === undefined || picture === undefined ? {} : { picture };
      const fit = pixels?.fit ?? wholeFit(picture ?? { width: 1, height: 1 });
      return { reply: { ok: true, times, outputs, fit, ...kept, ...inspected }, poisoned: false };
    } catch (thrown) {
      const error = classifyError(thrown, 'run');
      const times: EngineTimes = { began, prepared, ran: systemClock.now() };
      return { reply: { ok: false, error: error.toData(), times }, poisoned: poisons(thrown, error.code) };
    }
  }

  return (message) => {
    if (message.kind === 'ping') post({ kind: 'pong', id: message.id, now: systemClock.now() }, []);
    // An unexpected throw must reach the pool as a worker error, not silence every job behind it.
    else tail = tail.then(() => handle(message)).catch((thrown: unknown) => self.reportError(thrown));
  };
}

/** An array is opened here, after admission, so that a broken one fails that one frame. */
function opened(payload: Payload): Payload {
  return payload.kind === 'encoded' && payload.format === 'npy' ? parseNpy(payload.bytes) : payload;
}

/** The input that a tensor feeds; undefined where it is a picture for a model that takes pictures. */
function streamed(payload: TensorPayload, feed: Feed, inputs: readonly TensorInfo[]): TensorValue | undefined {
  const name = feed.stream?.input ?? feed.prepare?.input;
  const info = inputs.find((each) => each.name === name);
  if (info === undefined) return undefined;
  // Pixels of another size are a picture to be fitted, not a tensor of the wrong shape.
  const isPicture = feed.prepare !== undefined && pictureShape(payload.dims) !== undefined;
  if (isPicture && dimsInto(payload.dims, info.shape) === undefined) return undefined;
  return fitTensor(payload, info);
}

function pictureInput(data: TensorData, { prepare }: Feed, inputs: readonly TensorInfo[]): TensorValue {
  const info = inputs.find(({ name }) => name === prepare?.input);
  if (prepare === undefined || info === undefined)
    throw new WeirError('cannot-feed', `The model has no input named ${prepare?.input ?? ''}.`);
  const dims = inputDims(prepare, info);
  return { name: prepare.input, type: prepare.type, dims, data: repeated(data, prepare.batch ?? 1) };
}

/** The same picture in each place of a fixed batch. */
function repeated(data: TensorData, times: number): TensorData {
  if (times === 1) return data;
  const all = data.slice(0, 0).constructor as new (length: number) => TensorData;
  const batch = new all(data.length * times);
  // Both arrays are of the same type, which TypeScript cannot know of a union.
  for (let i = 0; i < times; i++) (batch as Uint8Array).set(data as Uint8Array, i * data.length);
  return batch;
}

function transferablesOfReply(reply: EngineReply): Transferable[] {
  if (!reply.ok) return [];
  const buffers = new Set<Transferable>(reply.outputs.map((output) => output.data.buffer));
  if (reply.picture !== undefined) buffers.add(reply.picture.buffer);
  for (const input of reply.inputs ?? []) buffers.add(input.data.buffer);
  return [...buffers];
}
