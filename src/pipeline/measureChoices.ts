/**
 * Which way to run a model is best on this machine: each candidate is built, warmed and timed for some seconds, alone.
 * What is handed in is what frames are: a picture or a tensor, prepared in the engine's own workers.
 */
import { carriesState, modelBytes, type ModelInfo, sessionsInMemory } from '../core/card.ts';
import type { MeasuredChoice } from '../core/choices.ts';
import type { Clock } from '../core/clock.ts';
import type { InferenceEngine } from '../core/engine.ts';
import { WeirError } from '../core/errors.ts';
import { firstPayload } from './firstPayload.ts';

export type Candidate = Pick<MeasuredChoice, 'provider' | 'sessions' | 'threads'>;

/** The runs of the first seconds are compiled better while they run. */
const warmMs = 2000;
const latencyMs = 1000;
const throughputMs = 2000;
/** A very slow one has shown enough after so many. */
const leastRuns = 3;
const postedPerSession = 2;
const mostThreads = 4;

export interface Machine {
  readonly cores: number;
  /** Without it there is one thread. */
  readonly isolated: boolean;
  /** An adapter that is no software. */
  readonly gpu: boolean;
}

/** Sessions times threads up to the cores, and the graphics processor where there is one. */
export function candidatesOf({ cores, isolated, gpu }: Machine, model: ModelInfo): Candidate[] {
  const most = Math.min(mostThreads, cores);
  const sessions = carriesState(model.card) ? 1 : Math.min(most, sessionsInMemory(modelBytes(model.facts)));
  const pairs: (readonly [sessions: number, threads: number])[] = [[1, 1]];
  if (isolated && most > 1) pairs.push([1, most]);
  for (let k = 2; k <= sessions; k++) if (most % k === 0) pairs.push([k, isolated ? most / k : 1]);
  return [
    ...(gpu ? [{ provider: 'webgpu', sessions: 1, threads: 1 } as const] : []),
    ...pairs.map(([k, threads]) => ({ provider: 'wasm', sessions: k, threads }) as const),
  ];
}

/** @throws WeirError of the frame that failed; `cancelled` when the signal did */
export async function measureChoice(
  engine: InferenceEngine,
  candidate: Candidate,
  model: ModelInfo,
  clock: Clock,
  signal: AbortSignal,
): Promise<MeasuredChoice> {
  let t = 0;
  const one = async () => {
    const at = clock.now();
    const [reply] = await engine.run([{ payload: firstPayload(model.card, (t += 0.1)) }]);
    if (signal.aborted) throw new WeirError('cancelled', 'Measuring was cancelled.');
    if (reply?.ok !== true) throw WeirError.fromData(reply?.error ?? { code: 'bad-output', message: 'No reply came.' });
    return clock.now() - at;
  };

  /** So many at a time; all of them have ended when it is over. */
  async function keep(atATime: number, forMs: number): Promise<{ ms: number[]; perS: number }> {
    const ms: number[] = [];
    const from = clock.now();
    let last = from;
    const lane = async () => {
      do {
        ms.push(await one());
        last = clock.now();
      } while (last - from < forMs || ms.length < leastRuns);
    };
    await Promise.all(Array.from({ length: atATime }, lane));
    return { ms, perS: (ms.length / (last - from)) * 1000 };
  }

  await keep(candidate.sessions, warmMs);
  const single = await keep(1, latencyMs);
  const full = await keep(candidate.sessions * postedPerSession, throughputMs);
  const sorted = single.ms.sort((a, b) => a - b);
  return { ...candidate, framesPerS: full.perS, latencyMs: sorted[sorted.length >> 1] ?? NaN };
}
