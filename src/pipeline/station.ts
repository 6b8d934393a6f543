/**
 * The station: what runs, with which source, model and engine, and how it changes without losing count.
 * Commands come in as calls, everything the page should know goes out through `host.send`.
 */
import { BehaviorSubject, map, type Subscription } from 'rxjs';
import type { ModelCard, ModelInfo } from '../core/card.ts';
import type { Clock } from '../core/clock.ts';
import type { SourceState } from '../core/delivery.ts';
import type { InferenceEngine } from '../core/engine.ts';
import { WeirError, type WeirErrorData } from '../core/errors.ts';
import type { GateSettings } from '../core/gateSettings.ts';
import { type DeepPartial, defaultSettings, type Settings } from '../core/settings.ts';
import type { StationState } from '../core/snapshot.ts';
import { sourceTraits } from '../core/sourceTraits.ts';
import { createMetrics, type Metrics } from '../metrics/createMetrics.ts';
import { type SourceHost, sources } from '../sources/registry.ts';
import { applyCard } from '../tasks/applyCard.ts';
import { createPipeline } from './createPipeline.ts';
import { createEngineHolder } from './engineHolder.ts';
import { type OpenModelHost, openModel } from './openModel.ts';
import { createPreview, type Preview } from './preview.ts';
import type { FromPipeline, Inspection, ModelFile, ModelOrigin } from './protocol.ts';
import { queueLimitOf, resolveGate } from './resolveGate.ts';
import { createReporter } from './reporter.ts';

export interface StationHost {
  readonly clock: Clock;
  readonly sources: SourceHost;
  readonly read: OpenModelHost['read'];
  createEngine(
    settings: Settings['engine'],
    model: { readonly info: ModelInfo; readonly files: readonly ModelFile[] } | undefined,
    signal: AbortSignal,
  ): Promise<InferenceEngine>;
  send(message: FromPipeline): void;
}

export interface Station {
  readonly preview: Preview;
  configure(settings: Settings): Promise<void>;
  openModel(origin: ModelOrigin, card: DeepPartial<ModelCard> | undefined): Promise<ModelInfo>;
  cancelOpening(): void;
  editCard(patch: DeepPartial<ModelCard>): void;
  start(): Promise<void>;
  pause(): void;
  stop(): void;
  inspect(): Promise<Inspection>;
  /** Sends one batch of telemetry; called on a timer. */
  report(): void;
}

export function createStation(host: StationHost): Station {
  const { clock } = host;
  const settings$ = new BehaviorSubject<Settings>(defaultSettings);
  const holder = createEngineHolder();
  const gate$ = new BehaviorSubject<GateSettings>(resolve());
  let metrics: Metrics = newMetrics();
  let model: { info: ModelInfo; files: readonly ModelFile[] } | undefined;
  let state: StationState = 'idle';
  let stateError: WeirErrorData | undefined;
  let wantsToRun = false;
  let run: Subscription | undefined;
  let opening: AbortController | undefined;
  let engineWork: Promise<unknown> = Promise.resolve();
  let sourceState: SourceState = { status: 'idle' };
  const reporter = createReporter(clock);
  const preview = createPreview(clock, (delivery) => {
    metrics.presented(delivery);
    reporter.presented(delivery);
  });

  function resolve(): GateSettings {
    const settings = settings$.value;
    return resolveGate(
      settings.flow,
      sourceTraits[settings.source.kind],
      Math.max(1, holder.current()?.engine.sessions ?? settings.engine.sessions),
    );
  }

  function newMetrics(): Metrics {
    const { windowS, flow } = settings$.value;
    const made = createMetrics({ clock, windowS, deadlineMs: flow.deadlineMs });
    made.setQueueLimit(queueLimitOf(gate$.value));
    return made;
  }

  function updateGate(): void {
    const gate = resolve();
    gate$.next(gate);
    metrics.setQueueLimit(queueLimitOf(gate));
  }

  function openRun(): void {
    if (run !== undefined || holder.current() === undefined) return;
    // The window begins with the first frame, not with the wait for a model.
    if (metrics.counts().offered === 0) metrics = newMetrics();
    const { source } = settings$.value;
    const entry = sources[source.kind];
    // Bound here, so that what is still in flight after a restart settles in the counts it was admitted to.
    const { observer } = metrics;
    const runSource = entry.create(settings$.pipe(map((settings) => settings.source)), source, host.sources, {
      id: source.kind,
      clock,
      onState: (next) => {
        sourceState = next;
      },
      onMissed: (count) => observer.missed(source.kind, count),
    });
    reporter.running(true);
    state = 'running';
    stateError = undefined;
    const subscription = createPipeline(runSource, gate$, {
      clock,
      observer,
      serve: (payload) => holder.serve(payload, preview.request()),
      show: (result, picture, delivery) => {
        reporter.result(result);
        preview.show(result, picture, delivery);
      },
      frameFailed: (error) => reporter.frameFailed(error),
    }).subscribe({
      error: (error: unknown) => {
        const { code, message, details } = WeirError.wrap(error, 'connection-lost');
        const data = { code, message, ...(details === undefined ? {} : { details }) };
        sourceState = { status: 'failed', error: data };
        state = 'failed';
        stateError = data;
        closeRun();
        host.send({ kind: 'notice', level: 'error', title: 'The source stopped', error: data });
      },
      complete: () => {
        closeRun();
        state = 'idle';
      },
    });
    // A source that fails while opening has already ended the run.
    if (subscription.closed) return;
    run = subscription;
  }

  function closeRun(): void {
    run?.unsubscribe();
    run = undefined;
    reporter.running(false);
  }

  function adopt(engine: InferenceEngine, info: ModelInfo | undefined, downloadMs: number): void {
    engine.onLoss = (error) => {
      reporter.event(error.code === 'model-hangs' ? 'engine hung' : 'engine lost');
      host.send({ kind: 'notice', level: 'error', title: 'The engine was started again', error });
    };
    holder.replace({ engine, model: info, downloadMs });
    updateGate();
    if (wantsToRun) openRun();
  }

  /** Builds anew with the same model. One at a time; the engine that serves stays until the next one can. */
  function rebuildEngine(): Promise<void> {
    const work = engineWork.then(async () => {
      const settings = settings$.value.engine;
      if (model === undefined && settings.provider !== 'simulated') return;
      const engine = await host.createEngine(settings, model, new AbortController().signal);
      adopt(engine, settings.provider === 'simulated' ? undefined : model?.info, holder.current()?.downloadMs ?? 0);
      reporter.event(`${engine.facts.provider}, ${engine.facts.sessions} × ${engine.facts.threads}`);
    });
    engineWork = work.catch(() => undefined);
    return work;
  }

  const engineChanged = (a: Settings['engine'], b: Settings['engine']) => JSON.stringify(a) !== JSON.stringify(b);

  return {
    preview,
    async configure(next) {
      const last = settings$.value;
      const entry = sources[next.source.kind];
      const traits = sourceTraits[next.source.kind];
      settings$.next(next);
      if (next.windowS !== last.windowS) metrics.setWindow(next.windowS);
      if (next.flow.deadlineMs !== last.flow.deadlineMs) metrics.setDeadline(next.flow.deadlineMs);
      updateGate();
      if (next.flow.policy === 'block' && last.flow.policy !== 'block' && !traits.pausable) {
        host.send({
          kind: 'notice',
          level: 'notice',
          title: 'Block was not selected',
          error: {
            code: 'bad-settings',
            message: `This source cannot be slowed down, so Block would only fill memory. ${traits.defaultPolicy === 'latest' ? 'Keep latest' : 'Drop oldest'} is selected.`,
          },
        });
      }
      if (next.flow.policy !== last.flow.policy) reporter.event(`when full: ${next.flow.policy}`);
      if (entry.reopenOn.some((key) => next.source[key] !== last.source[key])) {
        if (next.source.kind !== last.source.kind) reporter.event(`source: ${next.source.kind}`);
        const reopen = run !== undefined || (state === 'failed' && wantsToRun);
        closeRun();
        if (reopen) openRun();
      }
      if (engineChanged(last.engine, next.engine)) await rebuildEngine();
    },
    async openModel(origin, patch) {
      opening?.abort();
      const abort = new AbortController();
      opening = abort;
      const hadState = state;
      if (run === undefined) state = 'loading';
      try {
        const opened = await openModel(
          origin,
          patch,
          {
            read: host.read,
            createEngine: (info, files, signal) => {
              const settings = settings$.value.engine;
              const real: Settings['engine'] =
                settings.provider === 'simulated' ? { ...settings, provider: 'auto' } : settings;
              return host.createEngine(real, { info, files }, signal);
            },
            onProgress: (progress) => host.send({ kind: 'opening', progress }),
          },
          abort.signal,
        );
        const replaces = model !== undefined;
        model = { info: opened.info, files: opened.files };
        if (settings$.value.engine.provider === 'simulated') {
          opened.engine.dispose();
          await rebuildEngine();
        } else adopt(opened.engine, opened.info, opened.downloadMs);
        if (replaces) reporter.event('model changed');
        if (state === 'loading') state = wantsToRun ? 'running' : 'idle';
        host.send({ kind: 'model', model: opened.info });
        return opened.info;
      } catch (error) {
        const wrapped = WeirError.wrap(error, 'not-a-model');
        if (opening === abort && state === 'loading') {
          state = holder.current() !== undefined ? hadState : wrapped.code === 'cancelled' ? 'idle' : 'failed';
          if (state === 'failed') stateError = wrapped.toData();
        }
        throw wrapped;
      } finally {
        if (opening === abort) {
          opening = undefined;
          host.send({ kind: 'opening', progress: undefined });
        }
      }
    },
    cancelOpening: () => opening?.abort(),
    editCard(patch) {
      const serving = holder.current();
      if (serving?.model === undefined || model === undefined) throw new WeirError('bad-settings', 'No model is open.');
      const info = { ...serving.model, card: applyCard(serving.model.card, patch) };
      serving.model = info;
      model = { ...model, info };
      if (info.card.prepare !== undefined) serving.engine.setPrepare(info.card.prepare);
      host.send({ kind: 'model', model: info });
    },
    async start() {
      wantsToRun = true;
      if (run !== undefined) return;
      if (state !== 'paused') {
        metrics = newMetrics();
        reporter.restart();
      }
      if (holder.current() === undefined) await rebuildEngine();
      openRun();
    },
    pause() {
      if (run === undefined) return;
      wantsToRun = false;
      closeRun();
      state = 'paused';
      sourceState = { status: 'idle' };
    },
    stop() {
      wantsToRun = false;
      closeRun();
      state = 'idle';
      sourceState = { status: 'idle' };
    },
    inspect: () => holder.inspectNext(),
    report() {
      const serving = holder.current();
      host.send({
        kind: 'telemetry',
        telemetry: reporter.report({
          state,
          error: stateError,
          settings: settings$.value,
          gate: gate$.value,
          metrics,
          serving,
          source: sourceState,
        }),
      });
    },
  };
}
