/**
 * The first half of a run: from the payloads of its frames to the one input of the model. It needs no ORT, so that it can
 * be done beside the run before it. Each frame is fed by itself, so that a broken one fails alone.
 */
import type { Feed } from '../core/card.ts';
import { systemClock } from '../core/clock.ts';
import { type EngineJob, type EngineReply, type Fit, wholeFit } from '../core/engine.ts';
import { WeirError, type WeirErrorData } from '../core/errors.ts';
import type { Payload, Picture, TensorPayload } from '../core/payload.ts';
import { pictureShape } from '../core/pictureShape.ts';
import type { TensorData, TensorInfo, TensorValue } from '../core/tensor.ts';
import { parseNpy } from '../core/wire/npy.ts';
import { classifyError, poisons } from './classifyError.ts';
import { dimsInto, fitTensor } from './fitTensor.ts';
import { inputDims } from '../core/inputDims.ts';
import type { Preparer } from './preparer.ts';
import type { Upload } from './gpuPreparer.ts';
import { createStack } from './stack.ts';
import { whyNotOnGpu } from './whyNotOnGpu.ts';

export interface FeedServices {
  /** Upright RGBA of a payload, in `recycle` when that is large enough. Throws WeirError. */
  readonly toPicture: (payload: Payload, recycle?: ArrayBuffer) => Promise<Picture>;
  readonly preparer: Promise<Preparer>;
}

/** What a frame's reply has beside the outputs. */
export interface ReadyFrame {
  readonly ok: true;
  readonly fit: Fit;
  readonly picture?: Picture;
  /** The GPU makes the input of it; then `fit` is told there. */
  readonly upload?: Upload;
  /** The picture is asked for, and only the GPU has it. */
  readonly show?: true;
  /** Copies of the inputs are asked for: this frame's own part of the input. */
  readonly inspect?: { readonly input: TensorValue | undefined };
}

export interface UnreadyFrame {
  readonly ok: false;
  readonly error: WeirErrorData;
}

/** Frames made ready for one run. */
export interface Ready {
  readonly began: number;
  readonly prepared: number;
  /** In the order of the jobs. */
  readonly frames: readonly (ReadyFrame | UnreadyFrame)[];
  /** Of those that are ready, one after the other; undefined where nothing feeds the model. */
  readonly input: TensorValue | undefined;
  /** The worker that made it can no longer be trusted. */
  readonly poisoned: boolean;
}

/** What the model takes; of a session, or told by the worker that has it. */
export interface Fed {
  readonly feed: Feed;
  readonly inputs: readonly TensorInfo[];
  /** A GPU makes inputs of pictures up to this side, px. */
  readonly gpuSide?: number;
}

export async function feedJobs(jobs: readonly EngineJob[], to: Fed, services: FeedServices): Promise<Ready> {
  const began = systemClock.now();
  const stack = jobs.length > 1 ? createStack(jobs.length) : undefined;
  const frames: (ReadyFrame | UnreadyFrame)[] = [];
  let single: TensorValue | undefined;
  let poisoned = false;
  // In one batch all inputs lie in the same memory.
  const onGpu = jobs.every(({ payload }) => isPicture(payload)) && takesPictures(to);
  for (const job of jobs) {
    try {
      if (onGpu) {
        frames.push(await uploadOf(job, to.gpuSide ?? 0, services));
        continue;
      }
      const { input, rest } = await feedOne(job, to, services);
      // The next picture overwrites the prepared one.
      single = stack === undefined ? input : stack.add(input);
      frames.push({ ok: true, ...rest, ...(job.inspect === true ? { inspect: { input: single } } : {}) });
    } catch (thrown) {
      const error = classifyError(thrown, 'run');
      poisoned ||= poisons(thrown, error.code);
      frames.push({ ok: false, error: error.toData() });
    }
  }
  const input = stack === undefined ? single : stack.whole();
  return { began, prepared: systemClock.now(), frames, input, poisoned };
}

async function feedOne(
  { payload: given, picture: asked }: EngineJob,
  { feed, inputs }: Fed,
  services: FeedServices,
): Promise<{ input: TensorValue | undefined; rest: Pick<EngineReply & { ok: true }, 'fit' | 'picture'> }> {
  const payload = opened(given);
  // A tensor is drawn only where it is shown; every other payload must become a picture to be fed.
  const asTensor = payload.kind === 'tensor' ? streamed(payload, feed, inputs) : undefined;
  const needed = feed.prepare !== undefined && asTensor === undefined;
  const picture = needed || asked !== undefined ? await services.toPicture(payload, asked?.recycle) : undefined;
  const pixels =
    feed.prepare !== undefined && needed && picture !== undefined
      ? (await services.preparer).prepare(picture, feed.prepare)
      : undefined;
  return {
    input: pixels === undefined ? asTensor : pictureInput(pixels.data, feed, inputs),
    rest: {
      fit: pixels?.fit ?? wholeFit(picture ?? { width: 1, height: 1 }),
      ...(asked === undefined || picture === undefined ? {} : { picture }),
    },
  };
}

/** What is drawn or decoded here, and a camera's frame; arrays are tensors first. */
function isPicture(payload: Payload): boolean {
  return payload.kind !== 'tensor' && !(payload.kind === 'encoded' && payload.format === 'npy');
}

function takesPictures({ feed: { prepare }, gpuSide }: Fed): boolean {
  return gpuSide !== undefined && prepare !== undefined && whyNotOnGpu(prepare) === undefined;
}

/** A camera's frame goes as it is; everything else becomes RGBA here, and goes up from there. */
async function uploadOf(
  { payload, picture: asked, inspect }: EngineJob,
  gpuSide: number,
  services: FeedServices,
): Promise<ReadyFrame> {
  const inspected = inspect === true ? { inspect: { input: undefined } } : {};
  if (payload.kind === 'frame') {
    const { frame, width, height } = payload;
    if (Math.max(width, height) > gpuSide) frame.close();
    checkSide(width, height, gpuSide);
    const shown = asked === undefined ? {} : { show: true as const };
    return { ok: true, fit: wholeFit(payload), upload: frame, ...shown, ...inspected };
  }
  const picture = await services.toPicture(opened(payload), asked?.recycle);
  checkSide(picture.width, picture.height, gpuSide);
  const shown = asked === undefined ? {} : { picture };
  return { ok: true, fit: wholeFit(picture), upload: picture, ...shown, ...inspected };
}

function checkSide(width: number, height: number, gpuSide: number): void {
  if (Math.max(width, height) > gpuSide)
    throw new WeirError('too-large', `The picture is ${width} × ${height}; this GPU takes sides of ${gpuSide}.`);
}

/** An array is opened here, after admission, so that a broken one fails that one frame. */
function opened(payload: Payload): Payload {
  if (payload.kind === 'broken') throw WeirError.fromData(payload.error);
  return payload.kind === 'encoded' && payload.format === 'npy' ? parseNpy(payload.bytes) : payload;
}

/** The input that a tensor feeds; undefined where it is a picture for a model that takes pictures. */
function streamed(payload: TensorPayload, feed: Feed, inputs: readonly TensorInfo[]): TensorValue | undefined {
  const name = feed.stream?.input ?? feed.prepare?.input;
  const info = inputs.find((each) => each.name === name);
  if (info === undefined) return undefined;
  // Pixels of another size are a picture to be fitted, not a tensor of the wrong shape.
  const isPicture = payload.fit === undefined && feed.prepare !== undefined && pictureShape(payload.dims) !== undefined;
  if (isPicture && dimsInto(payload.dims, info.shape) === undefined) return undefined;
  const { prepare } = feed;
  const whole = prepare !== undefined && prepare.input === name ? inputDims(prepare, info) : feed.stream?.dims;
  return fitTensor(payload, info, whole);
}

function pictureInput(data: TensorData, { prepare }: Feed, inputs: readonly TensorInfo[]): TensorValue {
  const info = inputs.find(({ name }) => name === prepare?.input);
  if (prepare === undefined || info === undefined)
    throw new WeirError('cannot-feed', `The model has no input named ${(prepare?.input ?? '').slice(0, 60)}.`);
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
