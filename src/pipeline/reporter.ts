/**
 * Gathers what the page is told ten times a second: the snapshot, closed seconds, live facts and marks.
 * It holds what belongs to the telling alone; every number comes from `metrics/` or from the engine.
 */
import type { Clock } from '../core/clock.ts';
import type { Delivery, SourceState } from '../core/delivery.ts';
import type { WeirErrorData } from '../core/errors.ts';
import type { GateSettings } from '../core/gateSettings.ts';
import type { TaskResult } from '../core/result.ts';
import type { Settings } from '../core/settings.ts';
import type { Snapshot, StationState } from '../core/snapshot.ts';
import type { Telemetry, TimelineEvent } from '../core/telemetry.ts';
import type { Metrics } from '../metrics/createMetrics.ts';
import { resultText } from '../tasks/resultText.ts';
import type { Serving } from './engineHolder.ts';
import { queueLimitOf } from './resolveGate.ts';

export interface Reported {
  readonly state: StationState;
  readonly error: WeirErrorData | undefined;
  readonly settings: Settings;
  readonly gate: GateSettings;
  readonly metrics: Metrics;
  readonly serving: Serving | undefined;
  readonly source: SourceState;
}

export interface Reporter {
  running(isRunning: boolean): void;
  restart(): void;
  result(result: TaskResult): void;
  presented(delivery: Delivery): void;
  frameFailed(error: WeirErrorData): void;
  event(text: string): void;
  report(reported: Reported): Telemetry;
}

const keptErrors = 5;
/** Reports between two looks at the whole run. */
const sinceStartEvery = 10;

export function createReporter(clock: Clock): Reporter {
  let elapsedMs = 0;
  let runningSince: number | undefined;
  let restarted = true;
  let result: TaskResult | undefined;
  let shownScheduled: number | undefined;
  let events: TimelineEvent[] = [];
  let frameErrors: { error: WeirErrorData; count: number }[] = [];
  let reports = 0;
  const busy = createBusyShare();

  return {
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
      shownScheduled = undefined;
      frameErrors = [];
      events = [];
    },
    result(next) {
      result = next;
    },
    presented(delivery) {
      shownScheduled = delivery.stamps.scheduled;
    },
    frameFailed(error) {
      const known = frameErrors.find((entry) => entry.error.message === error.message);
      if (known !== undefined) known.count += 1;
      else frameErrors = [{ error, count: 1 }, ...frameErrors].slice(0, keptErrors);
    },
    event(text) {
      events.push({ at: clock.now(), text });
    },
    report({ state, error, settings, gate, metrics, serving, source }) {
      const now = clock.now();
      const window = metrics.window(now);
      const facts = serving?.engine.facts;
      const snapshot: Snapshot = {
        state,
        ...(error === undefined ? {} : { error: { code: error.code, message: error.message } }),
        counts: metrics.counts(),
        sources: metrics.sources(),
        ratesPerS: window.ratesPerS,
        latencyMs: window.latencyMs,
        stagesMs: window.stagesMs,
        engine: {
          requested: settings.engine.provider,
          provider: facts?.provider ?? 'none',
          threads: facts?.threads ?? 0,
          sessions: facts?.sessions ?? 0,
          ...(facts?.adapter === undefined ? {} : { adapter: facts.adapter }),
          ...(facts?.software === undefined ? {} : { software: facts.software }),
          ...(facts?.fallback === undefined ? {} : { fallback: facts.fallback }),
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
              },
        result: plainResult(result),
      };
      const telemetry: Telemetry = {
        snapshot,
        ...(reports++ % sinceStartEvery === 0 ? { sinceStart: sinceStartOf(metrics, now) } : {}),
        live: {
          now,
          elapsedMs: elapsedMs + (runningSince === undefined ? 0 : now - runningSince),
          ageMs: shownScheduled === undefined ? undefined : now - shownScheduled,
          utilisation: runningSince === undefined ? busy.last() : busy.share(serving, now, settings.windowS),
          queueLimit: queueLimitOf(gate),
          inFlightLimit: gate.maxInFlight,
          inFlightMean: window.inFlightMean,
          littleError: window.littleError,
          steadyMs: window.steadyMs,
          windowMs: window.spanMs,
          missRatio: window.missRatio,
          dropsPerS: window.dropsPerS,
          failedPerS: window.failedPerS,
          resultText: result === undefined ? '' : resultText(result),
          frameErrors,
          source,
          losses: serving?.engine.losses ?? 0,
        },
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

function sinceStartOf(metrics: Metrics, now: number): NonNullable<Telemetry['sinceStart']> {
  const { ratesPerS, latencyMs, stagesMs } = metrics.sinceStart(now);
  return { ratesPerS, latencyMs, stagesMs };
}

/** Results as plain JSON: pictures are for drawing only. */
function plainResult(result: TaskResult | undefined): unknown {
  if (result === undefined) return undefined;
  if (result.kind === 'detection' || result.kind === 'classification') return result.items;
  return result.items.map(({ heatMap: _, ...summary }) => summary);
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
