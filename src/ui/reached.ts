/** What the load dial found out, in words: how many operations a second this machine truly reached, and what that is enough for. */
import type { ModelInfo } from '../core/card.ts';
import type { Settings } from '../core/settings.ts';
import type { Snapshot } from '../core/snapshot.ts';
import type { LiveFacts } from '../core/telemetry.ts';
import { one, plain } from './format.ts';
import { wantedRate } from './verdict.ts';

export interface Reached {
  /** "6.2 GFLOP/s, 81.0 ms a run", or a dash. */
  readonly value: string;
  /** What that is enough for; with a dash, why there is no number yet. */
  readonly note: string;
}

/** As many as a median needs. */
const fewest = 7;
/** Below this share of its time the engine waits so much that what it could do is guessed better by asking more of it. */
const busyEnough = 0.5;

export function reachedOf(
  load: NonNullable<ModelInfo['load']>,
  snapshot: Snapshot,
  live: LiveFacts | undefined,
  settings: Settings,
): Reached {
  if (snapshot.engine.provider === 'simulated') return { value: '–', note: 'The simulated engine computes nothing.' };
  const served = live?.served;
  if (served === undefined || served.frames < fewest) {
    if (snapshot.state !== 'running') return { value: '–', note: 'Nothing runs: start to measure.' };
    return { value: '–', note: `Warm frames needed: ${fewest}; served so far: ${served?.frames ?? 0}.` };
  }
  const { sessions } = snapshot.engine;
  const perS = load.flops / (served.runMs / 1000);
  const each = sessions > 1 ? ` in each of ${sessions} sessions` : '';
  const value = `${rate(perS)}, ${one(served.runMs)}\u00a0ms\u00a0a\u00a0run${each}`;
  const wanted = wantedRate(snapshot, settings);
  if (snapshot.state !== 'running' || wanted <= 0) return { value, note: '' };
  const dueMs = (1000 / wanted) * sessions;
  // Beside the run, in a worker of its own, it is still what every frame has to pass.
  if (snapshot.stagesMs.prepare > dueMs) return { value, note: preparing(wanted) };
  if (served.meanMs / dueMs < busyEnough)
    return { value, note: 'The engine mostly waits: turn up the dial to find what it carries.' };
  // Making the picture and fitting it comes before every run, whatever the model costs.
  const leftMs = dueMs - (served.meanMs - served.runMs);
  if (leftMs <= 0) return { value, note: preparing(wanted) };
  const carried = plain(Number(((load.recipe.mflops * leftMs) / served.runMs).toPrecision(2)));
  return { value, note: `About ${carried} MFLOPs of this kind would keep up with ${one(wanted)} frames/s.` };
}

function preparing(wanted: number): string {
  return `Preparing alone takes too long for ${one(wanted)} frames/s: smaller frames cost less.`;
}

function rate(flopsPerS: number): string {
  const [value, unit] =
    flopsPerS >= 1e12
      ? [flopsPerS / 1e12, 'TFLOP/s']
      : flopsPerS >= 1e9
        ? [flopsPerS / 1e9, 'GFLOP/s']
        : [flopsPerS / 1e6, 'MFLOP/s'];
  return `${one(value)} ${unit}`;
}
