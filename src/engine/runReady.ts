/**
 * The second half of a run: frames that are ready through the session, and a reply for each of them. On WebGPU it comes in
 * two steps: when the next run may begin, and when the outputs are here.
 */
import { systemClock } from '../core/clock.ts';
import type { EngineReply } from '../core/engine.ts';
import { WeirError } from '../core/errors.ts';
import type { Picture } from '../core/payload.ts';
import type { TensorValue } from '../core/tensor.ts';
import { classifyError, poisons } from './classifyError.ts';
import type { Ready, ReadyFrame } from './feedJobs.ts';
import { bytesOf, type Results, valueOf } from './gpuOutputs.ts';
import type { GpuInput } from './gpuPreparer.ts';
import type { FedTensor, OrtSession } from './ortSession.ts';
import { splitOutputs } from './stack.ts';

export interface Ran {
  /** In the order of the jobs. */
  readonly replies: readonly EngineReply[];
  readonly poisoned: boolean;
}

/** When the outputs of the last run were here: until then the next one that has begun only waits. */
export interface LastRan {
  at: number;
}

interface Begun {
  readonly results: Promise<Results>;
  /** What pictures were made into; undefined where the input came ready. */
  readonly gpu: { readonly tensor: FedTensor; readonly made: GpuInput } | undefined;
  /** Copies of the inputs of frames that asked for them, the fed one first. */
  readonly inspected: readonly (TensorValue[] | undefined)[];
}

/** Resolves when the next run may begin, `ran` when the outputs are here. Neither rejects. */
export async function beginRun(
  ready: Ready,
  session: OrtSession | undefined,
  last: LastRan,
): Promise<{ readonly ran: Promise<Ran> }> {
  const { frames } = ready;
  const begun = systemClock.now();
  const good = frames.filter((frame) => frame.ok);
  if (good.length === 0)
    return {
      ran: Promise.resolve({ replies: frames.map((frame) => refused(frame, ready)), poisoned: ready.poisoned }),
    };
  const times = () => {
    const { began, prepared } = ready;
    const ran = systemClock.now();
    const started = Math.max(begun, Math.min(ran, last.at));
    last.at = ran;
    return { began, prepared, started, ran };
  };
  const failed = (thrown: unknown): Ran => {
    const error = classifyError(thrown, 'run');
    const at = times();
    return {
      replies: frames.map((frame) =>
        frame.ok ? { ok: false, error: error.toData(), times: at } : refused(frame, ready),
      ),
      poisoned: ready.poisoned || poisons(thrown, error.code),
    };
  };
  try {
    if (session === undefined) throw new WeirError('cannot-feed', 'No model is open.');
    const run = await begin(ready, good, session);
    return { ran: run.results.then((results) => succeed(ready, good, run, results, times()), failed).catch(failed) };
  } catch (thrown) {
    return { ran: Promise.resolve(failed(thrown)) };
  }
}

async function begin({ frames, input }: Ready, good: readonly ReadyFrame[], session: OrtSession): Promise<Begun> {
  const uploads = good.flatMap(({ upload }) => upload ?? []);
  const { gpu } = session;
  const made =
    uploads.length === 0 || gpu === undefined
      ? undefined
      : await gpu.prepare(
          uploads,
          good.some(({ show }) => show === true),
        );
  const inspected = frames.map((frame) => {
    if (!frame.ok || frame.inspect === undefined) return undefined;
    // What the GPU has is read back with the outputs, and takes this place.
    const fed = made === undefined ? frame.inspect.input : { ...placeOf(made.tensor), data: new Uint8Array() };
    return session.inputsOf(fed);
  });
  const also = made === undefined ? [] : [...alsoOf(made.made, inspected)];
  const { results } = await session.run(made?.tensor ?? input, also);
  return { results, gpu: made, inspected };
}

function* alsoOf({ picture, buffer, bytes }: GpuInput, inspected: Begun['inspected']) {
  if (picture !== undefined) yield picture;
  if (inspected.some((each) => each !== undefined)) yield { buffer, bytes };
}

const placeOf = ({ name, type, dims }: FedTensor) => ({ name, type, dims });

function succeed(
  ready: Ready,
  good: readonly ReadyFrame[],
  { gpu, inspected }: Begun,
  { outputs, also }: Results,
  times: NonNullable<EngineReply['times']>,
): Ran {
  const parts = good.length > 1 ? splitOutputs(outputs, good.length) : [outputs];
  const bytes = [...also];
  const shown = gpu?.made.picture === undefined ? undefined : picture(gpu.made.picture, bytes.shift());
  const fed = gpu === undefined ? undefined : fedValues(gpu, bytes.shift(), good.length);
  let place = 0;
  const replies = ready.frames.map((frame, index): EngineReply => {
    if (!frame.ok) return refused(frame, ready);
    const at = place++;
    const inputs = inspected[index];
    const asked = frame.show === true ? shown : frame.picture;
    const own = fed?.[at];
    return {
      ok: true,
      times,
      outputs: parts[at] ?? [],
      fit: gpu?.made.fits[at] ?? frame.fit,
      ...(asked === undefined ? {} : { picture: asked }),
      ...(inputs === undefined ? {} : { inputs: own === undefined ? inputs : [own, ...inputs.slice(1)] }),
    };
  });
  return { replies, poisoned: ready.poisoned };
}

function picture({ width, height }: { width: number; height: number }, buffer: ArrayBuffer | undefined): Picture {
  return { buffer: buffer ?? new ArrayBuffer(width * height * 4), width, height };
}

/** The tensor of each frame as it lay on the GPU. */
function fedValues(
  { tensor: { name, type, dims } }: NonNullable<Begun['gpu']>,
  bytes: ArrayBuffer | undefined,
  frames: number,
): TensorValue[] | undefined {
  if (bytes === undefined) return undefined;
  const own = frames > 1 ? [1, ...dims.slice(1)] : dims;
  const size = bytesOf(type, own);
  return Array.from({ length: frames }, (_, i) => {
    const part = bytes.slice(i * size, (i + 1) * size);
    // Inputs are handed out as the runtime takes them: halves as their bits.
    return type === 'float16' ? { name, type, dims: own, data: new Uint16Array(part) } : valueOf(name, type, own, part);
  });
}

/** A frame that could not be made ready took part in no run. */
function refused(frame: Ready['frames'][number], { began, prepared }: Ready): EngineReply {
  if (frame.ok) throw new Error('A frame that is ready is run.');
  return { ok: false, error: frame.error, times: { began, prepared, started: prepared, ran: prepared } };
}
