/**
 * Gathers what the page is told ten times a second: the snapshot, closed seconds, live facts and marks.
 * It holds what belongs to the telling alone; every number comes from `metrics/` or from the engine.
 */
import type { Clock } from '../core/clock.ts';
import type { Delivery, SourceState } from '../core/delivery.ts';
import type { EngineFacts, EngineReply, InferenceEngine } from '../core/engine.ts';
import type { WeirErrorData } from '../core/errors.ts';
import type { Payload } from '../core/payload.ts';
import type { TaskResult } from '../core/result.ts';
import type { Settings } from '../core/settings.ts';
import type { Snapshot, StationState } from '../core/snapshot.ts';
import type { WorkFacts } from '../core/work.ts';
import type { CheckedOutputs, Telemetry, TimelineEvent } from '../core/telemetry.ts';
import { openFrames } from '../sources/frames.ts';
import { createServiceMean, type ServiceMean } from '../metrics/createServiceMean.ts';
import type { Metrics } from '../metrics/createMetrics.ts';
import type { WindowFacts } from '../metrics/windowFacts.ts';
import { sceneTruth } from '../pixels/scene/sceneTruth.ts';
import { resultText } from '../tasks/resultText.ts';
import type { Serving } from './engineHolder.ts';

export interface Reported {
  readonly state: StationState;
  readonly error: WeirErrorData | undefined;
  readonly settings: Settings;
  readonly limits: { readonly queue: number; readonly inFlight: number };
  readonly metrics: Metrics;
  readonly serving: Serving | undefined;
  readonly sources: Readonly<Record<string, SourceState>>;
  readonly work: Readonly<Record<string, WorkFacts>>;
  readonly notBatched: string | undefined;
  readonly checked: CheckedOutputs;
}

export interface Reporter {
  running(isRunning: boolean): void;
  restart(): void;
  result(result: TaskResult, of: Payload): void;
  /** Frames that the engine of this moment served together. */
  served(engine: InferenceEngine, replies: readonly EngineReply[]): void;
  /** Service times from before do not belong to what comes. */
  restartServed(): void;
  presented(delivery: Delivery): void;
  frameFailed(error: WeirErrorData): void;
  event(text: string): void;
  report(reported: Reported): Telemetry;
  /** The same numbers without taking anything out. */
  look(reported: Reported): Pick<Telemetry, 'snapshot' | 'live'>;
}

const keptErrors = 5;
/** Reports between two looks at the whole run. */
const sinceStartEvery = 10;

export function createReporter(clock: Clock): Reporter {
  let elapsedMs = 0;
  let runningSince: number | undefined;
  let restarted = true;
  let result: TaskResult | undefined;
  /** What the result is about, so that the truth can be told beside it. */
  let payload: Payload | undefined;
  let shownScheduled: number | undefined;
  let events: TimelineEvent[] = [];
  let frameErrors: { error: WeirErrorData; count: number }[] = [];
  let reports = 0;
  const busy = createBusyShare();
  const service = createServiceMean();

  function look({
    state,
    error,
    settings,
    limits,
    metrics,
    serving,
    sources,
    work,
    notBatched,
    checked,
  }: Reported): Pick<Telemetry, 'snapshot' | 'live'> {
    const now = clock.now();
    const window = metrics.window(now);
    const facts = serving?.engine.facts;
    const gpu = serving?.engine.gpuHeld?.();
    const served = service.read(serving?.engine, now, settings.windowS);
    const snapshot: Snapshot = {
      state,
      ...(error === undefined ? {} : { error: { code: error.code, message: error.message } }),
      counts: metrics.counts(),
      sources: metrics.sources(),
      ratesPerS: window.ratesPerS,
      latencyMs: window.latencyMs,
      jitterMs: window.jitterMs,
      ageMs: window.ageMs,
      missRatio: window.missRatio,
      stagesMs: window.stagesMs,
      engine: {
        requested: settings.engine.provider,
        provider: facts?.provider ?? 'none',
        threads: facts?.threads ?? 0,
        sessions: facts?.sessions ?? 0,
        losses: serving?.engine.losses ?? 0,
        ...(facts?.adapter === undefined ? {} : { adapter: facts.adapter }),
        ...(facts?.software === undefined ? {} : { software: facts.software }),
        ...(facts?.fallback === undefined ? {} : { fallback: facts.fallback }),
        ...(facts?.preparesOn === undefined ? {} : { preparesOn: facts.preparesOn }),
        ...(facts?.preparesWhy === undefined ? {} : { preparesWhy: facts.preparesWhy }),
        ...(facts?.captured === undefined ? {} : { captured: facts.captured }),
        ...(gpu === undefined ? {} : { gpu: { ...gpu, frames: gpu.frames + openFrames() } }),
        ...(facts === undefined ? {} : { coldMs: { download: serving?.downloadMs ?? 0, ...facts.coldMs } }),
      },
      model:
        serving?.model === undefined
          ? undefined
          : {
              name: serving.model.name,
              sha256: serving.model.sha256,
              task: serving.model.card.task.kind,
              inputs: serving.model.facts.inputs,
              outputs: serving.model.facts.outputs,
              ...(serving.model.repair === undefined ? {} : { repair: serving.model.repair }),
            },
      ...(Object.keys(work).length === 0 ? {} : { work }),
      result: plainResult(result),
      ...(payload?.kind === 'scene' ? { truth: sceneTruth(payload) } : {}),
    };
    return {
      snapshot,
      live: {
        now,
        elapsedMs: elapsedMs + (runningSince === undefined ? 0 : now - runningSince),
        ageMs: shownScheduled === undefined ? undefined : now - shownScheduled,
        utilisationLaw: lawOf(window, served, facts),
        utilisation: runningSince === undefined ? busy.last() : busy.share(serving, now, settings.windowS),
        queueLimit: limits.queue,
        inFlightLimit: limits.inFlight,
        inFlightMean: window.inFlightMean,
        littleError: window.littleError,
        steadyMs: window.steadyMs,
        windowMs: window.spanMs,
        missRatio: window.missRatio,
        dropsPerS: window.dropsPerS,
        failedPerS: window.failedPerS,
        ...(served === undefined ? {} : { served }),
        resultText: result === undefined ? '' : resultText(result),
        frameErrors,
        sources,
        losses: serving?.engine.losses ?? 0,
        heapBytes: serving?.engine.heapBytes() ?? 0,
        checked: { ...checked },
        ...(notBatched === undefined ? {} : { notBatched }),
      },
    };
  }

  return {
    look,
    running(isRunning) {
      if (runningSince !== undefined) elapsedMs += clock.now() - runningSince;
      runningSince = isRunning ? clock.now() : undefined;
      // Idle time before this moment is not the engine's.
      if (isRunning) busy.restart();
    },
    restart() {
      elapsedMs = 0;
      restarted = true;
      reports = 0;
      result = undefined;
      payload = undefined;
      shownScheduled = undefined;
      frameErrors = [];
      events = [];
      service.restart();
    },
    result(next, of) {
      result = next;
      payload = of;
    },
    served(engine, replies) {
      const now = clock.now();
      for (const reply of replies) {
        if (!reply.ok) continue;
        const { began, started, ran } = reply.times;
        // What is made ready beside the run before takes none of the session's time.
        const servedMs = ran - (engine.facts.feeder === true ? started : began);
        service.add(engine, now, servedMs, ran - started, 1 / replies.length);
      }
    },
    restartServed() {
      service.restart();
      busy.restart();
    },
    presented(delivery) {
      shownScheduled = delivery.stamps.scheduled;
    },
    frameFailed(error) {
      const known = frameErrors.find((entry) => entry.error.message === error.message);
      const others = frameErrors.filter((entry) => entry !== known);
      frameErrors = [{ error, count: 1 + (known?.count ?? 0) }, ...others].slice(0, keptErrors);
    },
    event(text) {
      events.push({ at: clock.now(), text });
    },
    report(reported) {
      const { metrics } = reported;
      const now = clock.now();
      const telemetry: Telemetry = {
        ...look(reported),
        ...(reports++ % sinceStartEvery === 0 ? { sinceStart: sinceStartOf(metrics, now) } : {}),
        seconds: metrics.takeSeconds(now),
        events,
        restarted,
      };
      restarted = false;
      events = [];
      return telemetry;
    },
  };
}

/** U = X S / c: frames per ms, each a share of a run, times the length of a run, over the sessions. */
function lawOf(
  { ratesPerS, stagesMs, failedPerS }: WindowFacts,
  served: ReturnType<ServiceMean['read']>,
  facts: EngineFacts | undefined,
): number | undefined {
  if (served === undefined || facts === undefined || failedPerS > 0) return undefined;
  const busyMs = (facts.feeder === true ? 0 : stagesMs.prepare) + stagesMs.run;
  return (ratesPerS.completed * busyMs) / (1000 * served.batch * facts.sessions);
}

function sinceStartOf(metrics: Metrics, now: number): NonNullable<Telemetry['sinceStart']> {
  const { ratesPerS, latencyMs, jitterMs, ageMs, missRatio, stagesMs } = metrics.sinceStart(now);
  return { ratesPerS, latencyMs, jitterMs, ageMs, missRatio, stagesMs };
}

/** Results as plain JSON: pictures are for drawing only. */
function plainResult(result: TaskResult | undefined): unknown {
  if (result === undefined) return undefined;
  if (result.kind === 'image' || result.kind === 'tensors')
    return result.items.map(({ heatMap: _, ...summary }) => summary);
  return result.items;
}

/** Share of the window in which the engine was busy, from its own busy time: U = busy / (wall * sessions). */
function createBusyShare() {
  let engine: Serving['engine'] | undefined;
  let samples: { at: number; busyMs: number }[] = [];
  let share = 0;
  return {
    restart() {
      samples = [];
    },
    last: () => share,
    share(serving: Serving | undefined, now: number, windowS: number): number {
      if (serving?.engine !== engine) {
        engine = serving?.engine;
        samples = [];
        share = 0;
      }
      if (engine === undefined) return 0;
      const busyMs = engine.busyMs();
      samples.push({ at: now, busyMs });
      while (samples.length > 2 && (samples[0]?.at ?? now) < now - windowS * 1000) samples.shift();
      const first = samples[0];
      if (first === undefined || now - first.at < 200) return share;
      share = Math.min(1, (busyMs - first.busyMs) / ((now - first.at) * engine.sessions));
      return share;
    },
  };
}
