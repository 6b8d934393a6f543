/** The first thing read: one sentence on what is served, a pill, and one advice. Pure, from the numbers on screen. */
import { type DeepPartial, type Settings, type SourceKind, sourcesOf } from '../core/settings.ts';
import type { Snapshot } from '../core/snapshot.ts';
import type { WeirErrorData } from '../core/errors.ts';
import type { LiveFacts } from '../core/telemetry.ts';
import { isWorkSource, traitsOf } from '../core/sourceTraits.ts';
import type { WorkFacts } from '../core/work.ts';
import { policyNames } from './controls/policies.ts';
import { capped, one, percent } from './format.ts';
import { sentences } from './sentences.ts';

export type Pill = 'keeping' | 'behind' | 'failing' | 'steadying';

export interface Verdict {
  /** "Serving 31.4" in full ink, " of 60.0 frames/s" in grey. */
  readonly strong: string;
  readonly rest: string;
  readonly pill: Pill | undefined;
}

export interface Advice {
  readonly cause: string;
  readonly evidence: string;
  /** Shown where there is room. */
  readonly gain: string;
  readonly action?: { readonly label: string; readonly change: DeepPartial<Settings> };
}

export interface Machine {
  readonly cores: number;
}

/** Rates need about this long to mean anything. */
const steadyingMs = 3000;
/** Short of this share of the offered, frames are being lost. */
const keepingShare = 0.97;
/** Frames between their arrival and their result, at any moment of a station that keeps up. */
const framesOnTheWay = 1.5;

export const pillWords: Readonly<Record<Pill, { readonly word: string; readonly short: string }>> = {
  keeping: { word: 'Keeping up', short: 'Keeping up' },
  behind: { word: 'Does not keep up', short: 'Behind' },
  failing: { word: 'Failing', short: 'Failing' },
  steadying: { word: 'Steadying', short: 'Steadying' },
};

export function verdictOf(snapshot: Snapshot, live: LiveFacts | undefined, settings: Settings): Verdict {
  switch (snapshot.state) {
    case 'idle':
      return { strong: canRun(snapshot) ? 'Stopped' : 'No frames yet', rest: '', pill: undefined };
    case 'loading':
      return { strong: 'Loading the model', rest: '', pill: undefined };
    case 'failed':
      return { strong: 'Not running', rest: '', pill: 'failing' };
    case 'paused':
    case 'running':
  }
  if (snapshot.state === 'running' && retrying(live) !== undefined)
    return { strong: 'No frames come', rest: '', pill: 'failing' };
  const { completed } = snapshot.ratesPerS;
  const [only] = Object.values(snapshot.work ?? {});
  if (snapshot.state === 'running' && only !== undefined && sourcesOf(settings).every(isWorkSource))
    return workVerdict(only, completed);
  const wanted = wantedRate(snapshot, settings);
  const strong = `Serving ${one(completed)}`;
  const rest = ` of ${one(wanted)} frames/s`;
  if (snapshot.state === 'paused') return { strong: 'Paused', rest: '', pill: undefined };
  if (live === undefined || (Math.min(live.elapsedMs, live.windowMs) < steadyingMs && completed < wanted)) {
    return { strong, rest, pill: 'steadying' };
  }
  if (wanted === 0) return { strong: 'Waiting', rest: ' for the first frame', pill: 'steadying' };
  if (live.failedPerS > 0.01 * wanted) return { strong, rest, pill: 'failing' };
  // At low rates the one frame that is being served must not look like a loss.
  const short = ((wanted - completed) * live.windowMs) / 1000;
  return { strong, rest, pill: completed >= keepingShare * wanted || short <= framesOnTheWay ? 'keeping' : 'behind' };
}

/** Jobs wait in their queue and are not lost: what matters is how fast it empties. */
function workVerdict({ look, counts, broken }: WorkFacts, perS: number): Verdict {
  if (broken !== undefined) return { strong: 'Taking no jobs', rest: ', after failures in a row', pill: 'failing' };
  const ready = look?.ready ?? undefined;
  if (perS === 0 && counts.unacked === 0) return { strong: 'Waiting', rest: ' for a job', pill: 'steadying' };
  const strong = `Draining ${one(perS)} jobs/s`;
  if (ready === undefined) return { strong, rest: '', pill: 'keeping' };
  if (ready === 0) return { strong, rest: ', none waits', pill: 'keeping' };
  const seconds = ready / perS;
  const rest =
    perS === 0 ? '' : seconds < 90 ? `, ${Math.ceil(seconds)} s left` : `, ${Math.ceil(seconds / 60)} min left`;
  return { strong, rest, pill: 'keeping' };
}

/** Why no frames come: every source is being tried again. */
function retrying(live: LiveFacts | undefined): WeirErrorData | undefined {
  const states = Object.values(live?.sources ?? {});
  const lost = states.flatMap((state) => (state.status === 'retrying' ? [state.error] : []));
  return lost.length === states.length ? lost[0] : undefined;
}

/** The simulated engine runs without a model. */
function canRun({ model, counts }: Snapshot): boolean {
  return model !== undefined || counts.offered > 0;
}

/** Sources that nobody can slow down. */
const liveNames: Partial<Record<SourceKind, string>> = { camera: 'camera', screen: 'screen', audio: 'microphone' };

export function adviceOf(
  snapshot: Snapshot,
  live: LiveFacts | undefined,
  settings: Settings,
  machine: Machine,
): Advice | undefined {
  const { flow } = settings;
  const source = sourcesOf(settings)[0] ?? settings.source;
  const traits = traitsOf(source);
  if (snapshot.state === 'failed' && snapshot.error !== undefined) {
    const { code, message } = snapshot.error;
    // A model that does not open leaves the one before it: what has failed here is the source, or an engine for good.
    if (code === 'model-hangs' || code === 'out-of-memory' || code === 'device-lost')
      return {
        cause: 'The engine was given up:',
        evidence: capped(message),
        gain: 'Start tries it once more. Another engine under Run on, or another model, may do better.',
      };
    const { title, fix } = sentences[code].source ?? sentences[code];
    return { cause: `${title}:`, evidence: capped(message), gain: fix };
  }
  if (snapshot.state === 'idle' && canRun(snapshot)) {
    return { cause: 'Nothing runs.', evidence: 'Start serves frames from the source.', gain: '' };
  }
  if (flow.policy === 'block' && !traits.pausable) {
    const name = liveNames[source.kind] ?? 'sender';
    const used = policyNames[traits.defaultPolicy];
    return {
      cause: `This ${name} cannot be slowed down,`,
      evidence: `so Block would only fill memory. ${used} is in force.`,
      gain: '',
      action: { label: `Choose ${used.toLowerCase()}`, change: { flow: { policy: 'auto' } } },
    };
  }
  if (snapshot.state !== 'running' || live === undefined) return undefined;
  const lost = retrying(live);
  if (lost !== undefined) return { cause: 'The source is tried again:', evidence: capped(lost.message), gain: '' };
  const verdict = verdictOf(snapshot, live, settings);
  const [worst] = live.frameErrors;
  if (verdict.pill === 'failing' && worst !== undefined) {
    return {
      cause: `${one(live.failedPerS)} frames/s fail:`,
      evidence: capped(worst.error.message, 120),
      gain: sentences[worst.error.code].fix,
    };
  }
  if (verdict.pill === 'behind') return limitOf(snapshot, live, settings, machine, wantedRate(snapshot, settings));
  if (verdict.pill === 'keeping' && flow.deadlineMs !== null && live.missRatio > flow.maxMissRatio) {
    return {
      cause: `${percent(live.missRatio)} of the frames miss the deadline`,
      evidence: `of ${flow.deadlineMs} ms; ${percent(flow.maxMissRatio, 1)} may.`,
      gain: '',
    };
  }
  return undefined;
}

/** What the source would give if nothing held it back: a scene that waits offers only what is asked for. */
export function wantedRate(snapshot: Snapshot, settings: Settings): number {
  const { offered } = snapshot.ratesPerS;
  const all = sourcesOf(settings);
  const planned = all.every(({ kind }) => kind === 'scene' || kind === 'constant');
  if (!planned || settings.flow.policy !== 'block') return offered;
  return Math.max(
    offered,
    all.reduce((sum, { ratePerS }) => sum + ratePerS, 0),
  );
}

/** A limit that a person set ends frames while the engine has time for them. */
function heldBack({ dropsPerS, utilisation }: LiveFacts, flow: Settings['flow']): Advice | undefined {
  const busy = `the engine is busy ${percent(utilisation)} of the time.`;
  const limits = [
    { rate: dropsPerS.expired, cause: 'Max age limits you:', what: 'expired in the queue', is: flow.maxAgeMs !== null },
    {
      rate: dropsPerS.shed,
      cause: 'Shedding limits you:',
      what: 'were shed for waiting too long',
      is: flow.codel.targetMs !== null,
    },
    {
      rate: dropsPerS.newest,
      cause: 'The rate limit holds back:',
      what: 'were refused',
      is: flow.rateLimit !== null,
    },
  ];
  const [most] = limits.filter(({ rate, is }) => is && rate > 0).sort((a, b) => b.rate - a.rate);
  if (most === undefined) return undefined;
  return { cause: most.cause, evidence: `${one(most.rate)} frames/s ${most.what}; ${busy}`, gain: '' };
}

/** Which stage of the engine takes the time, and what would help. */
function limitOf(
  snapshot: Snapshot,
  live: LiveFacts,
  { engine, flow }: Settings,
  machine: Machine,
  wanted: number,
): Advice | undefined {
  const { prepare, run, transfer, decode } = snapshot.stagesMs;
  // With a second frame in flight the transfer is mostly the wait for the first one's run, which is counted already.
  const hop = live.inFlightLimit > snapshot.engine.sessions ? 0 : transfer;
  const service = hop + prepare + run + decode;
  if (service <= 0) return undefined;
  const held = live.utilisation < 0.6 ? heldBack(live, flow) : undefined;
  if (held !== undefined) return held;
  const evidence = (part: number, word: string) => `${one(part)} of ${one(service)} ms are in ${word}.`;
  if (prepare > run) {
    return {
      cause: 'Preparation limits you:',
      evidence: evidence(prepare, 'prepare'),
      gain: 'Smaller frames cost less.',
    };
  }
  if (live.utilisation < 0.6) {
    // Drops of an earlier overload stay in the window; the limit is to blame only while it is reached.
    if (live.inFlightMean < 0.8 * live.inFlightLimit || flow.limiter.kind !== 'fixed') return undefined;
    return {
      cause: 'The engine waits:',
      evidence: `it is busy ${percent(live.utilisation)} of the time.`,
      gain: 'More frames in flight would use it better.',
      action: {
        label: `Allow ${live.inFlightLimit + 1} in flight`,
        change: { flow: { maxInFlight: Math.min(64, live.inFlightLimit + 1) } },
      },
    };
  }
  const { provider, sessions, threads } = snapshot.engine;
  const simulated = provider === 'simulated';
  const cause = simulated ? 'The simulated engine limits you:' : 'The model limits you:';
  const more = sessions + 1;
  if (
    (simulated || (provider === 'wasm' && more <= machine.cores)) &&
    more <= 8 &&
    [0, sessions].includes(engine.sessions)
  ) {
    const rate = Math.min(wanted, (snapshot.ratesPerS.completed * more) / sessions).toFixed(0);
    const which = sessions === 1 ? 'A second session' : 'One more session';
    // Sessions of several threads share the cores already; what one more of one thread brings is not to be known here.
    const known = simulated || threads === 1;
    return {
      cause,
      evidence: evidence(run, 'run'),
      gain: known
        ? `${which} would serve ${simulated ? 'about' : 'up to'} ${rate} frames/s.`
        : `${more} sessions of one thread often serve more than one of ${threads}.`,
      action: { label: `Use ${more} sessions`, change: { engine: { sessions: more } } },
    };
  }
  return { cause, evidence: evidence(run, 'run'), gain: 'A smaller model or input size would serve more.' };
}
