/**
 * The work of an engine worker, as a function that a test can call: messages in, messages out, strictly one at a time.
 * Pixels are injected, because making a picture from a payload is another room's work.
 */
import type { Prepare } from '../core/card.ts';
import { systemClock } from '../core/clock.ts';
import type { EngineJob, EngineReply, EngineTimes } from '../core/engine.ts';
import { assertNever, WeirError } from '../core/errors.ts';
import type { TensorData, TensorInfo, TensorValue } from '../core/tensor.ts';
import type { Payload, Picture } from '../core/payload.ts';
import { classifyError, poisons } from './classifyError.ts';
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
  let prepare: Prepare | undefined;
  let tail: Promise<void> = Promise.resolve();

  async function handle(message: Exclude<ToEngine, { kind: 'ping' }>): Promise<void> {
    switch (message.kind) {
      case 'load': {
        const { id } = message;
        prepare = message.prepare;
        try {
          post({ kind: 'step', id, step: 'compile' }, []);
          session = await services.createSession({
            model: message.model,
            provider: message.provider,
            threads: message.threads,
            prepare,
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
      case 'prepare':
        prepare = message.prepare;
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
      if (session === undefined || prepare === undefined)
        throw new WeirError('cannot-feed', 'The model has no input that a frame can feed.');
      const picture = await services.toPicture(job.payload, job.picture?.recycle);
      const input = (await services.preparer).prepare(picture, prepare);
      prepared = systemClock.now();
      const inspected = job.inspect === true ? { input: copyOf(input.data, prepare, session.inputs) } : {};
      const outputs = await session.run(input.data, prepare);
      const times: EngineTimes = { began, prepared, ran: systemClock.now() };
      const kept = job.picture === undefined ? {} : { picture };
      return { reply: { ok: true, times, outputs, fit: input.fit, ...kept, ...inspected }, poisoned: false };
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

/** The prepared input as an own tensor; float16 stays as the bits that ORT takes. */
function copyOf(data: TensorData, prepare: Prepare, inputs: readonly TensorInfo[]): TensorValue {
  const info = inputs.find(({ name }) => name === prepare.input);
  const dims = info === undefined ? [data.length] : inputDims(prepare, info);
  return { name: prepare.input, type: prepare.type, dims, data: data.slice() };
}

function transferablesOfReply(reply: EngineReply): Transferable[] {
  if (!reply.ok) return [];
  const buffers = new Set<Transferable>(reply.outputs.map((output) => output.data.buffer));
  if (reply.picture !== undefined) buffers.add(reply.picture.buffer);
  if (reply.input !== undefined) buffers.add(reply.input.data.buffer);
  return [...buffers];
}
