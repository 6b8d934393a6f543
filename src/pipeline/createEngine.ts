/** Chooses the supplier of inference from the settings: a pool of engine workers, or the simulated engine. */
import { carriesState, feedOf, type ModelInfo } from '../core/card.ts';
import { systemClock } from '../core/clock.ts';
import type { InferenceEngine } from '../core/engine.ts';
import { WeirError } from '../core/errors.ts';
import type { Settings } from '../core/settings.ts';
import type { ModelFile } from './protocol.ts';
import { createPool } from '../engine/pool.ts';
import { createSimulated } from '../engine/simulated.ts';
import { createPixels } from '../pixels/createPixels.ts';

export async function createEngine(
  settings: Settings['engine'],
  model: { readonly info: ModelInfo; readonly files: readonly ModelFile[] } | undefined,
  signal: AbortSignal,
): Promise<InferenceEngine> {
  if (settings.provider === 'simulated') {
    const { toPicture } = createPixels();
    return createSimulated({ ...settings, clock: systemClock, draw: toPicture });
  }
  const main = model?.files[0];
  if (model === undefined || main === undefined) throw new WeirError('not-a-model', 'No model is open.');
  return createPool({
    spawn: () => new Worker(new URL('./engine.worker.ts', import.meta.url), { type: 'module' }),
    ...sessionsOf(settings.sessions, carriesState(model.info.card)),
    threads: settings.threads,
    provider: settings.provider,
    model: main.bytes,
    external: externalOf(model.info.facts.externalFiles, model.files.slice(1)),
    feed: feedOf(model.info.card),
    signal,
  });
}

function sessionsOf(asked: number, inOrder: boolean): { sessions: number; note?: string } {
  if (!inOrder || asked === 1) return { sessions: asked };
  return { sessions: 1, note: 'The model carries state from run to run: one session serves all frames in order.' };
}

/** Dropped files have no folders; the model names its weights by path, and ORT wants that path. */
function externalOf(paths: readonly string[], files: readonly ModelFile[]): { path: string; data: ArrayBuffer }[] {
  return paths.flatMap((path) => {
    const file = files.find(({ name }) => name === path || name === path.split(/[/\\]/).pop());
    return file === undefined ? [] : [{ path, data: file.bytes }];
  });
}
