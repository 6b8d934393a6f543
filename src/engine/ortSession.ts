/**
 * One ORT session in this worker: created, warmed by one run on zeros, then fed one prepared picture at a time.
 * Two `run()` or `create()` at once freeze or corrupt ORT; the caller (`serveEngine`) never overlaps them.
 */
import type { InferenceSession, Tensor } from 'onnxruntime-web/wasm';
import type { Prepare } from '../core/card.ts';
import { systemClock } from '../core/clock.ts';
import { WeirError } from '../core/errors.ts';
import type { TensorData, TensorInfo, TensorType, TensorValue } from '../core/tensor.ts';
import { classifyError } from './classifyError.ts';
import { type OwnedDevice, requestDevice } from './gpuDevice.ts';
import { dimensionOf, inputDims, staticSize } from './inputDims.ts';
import type { LoadStep, ModelBytes, RequestedProvider, WorkerFacts } from './messages.ts';
import { bundleFor, loadOrt, type Ort } from './ortBundles.ts';
import { readOutput } from './readOutput.ts';
import { zeros } from './zeros.ts';

export interface SessionOptions {
  readonly model: ModelBytes;
  readonly provider: RequestedProvider;
  readonly threads: number;
  readonly prepare: Prepare | undefined;
  readonly onStep: (step: LoadStep) => void;
  readonly onLost: (error: WeirError) => void;
}

export interface OrtSession {
  readonly facts: WorkerFacts;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /** `data` is the prepared input as `prepare` describes it. Outputs own their buffers. Throws WeirError or ORT's own. */
  run(data: TensorData, prepare: Prepare): Promise<TensorValue[]>;
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
    session = await ort.InferenceSession.create(
      new Uint8Array(options.model.bytes),
      sessionOptions(options.model, gpu),
    );
  } catch (thrown) {
    throw classifyError(thrown, 'load');
  }
  void gpu?.device.lost.then((info) => {
    options.onLost(new WeirError('device-lost', 'The GPU device was lost.', { details: info.message }));
  });
  const inputs = infosOf(session.inputMetadata);
  const outputs = infosOf(session.outputMetadata);
  // A sequence or map output makes a plain run() throw after computing, so only tensors are asked for.
  const wanted = session.outputMetadata.filter((each) => each.isTensor).map((each) => each.name);
  if (wanted.length === 0) throw new WeirError('bad-output', 'The model has no output that is a tensor.');
  const create = systemClock.now() - started;

  async function run(data: TensorData, prepare: Prepare): Promise<TensorValue[]> {
    const feeds = feed(ort, inputs, data, prepare);
    const results = await session.run(feeds, wanted);
    try {
      return wanted.map((name) => readOutput(name, results[name] as Tensor));
    } finally {
      for (const name of wanted) results[name]?.dispose();
    }
  }

  let firstRun = 0;
  const { prepare } = options;
  if (prepare !== undefined) {
    options.onStep('warmUp');
    const at = systemClock.now();
    const size = prepare.width * prepare.height * (prepare.color === 'gray' ? 1 : 3);
    try {
      await run(zeros(prepare.type, size), prepare);
    } catch (thrown) {
      // Zeros are not a picture: a model may answer them with 0/0 and still be right about real frames.
      if (!(thrown instanceof WeirError && thrown.code === 'bad-output')) throw classifyError(thrown, 'run');
    }
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
  return { facts, inputs, outputs, run };
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

function sessionOptions(model: ModelBytes, gpu: OwnedDevice | undefined): InferenceSession.SessionOptions {
  const external = model.external.map(({ path, data }) => ({ path, data: new Uint8Array(data) }));
  return {
    executionProviders: gpu === undefined ? ['wasm'] : [{ name: 'webgpu', device: gpu.device }],
    graphOptimizationLevel: 'all',
    // The session has a log level of its own; at its default every initialiser that is an input is an error line.
    logSeverityLevel: 3,
    ...(external.length === 0 ? {} : { externalData: external }),
  };
}

function infosOf(metadata: readonly InferenceSession.ValueMetadata[]): TensorInfo[] {
  return metadata.map((each) =>
    each.isTensor
      ? { name: each.name, type: each.type as TensorType, shape: each.shape.map(dimensionOf) }
      : { name: each.name, type: 'unknown', shape: [] },
  );
}

/** The picture into its input; every other input gets zeros, which only a static shape allows. */
function feed(ort: Ort, inputs: readonly TensorInfo[], data: TensorData, prepare: Prepare): Record<string, Tensor> {
  const feeds: Record<string, Tensor> = {};
  for (const info of inputs) {
    if (info.name === prepare.input) {
      feeds[info.name] = tensor(ort, prepare.type, data, inputDims(prepare, info));
      continue;
    }
    const size = staticSize(info.shape);
    if (size === undefined)
      throw new WeirError('cannot-feed', `Input ${info.name} has free dimensions and no frame to fill it.`);
    feeds[info.name] = tensor(ort, info.type, zeros(info.type, size), info.shape as number[]);
  }
  if (!(prepare.input in feeds)) throw new WeirError('cannot-feed', `The model has no input named ${prepare.input}.`);
  return feeds;
}

function tensor(ort: Ort, type: TensorType, data: TensorData, dims: readonly number[]): Tensor {
  // ORT types each tensor type's data separately; a table of overloads would say no more than this line.
  return new ort.Tensor(type as 'float32', data as Float32Array, dims);
}
