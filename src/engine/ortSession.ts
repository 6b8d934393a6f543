/**
 * One ORT session in this worker: created, warmed by one run on zeros, then fed one prepared picture at a time.
 * Two `run()` or `create()` at once freeze or corrupt ORT; the caller (`serveEngine`) never overlaps them. On WebGPU outputs
 * are still on their way when the next run may begin.
 */
import type { InferenceSession, Tensor } from 'onnxruntime-web/wasm';
import { carriesState, type Feed } from '../core/card.ts';
import { systemClock } from '../core/clock.ts';
import { WeirError } from '../core/errors.ts';
import { dimensionOf, inputDims } from '../core/inputDims.ts';
import type { TensorInfo, TensorType, TensorValue } from '../core/tensor.ts';
import { referenceOf, whyNotCaptured } from './checkCapture.ts';
import { classifyError } from './classifyError.ts';
import { createFixedInputs, type FixedInputs, type GpuTensor } from './fixedInputs.ts';
import { type OwnedDevice, requestDevice } from './gpuDevice.ts';
import { collect, type Results, staysOnGpu } from './gpuOutputs.ts';
import type { Part } from './gpuReadback.ts';
import { createGpuParts, createGpuSession, type GpuParts, type GpuSession, type OwnGpuSession } from './gpuSession.ts';
import type { GraphOptions, LoadStep, ModelBytes, RequestedProvider, WorkerFacts } from './messages.ts';
import { fromNumbers, isInteger, zeros } from './numbers.ts';
import { openSession } from './openSession.ts';
import { bundleFor, loadOrt, type Ort } from './ortBundles.ts';
import { readOutput } from './readOutput.ts';
import { createSessionInputs, type SessionInputs } from './sessionInputs.ts';

export interface SessionOptions {
  readonly model: ModelBytes;
  readonly provider: RequestedProvider;
  readonly threads: number;
  readonly graph: GraphOptions;
  readonly feed: Feed;
  /** The runtime times each operator; it costs some. */
  readonly profile?: boolean;
  readonly onStep: (step: LoadStep) => void;
  readonly onLost: (error: WeirError) => void;
}

/** What a delivery feeds: values, or a buffer on the GPU that holds them. */
export type FedTensor = TensorValue | GpuTensor;

export interface OrtSession {
  readonly facts: WorkerFacts;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /** Where the session is on WebGPU. */
  readonly gpu?: GpuSession;
  setFeed(feed: Feed): void;
  /**
   * `fed` is the input that the delivery feeds, if any; `also` is read back from the GPU beside the outputs. Resolves when
   * the next run may begin, `results` when outputs are here; they own their buffers. Throws WeirError or ORT's own.
   */
  run(fed: FedTensor | undefined, also?: readonly Part[]): Promise<{ readonly results: Promise<Results> }>;
  /** Copies of the inputs that a run with `fed` would have. */
  inputsOf(fed: TensorValue | undefined): TensorValue[];
  /** The runtime writes what it has timed to the console. */
  endProfiling(): void;
}

/** Throws a WeirError of the load classes. Provider `auto` is WASM: it starts at once and is the same everywhere. */
export async function createOrtSession(options: SessionOptions): Promise<OrtSession> {
  const started = systemClock.now();
  const isolated = self.crossOriginIsolated;
  const reasons: string[] = [];
  const gpu = options.provider === 'webgpu' ? await tryDevice(reasons) : undefined;
  if (options.threads > 1 && !isolated) reasons.push('This page is not cross-origin isolated; running on one thread.');
  const threads = isolated ? options.threads : 1;
  const bundle = bundleFor(gpu === undefined ? 'wasm' : 'webgpu');
  const ort = await loadOrt(bundle, threads);
  const parts = gpu === undefined ? undefined : createGpuParts(gpu.device);
  const open = (capture: boolean) => openSession(ort, options, gpu, capture);
  let core = createCore(ort, await open(false), options.feed, parts, undefined);
  void gpu?.device.lost.then((info) => {
    options.onLost(new WeirError('device-lost', 'The GPU device was lost.', { details: info.message }));
  });
  const create = systemClock.now() - started;

  let firstRun = 0;
  let captured = false;
  const first = firstInput(options.feed, core.inputs, (type, size) => zeros(type, size));
  if (first !== undefined || core.given.unfilled().length === 0) {
    options.onStep('warmUp');
    const at = systemClock.now();
    try {
      await (await core.run(first)).results;
      if (options.graph.capture && parts !== undefined && options.profile !== true) {
        const why = whyNoCapture(bundle, options, core);
        const tried = why ?? (await tryCapture());
        captured = tried === undefined;
        if (tried !== undefined) reasons.push(tried);
      } else if (options.graph.capture && options.provider !== 'webgpu')
        reasons.push('Graph capture is for WebGPU only.');
    } catch (thrown) {
      throw classifyError(thrown, 'run');
    }
    core.setFeed(options.feed);
    firstRun = systemClock.now() - at;
  }

  /** Records the run in a session of its own; the plain one comes back where it misbehaves. Gives why, where it does. */
  async function tryCapture(): Promise<string | undefined> {
    const inputs = [1, 2].flatMap((seed) => noise(options.feed, core.inputs, seed) ?? []);
    const runWith = (of: Core) => async (input: TensorValue) => (await (await of.run(input)).results).outputs;
    const reference = await referenceOf(inputs, runWith(core));
    // Two sessions of one worker corrupt the runtime when they run at once, and hold the model twice.
    await core.release();
    let why: string | undefined;
    const fixed = parts === undefined ? undefined : createFixedInputs(parts.memory);
    try {
      core = createCore(ort, await open(true), options.feed, parts, fixed);
      why = await whyNotCaptured(inputs, reference, runWith(core));
      if (why === undefined) return undefined;
      await core.release();
    } catch (thrown) {
      const { message, details = message } = classifyError(thrown, 'run');
      why = `The run could not be captured (${details.replace(/\s+/g, ' ').slice(0, 120)}); capture is off.`;
    }
    fixed?.dispose();
    core = createCore(ort, await open(false), options.feed, parts, undefined);
    await (await core.run(first)).results;
    return why;
  }

  const facts: WorkerFacts = {
    provider: gpu === undefined ? 'wasm' : 'webgpu',
    threads,
    isolated,
    coldMs: { create, firstRun },
    ...(gpu === undefined ? {} : { adapter: gpu.adapter, software: gpu.software }),
    ...(core.gpu === undefined ? {} : { gpuSide: core.gpu.side }),
    ...(captured ? { captured } : {}),
    ...(reasons.length === 0 ? {} : { fallback: reasons.join(' ') }),
  };
  return {
    facts,
    inputs: core.inputs,
    outputs: core.outputs,
    ...(core.gpu === undefined ? {} : { gpu: core.gpu }),
    setFeed: core.setFeed,
    run: core.run,
    inputsOf: core.given.copies,
    endProfiling: core.endProfiling,
  };
}

interface Core extends Pick<OrtSession, 'inputs' | 'outputs' | 'setFeed' | 'run' | 'endProfiling'> {
  readonly gpu: OwnGpuSession | undefined;
  readonly given: SessionInputs;
  release(): Promise<void>;
}

function createCore(
  ort: Ort,
  session: InferenceSession,
  feed: Feed,
  parts: GpuParts | undefined,
  fixed: FixedInputs | undefined,
): Core {
  const inputs = infosOf(session.inputMetadata);
  const outputs = infosOf(session.outputMetadata);
  // A sequence or map output makes a plain run() throw after computing, so only tensors of numbers are asked for.
  const wanted = outputs.filter(({ type }) => type !== 'unknown' && type !== 'string').map(({ name }) => name);
  if (wanted.length === 0) throw new WeirError('bad-output', noNumbers(outputs));
  const given = createSessionInputs(ort, inputs, fixed);
  const gpu = parts === undefined ? undefined : createGpuSession(parts, inputs, fixed);

  function setFeed(next: Feed): void {
    given.setFeed(next);
    gpu?.setFeed(next);
  }

  async function run(fed: FedTensor | undefined, also: readonly Part[] = []): Promise<{ results: Promise<Results> }> {
    // What fails is thrown as well; without this ORT also writes it to the console, at the rate of the frames.
    const results = await session.run(given.tensors(fed), wanted, { logSeverityLevel: 4 });
    if (parts !== undefined) {
      const read = collect(results, wanted, parts.readback, also);
      if (gpu?.overlaps === true) return { results: read };
      const { outputs: values } = await read;
      given.keepState(values);
      return { results: read };
    }
    try {
      const read = wanted.map((name) => readOutput(name, results[name] as Tensor));
      given.keepState(read);
      return { results: Promise.resolve({ outputs: read, also: [] }) };
    } finally {
      for (const name of wanted) results[name]?.dispose();
    }
  }

  setFeed(feed);
  return {
    inputs,
    outputs,
    gpu,
    given,
    setFeed,
    run,
    endProfiling: () => session.endProfiling(),
    release: () => session.release(),
  };
}

function whyNoCapture(bundle: string, { feed }: SessionOptions, { inputs, outputs }: Core): string | undefined {
  const off = (why: string) => `${why}, so graph capture is off.`;
  if (bundle !== 'jspi') return off('This browser lacks JSPI');
  if (carriesState(feed)) return off('The model carries state from run to run');
  if (firstInput(feed, inputs, zeros) === undefined) return off('Nothing feeds this model');
  const odd = [...inputs, ...outputs].find(({ type }) => !staysOnGpu(type));
  return odd === undefined ? undefined : off(`${odd.name.slice(0, 60)} is ${odd.type}, which no GPU buffer holds`);
}

function noNumbers(outputs: readonly TensorInfo[]): string {
  const [first] = outputs;
  if (first === undefined) return 'The model has no output.';
  const only = outputs.length === 1 ? 'Its only output' : 'Its first output';
  const holds = first.type === 'string' ? 'text' : 'a sequence or a map';
  return `The model has no output of numbers. ${only}, ${first.name.slice(0, 60)}, holds ${holds}.`;
}

async function tryDevice(reasons: string[]): Promise<OwnedDevice | undefined> {
  try {
    const gpu = await requestDevice();
    if (gpu === undefined) reasons.push('This browser has no WebGPU adapter; running on WASM.');
    return gpu;
  } catch (thrown) {
    reasons.push(
      `The WebGPU device could not be opened (${WeirError.wrap(thrown, 'no-webgpu').message}); running on WASM.`,
    );
    return undefined;
  }
}

function infosOf(metadata: readonly InferenceSession.ValueMetadata[]): TensorInfo[] {
  return metadata.map((each) =>
    each.isTensor
      ? { name: each.name, type: each.type as TensorType, shape: each.shape.map(dimensionOf) }
      : { name: each.name, type: 'unknown', shape: [] },
  );
}

/** Of the size that frames will have; undefined where nothing is fed, or the input is not there. */
function firstInput(
  { prepare, stream }: Feed,
  inputs: readonly TensorInfo[],
  make: (type: TensorType, size: number) => TensorValue['data'],
): TensorValue | undefined {
  const info = inputs.find(({ name }) => name === (prepare?.input ?? stream?.input));
  if (info === undefined) return undefined;
  const dims = prepare === undefined ? (stream?.dims ?? []) : inputDims(prepare, info);
  const size = dims.reduce((product, dim) => product * dim, 1);
  return { name: info.name, type: info.type, dims, data: make(info.type, size) };
}

/** Two of them differ everywhere; what reaches a model is within the range of its pixels or of a tensor of shares. */
function noise(feed: Feed, inputs: readonly TensorInfo[], seed: number): TensorValue | undefined {
  let state = seed;
  return firstInput(feed, inputs, (type, size) =>
    fromNumbers(type, size, () => {
      // The same generator as of generated inputs (`sessionInputs.ts`).
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return (state / 2 ** 32) * (isInteger(type) ? 256 : 1);
    }),
  );
}
