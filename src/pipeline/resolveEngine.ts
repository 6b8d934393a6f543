/** From what a person chose to what is built: sessions and what they are for. */
import { modelBytes, type ModelInfo, sessionsInMemory } from '../core/card.ts';
import { bestChoice, type MeasuredChoice } from '../core/choices.ts';
import { freeSizes } from '../core/freeSizes.ts';
import { type Settings, sourcesOf } from '../core/settings.ts';
import { policyInForce, traitsOf } from '../core/sourceTraits.ts';

/** What is built: no sessions are left open. */
export type EngineChoice = Omit<Settings['engine'], 'aim' | 'fixSizes'> & {
  /** By the names of free dimensions; what they are fixed to. */
  readonly sizes: Readonly<Record<string, number>>;
};

/** More share the memory's bandwidth rather than the work. */
const mostSessions = 4;

/**
 * A source that waits for demand wants its frames done: several sessions of one thread each do more of them together than
 * one session with all threads (UltraFace on 2 cores: 112 against 84 frames/s). Every other source wants the newest frame
 * soon: one session with all threads (11.3 against 15.7 ms).
 */
export function aimOf(settings: Settings): 'latency' | 'throughput' {
  const { aim } = settings.engine;
  if (aim !== 'auto') return aim;
  const waits = (source: Settings['source']) => policyInForce(settings.flow.policy, traitsOf(source)) === 'block';
  return sourcesOf(settings).every(waits) ? 'throughput' : 'latency';
}

/**
 * @param model that it is for, undefined if there is none yet
 * @param measured what was measured of this model; the best of it is taken where all is left open
 */
export function resolveEngine(
  settings: Settings,
  cores: number,
  model: Pick<ModelInfo, 'facts' | 'card'> | undefined,
  measured: readonly MeasuredChoice[] = [],
): EngineChoice {
  const { aim: _, fixSizes, ...chosen } = settings.engine;
  const engine = { ...chosen, sizes: fixSizes && model !== undefined ? freeSizes(model.card, model.facts.inputs) : {} };
  const open = engine.provider === 'auto' && engine.sessions === 0 && engine.threads === 0;
  const best = open ? bestChoice(measured, aimOf(settings)) : undefined;
  if (best !== undefined) return { ...engine, provider: best.provider, sessions: best.sessions, threads: best.threads };
  return {
    ...engine,
    sessions:
      engine.sessions > 0
        ? engine.sessions
        : chosenSessions(settings, cores, model === undefined ? 0 : modelBytes(model.facts)),
  };
}

function chosenSessions(settings: Settings, cores: number, modelBytes: number): number {
  const { provider, threads } = settings.engine;
  // A graphics processor takes its runs one after the other; what is simulated is a machine with one engine.
  if (provider === 'webgpu' || provider === 'simulated' || aimOf(settings) === 'latency') return 1;
  const byCores = Math.floor(Math.min(mostSessions, cores) / Math.max(1, threads));
  return Math.max(1, Math.min(byCores, sessionsInMemory(modelBytes)));
}
