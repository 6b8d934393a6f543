/**
 * One ORT session in this worker: created, warmed by one run on zeros, then fed one prepared picture at a time.
 * Two `run()` or `create()` at once freeze or corrupt ORT; the caller (`serveEngine`) never overlaps them.
 */
import type { InferenceSession, Tensor } from 'onnxruntime-web/wasm';
import type { Feed } from '../core/card.ts';
import { systemClock } from '../core/clock.ts';
import { WeirError } from '../core/errors.ts';
import type { TensorInfo, TensorType, TensorValue } from '../core/tensor.ts';
import { classifyError } from './classifyError.ts';
import { type OwnedDevice, requestDevice } from './gpuDevice.ts';
import { dimensionOf, inputDims } from './inputDims.ts';
import type { GraphOptions, LoadStep, ModelBytes, RequestedProvider, WorkerFacts } from './messages.ts';
import { zeros } from './numbers.ts';
import { bundleFor, loadOrt } from './ortBundles.ts';
import { readOutput } from './readOutput.ts';
import { createSessionInputs } from './sessionInputs.ts';

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

export interface OrtSession {
  readonly facts: WorkerFacts;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  setFeed(feed: Feed): void;
  /** `fed` is the input that the delivery feeds, if any. Outputs own their buffers. Throws WeirError or ORT's own. */
  run(fed: TensorValue | undefined): Promise<TensorValue[]>;
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
  const ort = await loadOrt(bundleFor(gpu === undefined ? 'wasm' : 'webgpu'), threads);
  let session: InferenceSession;
  try {
    session = await ort.InferenceSession.create(new Uint8Array(options.model.bytes), sessionOptions(options, gpu));
  } catch (thrown) {
    throw classifyError(thrown, 'load');
  }
  void gpu?.device.lost.then((info) => {
    options.onLost(new WeirError('device-lost', 'The GPU device was lost.', { details: info.message }));
  });
  const inputs = infosOf(session.inputMetadata);
  const outputs = infosOf(session.outputMetadata);
  // A sequence or map output makes a plain run() throw after computing, so only tensors of numbers are asked for.
  const wanted = outputs.filter(({ type }) => type !== 'unknown' && type !== 'string').map(({ name }) => name);
  if (wanted.length === 0) throw new WeirError('bad-output', noNumbers(outputs));
  const create = systemClock.now() - started;

  const given = createSessionInputs(ort, inputs);
  given.setFeed(options.feed);

  async function run(fed: TensorValue | undefined): Promise<TensorValue[]> {
    // What fails is thrown as well; without this ORT also writes it to the console, at the rate of the frames.
    const results = await session.run(given.tensors(fed), wanted, { logSeverityLevel: 4 });
    try {
      const read = wanted.map((name) => readOutput(name, results[name] as Tensor));
      given.keepState(read);
      return read;
    } finally {
      for (const name of wanted) results[name]?.dispose();
    }
  }

  let firstRun = 0;
  const first = firstInput(options.feed, inputs);
  if (first !== undefined || given.unfilled().length === 0) {
    options.onStep('warmUp');
    const at = systemClock.now();
    try {
      await run(first);
    } catch (thrown) {
      throw classifyError(thrown, 'run');
    }
    given.setFeed(options.feed);
    firstRun = systemClock.now() - at;
  }
  const facts: WorkerFacts = {
    provider: gpu === undefined ? 'wasm' : 'webgpu',
    threads,
    isolated,
    coldMs: { create, firstRun },
    ...(gpu === undefined ? {} : { adapter: gpu.adapter, software: gpu.software }),
    ...(reasons.length === 0 ? {} : { fallback: reasons.join(' ') }),
  };
  return {
    facts,
    inputs,
    outputs,
    setFeed: given.setFeed,
    run,
    inputsOf: given.copies,
    endProfiling: () => session.endProfiling(),
  };
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

function sessionOptions(
  { model, graph, profile = false }: SessionOptions,
  gpu: OwnedDevice | undefined,
): InferenceSession.SessionOptions {
  const external = model.external.map(({ path, data }) => ({ path, data: new Uint8Array(data) }));
  return {
    executionProviders: [gpu === undefined ? 'wasm' : webgpuProvider(gpu, graph.layout)],
    graphOptimizationLevel: graph.level,
    // The session has a log level of its own; at its default every initialiser that is an input is an error line.
    logSeverityLevel: 3,
    ...(profile ? { enableProfiling: true } : {}),
    ...(external.length === 0 ? {} : { externalData: external }),
  };
}

function webgpuProvider(
  { device }: OwnedDevice,
  layout: GraphOptions['layout'],
): InferenceSession.WebGpuExecutionProviderOption {
  return { name: 'webgpu', device, ...(layout === 'auto' ? {} : { preferredLayout: layout }) };
}

function infosOf(metadata: readonly InferenceSession.ValueMetadata[]): TensorInfo[] {
  return metadata.map((each) =>
    each.isTensor
      ? { name: each.name, type: each.type as TensorType, shape: each.shape.map(dimensionOf) }
      : { name: each.name, type: 'unknown', shape: [] },
  );
}

/** Zeros of the size that frames will have; undefined where nothing is fed, or the input is not there. */
function firstInput({ prepare, stream }: Feed, inputs: readonly TensorInfo[]): TensorValue | undefined {
  const info = inputs.find(({ name }) => name === (prepare?.input ?? stream?.input));
  if (info === undefined) return undefined;
  const dims = prepare === undefined ? (stream?.dims ?? []) : inputDims(prepare, info);
  const size = dims.reduce((product, dim) => product * dim, 1);
  return { name: info.name, type: info.type, dims, data: zeros(info.type, size) };
}
