/** Chooses the supplier of inference from the settings: a pool of engine workers, or the simulated engine. */
import { carriesState, feedOf, type ModelInfo } from '../core/card.ts';
import { systemClock } from '../core/clock.ts';
import type { InferenceEngine } from '../core/engine.ts';
import { WeirError } from '../core/errors.ts';
import type { MendedModel } from '../core/repair.ts';
import { firstPayload } from './firstPayload.ts';
import type { ModelFile } from './protocol.ts';
import type { EngineChoice } from './resolveEngine.ts';
import type { Profile } from '../core/profile.ts';
import type { ExternalData, GraphOptions } from '../engine/messages.ts';
import { createWorkerSupply } from '../engine/workerSupply.ts';
import { staysOnGpu } from '../engine/gpuOutputs.ts';
import { createPool, defaultThreads } from '../engine/pool.ts';
import { fileFor } from '../models/externalData.ts';

export interface OpenModel {
  readonly info: ModelInfo;
  readonly files: readonly ModelFile[];
  /** Given to the runtime instead of the first file. */
  readonly mended?: MendedModel | undefined;
}

const supply = createWorkerSupply(() => new Worker(new URL('./engine.worker.ts', import.meta.url), { type: 'module' }));

export async function createEngine(
  settings: EngineChoice,
  model: OpenModel | undefined,
  signal: AbortSignal,
): Promise<InferenceEngine> {
  if (settings.provider === 'simulated') {
    // Only here does this worker paint; the first load is spared it.
    const [{ createSimulated }, { createPictures }] = await Promise.all([
      import('../engine/simulated.ts'),
      import('./pictures.ts'),
    ]);
    return createSimulated({ ...settings, clock: systemClock, draw: createPictures() });
  }
  if (model === undefined) throw new WeirError('not-a-model', 'No model is open.');
  const { sessions } = settings;
  const isolated = globalThis.crossOriginIsolated;
  const threads = isolated ? settings.threads || defaultThreads(sessions) : 1;
  return createPool({
    // Several sessions start together: one spare helps little.
    spawn: (role, provider) =>
      role === 'feeder' || sessions > 1 || provider === 'webgpu' ? supply.plain() : supply.take(threads),
    ...sessionsOf(settings.sessions, carriesState(model.info.card)),
    maxLosses: settings.maxLosses ?? Infinity,
    threads: settings.threads,
    graph: graphOf(settings, model.info),
    // Several sessions prepare beside each other's runs anyway.
    feeder: settings.sessions === 1 && navigator.hardwareConcurrency > 1,
    firstRunLimitMs: settings.firstRunLimitMs,
    provider: settings.provider,
    ...runnable(model),
    feed: feedOf(model.info.card),
    signal,
  });
}

/** The operators of the model, timed with one session in a worker of its own. */
export async function profileEngine(choice: EngineChoice, opened: OpenModel, signal: AbortSignal): Promise<Profile> {
  if (choice.provider === 'simulated')
    throw new WeirError('bad-settings', 'The simulated engine has no operators: run the model on another one first.');
  const { info } = opened;
  const { model, external } = runnable(opened);
  const { profileModel } = await import('../engine/profileModel.ts');
  const profile = await profileModel(
    supply.plain,
    {
      model: { bytes: model, external },
      provider: choice.provider,
      threads: choice.threads === 0 ? 1 : choice.threads,
      graph: graphOf(choice, info),
      feed: feedOf(info.card),
      job: { payload: firstPayload(info.card, 1) },
    },
    signal,
  );
  return { model: info.name, ...profile };
}

function graphOf({ graph, layout, sizes, graphCapture }: EngineChoice, { facts }: ModelInfo): GraphOptions {
  const gpuOutputs = facts.outputs.filter(({ type }) => staysOnGpu(type)).map(({ name }) => name);
  return { level: graph, layout, sizes, capture: graphCapture, gpuOutputs };
}

function sessionsOf(asked: number, inOrder: boolean): { sessions: number; note?: string } {
  if (!inOrder || asked === 1) return { sessions: asked };
  return { sessions: 1, note: 'The model carries state from run to run: one session serves all frames in order.' };
}

/** The bytes of the graph and of the data beside it. */
function runnable({ info, files, mended }: OpenModel): {
  readonly model: ArrayBuffer;
  readonly external: readonly ExternalData[];
} {
  const [main, ...others] = files;
  if (main === undefined) throw new WeirError('not-a-model', 'No model is open.');
  const external = externalOf(info.facts.externalFiles, others);
  const graph = mended?.graph;
  if (graph === undefined) return { model: main.bytes, external };
  const { bytes, beside } = graph;
  return {
    model: bytes,
    external: beside === undefined ? external : [...external, { path: beside, data: main.bytes }],
  };
}

/** ORT wants each file under the path that the model uses. */
function externalOf(paths: ModelInfo['facts']['externalFiles'], files: readonly ModelFile[]): ExternalData[] {
  return paths.flatMap(({ path }) => {
    const file = fileFor(path, files);
    return file === undefined ? [] : [{ path, data: file.bytes }];
  });
}
