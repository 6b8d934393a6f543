/**
 * The station: what runs, with which source, model and engine, and how it changes without losing count.
 * Commands come in as calls, everything the page should know goes out through `host.send`.
 */
import { BehaviorSubject, map, type Subscription } from 'rxjs';
import { carriesState, feedOf, type ModelCard, type ModelInfo } from '../core/card.ts';
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
import { checkPrepare } from '../tasks/checkPrepare.ts';
import { createPipeline } from './createPipeline.ts';
import { createEngineHolder } from './engineHolder.ts';
import { type OpenModelHost, openModel } from './openModel.ts';
import { createPreview, type Preview } from './preview.ts';
import type { FromPipeline, Inspection, ModelFile, ModelOrigin } from './protocol.ts';
import { queueLimitOf, resolveGate } from './resolveGate.ts';
import { createReporter } from './reporter.ts';

export interface StationHost {
  readonly clock: Clock;
  readonly sources: Omit<SourceHost, 'files'>;
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
  /** `files`: those that sources read from now on; undefined leaves them as they are. */
  configure(settings: Settings, files?: readonly File[]): Promise<void>;
  openModel(origin: ModelOrigin, card: DeepPartial<ModelCard> | undefined): Promise<ModelInfo>;
  cancelOpening(): void;
  editCard(patch: DeepPartial<ModelCard>): void;
  start(): Promise<void>;
  pause(): void;
  /** Resolves when the last frame in flight has ended, or another run begins. */
  stop(): Promise<void>;
  inspect(): Promise<Inspection>;
  /** Sends one batch of telemetry; called on a timer. */
  report(): void;
}

/** Between two looks for the last frame in flight. */
const drainLookMs = 20;

/** Rates and latencies from before and after such a change do not belong into one mean. */
function changesNumbers(last: Settings, next: Settings): boolean {
  const { url: _, ...a } = last.source;
  const { url: __, ...b } = next.source;
  return JSON.stringify([a, last.flow]) !== JSON.stringify([b, next.flow]);
}

export function createStation(host: StationHost): Station {
  const { clock } = host;
  const settings$ = new BehaviorSubject<Settings>(defaultSettings);
  const holder = createEngineHolder();
  const gate$ = new BehaviorSubject<GateSettings>(resolve());
  let metrics: Metrics = newMetrics();
  let model: { info: ModelInfo; files: readonly ModelFile[] } | undefined;
  /** What is so while nothing runs and nothing opens. */
  let rest: 'idle' | 'paused' | 'failed' = 'idle';
  let failure: { readonly of: 'source' | 'model'; readonly error: WeirErrorData } | undefined;
  let wantsToRun = false;
  let run: Subscription | undefined;
  let opening: AbortController | undefined;
  let engineWork: Promise<unknown> = Promise.resolve();
  /** What the engine that serves was built from. */
  let built: { readonly settings: Settings['engine']; readonly files: readonly ModelFile[] | undefined } | undefined;
  let files: readonly File[] = [];
  let sourceState: SourceState = { status: 'idle' };
  const reporter = createReporter(clock);
  const preview = createPreview(clock, (delivery) => {
    metrics.presented(delivery);
    reporter.presented(delivery);
  });

  const stateNow = (): StationState => (run !== undefined ? 'running' : opening !== undefined ? 'loading' : rest);

  function settle(next: typeof rest, reason?: typeof failure): void {
    rest = next;
    failure = reason;
  }

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
    const runSource = entry.create(
      settings$.pipe(map((settings) => settings.source)),
      source,
      { ...host.sources, files: () => files },
      {
        id: source.kind,
        clock,
        onState: (next) => {
          sourceState = next;
        },
        onMissed: (count) => observer.missed(source.kind, count),
      },
    );
    // What was carried over belongs to the run before.
    const serving = holder.current();
    if (serving?.model !== undefined && carriesState(serving.model.card))
      serving.engine.setFeed(feedOf(serving.model.card));
    metrics.resume();
    reporter.running(true);
    settle('idle');
    const subscription = createPipeline(runSource, gate$, {
      clock,
      observer,
      serve: (payload) => holder.serve(payload, preview.request()),
      show: (result, picture, delivery) => {
        reporter.result(result);
        preview.show(result, picture, delivery);
      },
      notShown: () => preview.release(),
      frameFailed: (error) => reporter.frameFailed(error),
    }).subscribe({
      error: (error: unknown) => {
        const { code, message, details } = WeirError.wrap(error, 'connection-lost');
        const data = { code, message, ...(details === undefined ? {} : { details }) };
        sourceState = { status: 'failed', error: data };
        closeRun();
        settle('failed', { of: 'source', error: data });
        host.send({ kind: 'notice', level: 'error', title: 'The source stopped', error: data });
      },
      complete: () => {
        closeRun();
        // It has ended: what changes later must not open it again unasked.
        wantsToRun = false;
        settle('idle');
      },
    });
    // A source that fails while opening has already ended the run.
    if (subscription.closed) return;
    run = subscription;
  }

  function closeRun(): void {
    run?.unsubscribe();
    run = undefined;
    metrics.rest();
    reporter.running(false);
  }

  function adopt(
    engine: InferenceEngine,
    info: ModelInfo | undefined,
    downloadMs: number,
    from: NonNullable<typeof built>,
  ): void {
    engine.onLoss = (error) => {
      reporter.event(error.code === 'model-hangs' ? 'engine hung' : 'engine lost');
      host.send({ kind: 'notice', level: 'error', title: 'The engine was started again', error });
    };
    built = from;
    holder.replace({ engine, model: info, downloadMs });
    metrics.restartWindow();
    updateGate();
    // A source that failed waits for a change of its own, or for Start.
    if (wantsToRun && failure?.of !== 'source') openRun();
  }

  const engineChanged = (a: Settings['engine'], b: Settings['engine']) => JSON.stringify(a) !== JSON.stringify(b);

  /** The simulated engine needs no model. */
  const wantedNow = (): NonNullable<typeof built> => {
    const settings = settings$.value.engine;
    return { settings, files: settings.provider === 'simulated' ? undefined : model?.files };
  };
  const isCurrent = (from: typeof built) => {
    const wanted = wantedNow();
    return from !== undefined && from.files === wanted.files && !engineChanged(from.settings, wanted.settings);
  };

  /**
   * Builds what the settings and the model ask for, if it does not serve already. One at a time; the engine that serves
   * stays until the next one can. What has been asked for meanwhile is built instead of what was asked for first.
   */
  function rebuildEngine(): Promise<void> {
    const work = engineWork.then(async () => {
      while (!isCurrent(built)) {
        const from = wantedNow();
        const of = model;
        const simulated = from.settings.provider === 'simulated';
        if (of === undefined && !simulated) return;
        let engine: InferenceEngine;
        try {
          engine = await host.createEngine(from.settings, of, new AbortController().signal);
        } catch (error) {
          if (isCurrent(from)) throw error;
          continue;
        }
        if (!isCurrent(from)) {
          engine.dispose();
          continue;
        }
        const info = simulated ? undefined : model?.info;
        // The card may have been edited while the engine was built.
        if (info !== undefined && info.card !== of?.info.card) engine.setFeed(feedOf(info.card));
        adopt(engine, info, holder.current()?.downloadMs ?? 0, from);
        reporter.event(`${engine.facts.provider}, ${engine.facts.sessions} × ${engine.facts.threads}`);
      }
    });
    engineWork = work.catch(() => undefined);
    return work;
  }

  return {
    preview,
    async configure(next, given) {
      const last = settings$.value;
      const entry = sources[next.source.kind];
      const traits = sourceTraits[next.source.kind];
      if (given !== undefined) files = given;
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
      if (changesNumbers(last, next)) metrics.restartWindow();
      if (next.source.ratePerS !== last.source.ratePerS && next.source.kind === 'scene')
        reporter.event(`${next.source.ratePerS} per second`);
      if (next.flow.policy !== last.flow.policy) reporter.event(`when full: ${next.flow.policy}`);
      if (given !== undefined || entry.reopenOn.some((key) => next.source[key] !== last.source[key])) {
        if (next.source.kind !== last.source.kind) reporter.event(`source: ${next.source.kind}`);
        const reopen = run !== undefined || (failure?.of === 'source' && wantsToRun);
        closeRun();
        if (reopen) openRun();
      }
      if (engineChanged(last.engine, next.engine)) await rebuildEngine();
    },
    async openModel(origin, patch) {
      opening?.abort();
      const abort = new AbortController();
      opening = abort;
      try {
        let settings = settings$.value.engine;
        const opened = await openModel(
          origin,
          patch,
          {
            read: host.read,
            createEngine: (info, files, signal) => {
              settings = settings$.value.engine;
              const real: Settings['engine'] =
                settings.provider === 'simulated' ? { ...settings, provider: 'auto' } : settings;
              return host.createEngine(real, { info, files }, signal);
            },
            givesTensors: () => sourceTraits[settings$.value.source.kind].gives !== 'pictures',
            onProgress: (progress) => host.send({ kind: 'opening', progress }),
          },
          abort.signal,
        );
        const replaces = model !== undefined;
        model = { info: opened.info, files: opened.files };
        if (failure?.of === 'model') settle('idle');
        if (settings.provider === 'simulated') opened.engine.dispose();
        else adopt(opened.engine, opened.info, opened.downloadMs, { settings, files: opened.files });
        if (replaces) reporter.event('model changed');
        host.send({ kind: 'model', model: opened.info });
        // The settings may have changed while the model opened.
        rebuildEngine().catch((error: unknown) =>
          host.send({
            kind: 'notice',
            level: 'error',
            title: 'The engine was not changed',
            error: WeirError.wrap(error, 'bad-settings').toData(),
          }),
        );
        return opened.info;
      } catch (error) {
        const wrapped = WeirError.wrap(error, 'not-a-model');
        const nothingServes = run === undefined && holder.current() === undefined;
        if (opening === abort && nothingServes && wrapped.code !== 'cancelled')
          settle('failed', { of: 'model', error: wrapped.toData() });
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
      if (model === undefined) throw new WeirError('bad-settings', 'No model is open.');
      const info = { ...model.info, card: applyCard(model.info.card, patch) };
      checkPrepare(info.card.prepare, info.facts);
      model = { ...model, info };
      const serving = holder.current();
      // While the simulated engine runs the card waits for its model's turn.
      if (serving?.model !== undefined) {
        serving.model = info;
        serving.engine.setFeed(feedOf(info.card));
      }
      host.send({ kind: 'model', model: info });
    },
    async start() {
      wantsToRun = true;
      if (run !== undefined) return;
      if (rest !== 'paused') {
        metrics = newMetrics();
        reporter.restart();
      }
      if (holder.current() === undefined) await rebuildEngine();
      if (wantsToRun) openRun();
    },
    pause() {
      wantsToRun = false;
      if (run === undefined) return;
      closeRun();
      settle('paused');
      sourceState = { status: 'idle' };
    },
    async stop() {
      wantsToRun = false;
      closeRun();
      settle('idle');
      sourceState = { status: 'idle' };
      holder.cancelInspections();
      const of = metrics;
      while (of === metrics && run === undefined && of.counts().inFlight > 0)
        await new Promise((done) => setTimeout(done, drainLookMs));
    },
    async inspect() {
      if (stateNow() === 'idle' || stateNow() === 'failed')
        throw new WeirError('cancelled', 'No frame comes to be inspected: nothing runs. Start first.');
      return holder.inspectNext();
    },
    report() {
      const serving = holder.current();
      host.send({
        kind: 'telemetry',
        telemetry: reporter.report({
          state: stateNow(),
          error: failure?.error,
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
