/**
 * The station: what runs, with which source, model and engine, and how it changes without losing count.
 * Commands come in as calls, everything the page should know goes out through `host.send`.
 */
import { BehaviorSubject, map, Subject } from 'rxjs';
import { carriesState, feedOf, type ModelCard, type ModelInfo } from '../core/card.ts';
import type { Agreement } from '../core/agreement.ts';
import type { Choices } from '../core/choices.ts';
import type { ModelGraph } from '../core/modelGraph.ts';
import { parseAlertRules, ruleText } from '../core/alertRules.ts';
import type { LogView } from '../core/logRow.ts';
import type { Profile } from '../core/profile.ts';
import type { Clock } from '../core/clock.ts';
import type { Delivery } from '../core/delivery.ts';
import type { InferenceEngine } from '../core/engine.ts';
import type { PipelineExport } from '../core/exportFormats.ts';
import { WeirError, type WeirErrorData } from '../core/errors.ts';
import type { BatchSettings, CreditSettings } from '../core/gateSettings.ts';
import { type Beside, type DeepPartial, defaultSettings, type Settings, sourcesOf } from '../core/settings.ts';
import type { TaskResult } from '../core/result.ts';
import type { StationState } from '../core/snapshot.ts';
import { traitsOf } from '../core/sourceTraits.ts';
import { createCredit } from '../flow/credit.ts';
import { createMetrics, type Metrics } from '../metrics/createMetrics.ts';
import type { SourceHost } from '../sources/registry.ts';
import { createAlerts } from '../sinks/alerts.ts';
import { createResultLog } from '../sinks/resultLog.ts';
import { rowsOf } from '../sinks/rowsOf.ts';
import { applyCard } from '../tasks/applyCard.ts';
import { checkFills, checkPrepare } from '../tasks/checkPrepare.ts';
import { whyNotBatched } from '../tasks/whyNotBatched.ts';
import type { OpenModel } from './createEngine.ts';
import type { Stages } from './createPipeline.ts';
import { createEngineHolder } from './engineHolder.ts';
import { createEngineParking, sameChoice } from './engineParking.ts';
import { createFeeds } from './feeds.ts';
import { createExaminer, type Examiner, type ExaminerHost } from './examiner.ts';
import { type OpenModelHost, openModel } from './openModel.ts';
import { createMending, type MendingHost } from './mending.ts';
import { createPreview, type Preview } from './preview.ts';
import type { DeadLetterAnswer, DeadLetterAsk, FromPipeline, Inspection, ModelFile, ModelOrigin } from './protocol.ts';
import { resolveCredit } from './resolveGate.ts';
import { type EngineChoice, resolveEngine } from './resolveEngine.ts';
import { createReporter, type Reported } from './reporter.ts';

export interface StationHost
  extends Omit<ExaminerHost, 'createEngine'>,
    Pick<OpenModelHost, 'read' | 'mend' | 'build' | 'download' | 'take' | 'isOwn' | 'keeper'> {
  readonly clock: Clock;
  readonly sources: Omit<SourceHost, 'files' | 'place'>;
  describe(main: ModelFile): Promise<ModelGraph | undefined>;
  /** Of this page among the workers of a queue. */
  readonly worker: string;
  /** How long the engine of the model before is kept warm; 0: not at all. */
  readonly parkMs: number;
  readonly createEngine: MendingHost['createEngine'];
  send(message: FromPipeline): void;
}

export interface Station {
  readonly preview: Preview;
  /** Why these settings cannot be in force here; asked before `configure`. */
  refuses(settings: Settings): WeirError | undefined;
  /** `beside`: files and credentials of the sources of these names from now on; others keep theirs. */
  configure(settings: Settings, beside?: Readonly<Record<string, Beside>>): Promise<void>;
  openModel(origin: ModelOrigin, card: DeepPartial<ModelCard> | undefined): Promise<ModelInfo>;
  cancelOpening(): void;
  /** Resolves when the model is mended as the card says. */
  editCard(patch: DeepPartial<ModelCard>): Promise<void>;
  start(): Promise<void>;
  pause(): void;
  /** Resolves when the last frame in flight has ended, or another run begins. */
  stop(): Promise<void>;
  inspect(): Promise<Inspection>;
  /** Times the ways to run the open model; the run pauses meanwhile. */
  measure(): Promise<Choices>;
  cancelMeasuring(): void;
  /** Times each operator of the open model; the run pauses meanwhile. */
  profile(): Promise<Profile>;
  /** The next frame on the engine that serves and on the WASM reference. */
  compare(): Promise<Agreement>;
  /** The graph of the open model; undefined: of a format that only ORT reads. */
  describe(): Promise<ModelGraph | undefined>;
  /** The run as text. */
  export(format: PipelineExport): Promise<string>;
  /** The newest rows of the result log that match. */
  results(search: string, limit: number): LogView;
  /** On the time axis of the charts, at most four words. */
  mark(text: string): void;
  /** The page is frozen or back: a work queue gives back what it has not begun. */
  lifecycle(what: 'frozen' | 'resumed'): void;
  /** Puts pictures of the scene into the work queue of that name; how many were stored. */
  fillQueue(source: string, count: number, ratePerS: number): Promise<number>;
  deadLetters(source: string, ask: DeadLetterAsk): Promise<DeadLetterAnswer>;
  /** Sends one batch of telemetry; called on a timer. */
  report(): void;
}

/** Between two looks for the last frame in flight. */
const drainLookMs = 20;

/** The same repairs of the same file give the same graph. */
function mendedAlike(a: ModelInfo | undefined, b: ModelInfo): boolean {
  const kinds = (info: ModelInfo | undefined) => info?.repair?.notes.map(({ kind }) => kind).join() ?? '';
  return a !== undefined && kinds(a) === kinds(b);
}

/** Rates and latencies from before and after such a change do not belong into one mean. */
function changesNumbers(last: Settings, next: Settings): boolean {
  const of = (settings: Settings) => [sourcesOf(settings).map(({ url: _, ...source }) => source), settings.flow];
  return JSON.stringify(of(last)) !== JSON.stringify(of(next));
}

export function createStation(host: StationHost): Station {
  const { clock } = host;
  const settings$ = new BehaviorSubject<Settings>(defaultSettings);
  const parking = createEngineParking(host.parkMs);
  // Of the model that is open still another engine was built: the old one is of no use.
  const holder = createEngineHolder((serving) =>
    serving.model?.sha256 === model?.info.sha256 ? serving.engine.dispose() : parking.park(serving),
  );
  let model: OpenModel | undefined;
  let measured: Examiner['measured'] = () => [];
  const credit$ = new BehaviorSubject<CreditSettings>(resolve());
  const batch$ = new BehaviorSubject<BatchSettings>(batchInForce());
  const order$ = settings$.pipe(map(({ flow }) => flow.order));
  const credit = createCredit(credit$, { clock });
  const lifecycle$ = new Subject<'frozen' | 'resumed'>();
  const { sources, worker } = host;
  const feeds = createFeeds(
    {
      clock,
      sources,
      worker,
      lifecycle$,
      stages,
      takesFrames: () => holder.current()?.engine.takesFrames?.() === true,
      onEnd: feedEnded,
    },
    settings$.value,
  );
  let metrics: Metrics = newMetrics();
  /** What is so while nothing runs and nothing opens. */
  let rest: 'idle' | 'paused' | 'failed' = 'idle';
  let failure: { readonly of: 'source' | 'model'; readonly error: WeirErrorData } | undefined;
  let wantsToRun = false;
  let running = false;
  /** Names of the sources, in their order. */
  let ids = sourcesOf(settings$.value).map(({ id }) => id);
  let opening: AbortController | undefined;
  let engineWork: Promise<unknown> = Promise.resolve();
  /** What the engine that serves was built from. */
  let built: ({ readonly settings: EngineChoice } & Partial<Pick<OpenModel, 'files' | 'mended'>>) | undefined;
  const reporter = createReporter(clock);
  const log = createResultLog();
  const alerts = createAlerts();
  const preview = createPreview({
    clock,
    labels: () => holder.current()?.model?.card.labels ?? [],
    onPresented(delivery) {
      metrics.presented(delivery);
      reporter.presented(delivery);
    },
    onHidden: () => metrics.blank(),
  });

  const stateNow = (): StationState => (running ? 'running' : opening !== undefined ? 'loading' : rest);

  function settle(next: typeof rest, reason?: typeof failure): void {
    rest = next;
    failure = reason;
  }

  /** What is to be built for the model that is open. */
  function chosen(): EngineChoice {
    return resolveEngine(settings$.value, host.cores, model?.info, measured(model?.files));
  }

  function resolve(): CreditSettings {
    const settings = settings$.value;
    const sessions = Math.max(1, holder.current()?.engine.sessions ?? chosen().sessions);
    const ahead = holder.current()?.engine.facts.feeder === true;
    return resolveCredit(settings, sessions, batchInForce().maxSize, ahead);
  }

  /** Why the model that serves takes no more than one frame at once; the simulated engine takes any number. */
  function notBatched(): string | undefined {
    const serving = holder.current()?.model;
    return serving === undefined ? undefined : whyNotBatched(serving.facts, serving.card);
  }

  function batchInForce(): BatchSettings {
    const { batch } = settings$.value.flow;
    return notBatched() === undefined ? batch : { ...batch, maxSize: 1 };
  }

  function limits() {
    return { queue: feeds.queueLimit(), inFlight: credit.limit() };
  }

  function newMetrics(): Metrics {
    const { windowS, flow } = settings$.value;
    const made = createMetrics({ clock, windowS, deadlineMs: flow.deadlineMs });
    made.setLimits(limits());
    return made;
  }

  /** Credit first: a batch that grows before its slots would wait for frames that cannot come. */
  function updateLimits(): void {
    credit$.next(resolve());
    batch$.next(batchInForce());
    metrics.setLimits(limits());
  }

  /** What serves the frames of one source, and counts them where they were admitted, also after a restart. */
  function stages(id: string): Stages {
    const { observer } = metrics;
    const isShown = () => id === preview.shown(ids);
    return {
      clock,
      observer,
      credit,
      batch$,
      order$,
      serve: (payloads) => {
        const asked = isShown() ? preview.request() : undefined;
        const engine = holder.current()?.engine;
        const served = holder.serve(payloads, asked);
        void served.then(({ replies }) => {
          if (engine !== undefined && engine === holder.current()?.engine) reporter.served(engine, replies);
          const [first] = replies;
          if (first?.ok === true) checkRepairs();
          if (asked !== undefined && first?.ok === true && first.picture === undefined) preview.release();
        });
        return served;
      },
      show: (result, picture, delivery) => {
        record(result, delivery);
        if (!isShown()) return;
        reporter.result(result, delivery.payload);
        preview.show(result, picture, delivery);
      },
      notShown: () => {
        if (isShown()) preview.release();
      },
      frameFailed: (error) => reporter.frameFailed(error),
    };
  }

  function record(result: TaskResult, { id: frame, source, stamps }: Delivery): void {
    const rows = rowsOf(result, { at: stamps.decoded, source, frame });
    log.add(rows);
    for (const rule of alerts.look(source, stamps.decoded, rows)) {
      reporter.event(rule.label.slice(0, 30));
      host.send({ kind: 'alert', title: ruleText(rule), text: `In source ${source}, frame ${frame}.` });
    }
  }

  /** Only of a model whose own engine serves. */
  function checkRepairs(): void {
    if (model !== undefined && holder.current()?.model === model.info && isCurrent(built)) mending.served(model);
  }

  /** The open model is this one from now on, and the engine that serves it knows. */
  function tellModel(next: OpenModel): void {
    const serving = holder.current();
    if (serving?.model?.sha256 === next.info.sha256) serving.model = next.info;
    model = next;
    host.send({ kind: 'model', model: next.info });
  }

  function openRun(): void {
    if (running || holder.current() === undefined) return;
    // The window begins with the first frame, not with the wait for a model.
    if (metrics.counts().offered === 0) metrics = newMetrics();
    // What was carried over belongs to the run before.
    const serving = holder.current();
    if (serving?.model !== undefined && carriesState(serving.model.card))
      serving.engine.setFeed(feedOf(serving.model.card));
    metrics.resume();
    reporter.running(true);
    settle('idle');
    running = true;
    feeds.open();
  }

  function closeRun(): void {
    running = false;
    feeds.close();
    metrics.rest();
    reporter.running(false);
  }

  function feedEnded(id: string, error: WeirErrorData | undefined): void {
    const lost = error !== undefined && error.code !== 'cancelled' ? error : undefined;
    if (lost !== undefined) {
      const title = sourcesOf(settings$.value).length > 1 ? `The source ${id} stopped` : 'The source stopped';
      host.send({ kind: 'notice', of: 'source', level: 'error', title, error: lost });
    }
    endWithSources(lost);
  }

  /** The run is over when its last source is. @param lost why that one came to its end too early */
  function endWithSources(lost: WeirErrorData | undefined): void {
    if (!running || feeds.running) return;
    closeRun();
    holder.cancelInspections();
    if (lost !== undefined) settle('failed', { of: 'source', error: lost });
    else {
      // It has ended, or nothing was chosen yet: what changes later must not open it again unasked.
      wantsToRun = false;
      settle('idle');
    }
  }

  /** A source that cannot wait says so before it starts. */
  function tellOfBlock(last: Settings, next: Settings): void {
    if (next.flow.policy !== 'block' || last.flow.policy === 'block') return;
    for (const source of sourcesOf(next)) {
      const traits = traitsOf(source);
      if (traits.pausable) continue;
      host.send({
        kind: 'notice',
        level: 'notice',
        title: 'Block was not selected',
        error: {
          code: 'bad-settings',
          message: `This source cannot be slowed down, so Block would only fill memory. ${traits.defaultPolicy === 'latest' ? 'Keep latest' : 'Drop oldest'} is selected.`,
        },
      });
      return;
    }
  }

  /** On the time axis of the charts. */
  function markChanges(last: Settings, next: Settings): void {
    const [a, b] = [sourcesOf(last), sourcesOf(next)];
    if (a.length !== b.length) reporter.event(b.length === 1 ? 'one source' : `${b.length} sources`);
    else
      b.forEach((source, index) => {
        const before = a[index];
        if (before?.kind !== source.kind) reporter.event(`source: ${source.kind}`);
        else if (before.ratePerS !== source.ratePerS && source.kind === 'scene')
          reporter.event(`${source.ratePerS} per second`);
      });
    if (next.flow.policy !== last.flow.policy) reporter.event(`when full: ${next.flow.policy}`);
  }

  function adopt(
    engine: InferenceEngine,
    info: ModelInfo | undefined,
    downloadMs: number,
    from: NonNullable<typeof built>,
  ): void {
    engine.onLoss = (error, fallback) => {
      reporter.event(error.code === 'model-hangs' ? 'engine hung' : 'engine lost');
      const told = fallback === undefined ? error : { ...error, message: `${error.message} ${fallback}` };
      host.send({ kind: 'notice', level: 'error', title: 'The engine was started again', error: told });
      if (fallback !== undefined) reporter.event('fell back to WASM');
    };
    engine.onGiveUp = (error) => {
      if (holder.current()?.engine !== engine) return;
      // The next Start, or another setting of the engine, builds a new one.
      built = undefined;
      reporter.event('engine given up');
      host.send({ kind: 'notice', level: 'error', title: 'The engine was given up', error });
      closeRun();
      holder.cancelInspections();
      settle('failed', { of: 'model', error });
    };
    built = from;
    preview.clear();
    holder.replace({ engine, model: info, downloadMs, choice: from.settings });
    metrics.restartWindow();
    updateLimits();
    const refused = notBatched();
    if (refused !== undefined && settings$.value.flow.batch.maxSize > 1)
      host.send({
        kind: 'notice',
        level: 'notice',
        title: 'Frames run one by one',
        error: { code: 'bad-settings', message: refused },
      });
    // A source that failed waits for a change of its own, or for Start; what was interrupted goes on by itself.
    if (wantsToRun && failure?.of !== 'source' && rest !== 'paused') openRun();
  }

  /** All that is told of this moment. */
  function state(): Reported {
    const serving = holder.current();
    return {
      state: stateNow(),
      error: failure?.error,
      settings: settings$.value,
      limits: limits(),
      metrics,
      serving,
      sources: feeds.states(),
      work: feeds.work(),
      notBatched: notBatched(),
      checked: holder.checked(),
    };
  }

  /** The simulated engine needs no model. */
  const wantedNow = (): NonNullable<typeof built> => {
    const settings = chosen();
    if (settings.provider === 'simulated' || model === undefined) return { settings };
    return { settings, files: model.files, mended: model.mended };
  };
  const isCurrent = (from: typeof built) => {
    const wanted = wantedNow();
    return (
      from !== undefined &&
      from.files === wanted.files &&
      from.mended === wanted.mended &&
      sameChoice(from.settings, wanted.settings)
    );
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

  const examiner = createExaminer(host, {
    model: () => model,
    choice: () => chosen(),
    interrupt() {
      const goOn = running;
      if (running) {
        closeRun();
        settle('paused');
      }
      // Whoever pressed Start or Stop, or opened another model, has said what is to be.
      return () => {
        if (goOn && wantsToRun && rest === 'paused') openRun();
      };
    },
    async inspect() {
      const { provider } = holder.current()?.engine.facts ?? { provider: 'none' };
      return { ...(await inspect()), provider };
    },
    told: (choices) => host.send({ kind: 'choices', choices }),
    rebuild: rebuildEngine,
  });
  ({ measured } = examiner);

  const mending = createMending(host, {
    model: () => model,
    choice: () => chosen(),
    adopt: tellModel,
    rebuild: rebuildEngine,
    rebuildQuietly,
  });

  async function inspect(): Promise<Inspection> {
    if (stateNow() === 'idle' || stateNow() === 'failed')
      throw new WeirError('cancelled', 'No frame comes to be inspected: nothing runs. Start first.');
    return holder.inspectNext();
  }

  function rebuildQuietly(): void {
    rebuildEngine().catch((error: unknown) =>
      host.send({
        kind: 'notice',
        level: 'error',
        title: 'The engine was not changed',
        error: WeirError.wrap(error, 'bad-settings').toData(),
      }),
    );
  }

  return {
    preview,
    refuses({ flow }) {
      const more = flow.batch.maxSize > Math.max(1, settings$.value.flow.batch.maxSize);
      const reason = more ? notBatched() : undefined;
      return reason === undefined ? undefined : new WeirError('bad-settings', reason);
    },
    async configure(next, beside) {
      const last = settings$.value;
      const before = chosen();
      const shownBefore = preview.shown(ids);
      settings$.next(next);
      ids = sourcesOf(next).map(({ id }) => id);
      // A frame of the source before may have carried the request for a picture, and shows none.
      if (preview.shown(ids) !== shownBefore) preview.clear();
      if (next.windowS !== last.windowS) metrics.setWindow(next.windowS);
      if (next.flow.deadlineMs !== last.flow.deadlineMs) metrics.setDeadline(next.flow.deadlineMs);
      tellOfBlock(last, next);
      if (next.alerts !== last.alerts) alerts.setRules(parseAlertRules(next.alerts));
      if (changesNumbers(last, next)) {
        metrics.restartWindow();
        reporter.restartServed();
      }
      markChanges(last, next);
      credit$.next(resolve());
      batch$.next(batchInForce());
      const failedSource = !running && failure?.of === 'source' && wantsToRun;
      const changed = feeds.configure(next, beside, running);
      // The run that failed is taken up again by the change that may mend it.
      if (failedSource && changed.length > 0) openRun();
      // The one that was taken away may have been the last that still ran.
      endWithSources(undefined);
      metrics.setLimits(limits());
      if (JSON.stringify(last.engine) !== JSON.stringify(next.engine)) await rebuildEngine();
      // Another source may want other sessions; nobody asked for them, so nobody waits for them.
      else if (!sameChoice(before, chosen())) rebuildQuietly();
    },
    async openModel(origin, patch) {
      opening?.abort();
      examiner.cancel();
      const abort = new AbortController();
      opening = abort;
      try {
        let settings = chosen();
        let reused: InferenceEngine | undefined;
        const opened = await openModel(
          origin,
          patch,
          {
            ...host,
            knownRepair: mending.known,
            async acquireEngine(info, files, mended, signal) {
              settings = resolveEngine(settings$.value, host.cores, info);
              const real: EngineChoice =
                settings.provider === 'simulated' ? { ...settings, provider: 'auto' } : settings;
              // Of files that lie beside the model only their names are in its hash.
              const alone = files.length === 1;
              const serving = alone ? holder.current() : undefined;
              const feed = feedOf(info.card);
              const fedAlike = (card: ModelCard | undefined) =>
                card !== undefined && JSON.stringify(feedOf(card)) === JSON.stringify(feed);
              if (
                serving?.model?.sha256 === info.sha256 &&
                mendedAlike(serving.model, info) &&
                sameChoice(serving.choice, real) &&
                fedAlike(serving.model.card)
              ) {
                reused = serving.engine;
                return { engine: reused, warm: true, release: () => {} };
              }
              const parked = alone ? parking.take(info.sha256, real) : undefined;
              const kept = mendedAlike(parked?.model, info) ? parked : undefined;
              if (kept === undefined) parked?.engine.dispose();
              const warm = fedAlike(kept?.model?.card);
              if (kept !== undefined && !warm) kept.engine.setFeed(feed);
              const engine = kept?.engine ?? (await host.createEngine(real, { info, files, mended }, signal));
              return { engine, warm, release: () => engine.dispose() };
            },
            givesTensors: () => traitsOf(settings$.value.source).gives !== 'pictures',
            onProgress: (progress) => host.send({ kind: 'opening', progress }),
            notice: (title, message) =>
              host.send({ kind: 'notice', level: 'notice', title, error: { code: 'bad-settings', message } }),
          },
          abort.signal,
        );
        const replaces = model !== undefined;
        const { info, files, mended } = opened;
        model = { info, files, mended };
        if (failure?.of === 'model') settle('idle');
        const now = holder.current();
        if (settings.provider === 'simulated') opened.engine.dispose();
        // Settings changed meanwhile, and a newer engine of this very model serves already.
        else if (reused !== undefined && now !== undefined && now.engine !== reused) now.model = opened.info;
        else adopt(opened.engine, opened.info, opened.downloadMs, { settings, files, mended });
        if (replaces) reporter.event('model changed');
        host.send({ kind: 'model', model: opened.info });
        examiner.forget();
        // The settings may have changed while the model opened.
        rebuildQuietly();
        return opened.info;
      } catch (error) {
        const wrapped = WeirError.wrap(error, 'not-a-model');
        const nothingServes = !running && holder.current() === undefined;
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
    async editCard(patch) {
      if (model === undefined) throw new WeirError('bad-settings', 'No model is open.');
      const info = { ...model.info, card: applyCard(model.info.card, patch) };
      checkPrepare(info.card.prepare, info.facts);
      checkFills(info.card, info.facts);
      host.keeper.edited(patch);
      const before = chosen();
      model = { ...model, info };
      const serving = holder.current();
      // While the simulated engine runs the card waits for its model's turn.
      if (serving?.model !== undefined) {
        serving.model = info;
        serving.engine.setFeed(feedOf(info.card));
        // Whether frames can run together depends on how they are fed.
        updateLimits();
      }
      host.send({ kind: 'model', model: info });
      if (patch.repairs !== undefined) await mending.again(info.card.repairs?.off ?? []);
      // Sizes that were fixed are others now.
      if (!sameChoice(before, chosen())) rebuildQuietly();
    },
    async start() {
      examiner.cancel();
      wantsToRun = true;
      if (running) return;
      if (rest !== 'paused') {
        metrics = newMetrics();
        reporter.restart();
        preview.clear();
        log.clear();
        alerts.clear();
      }
      if (!isCurrent(built)) await rebuildEngine();
      if (wantsToRun) openRun();
    },
    pause() {
      wantsToRun = false;
      if (!running) return;
      closeRun();
      settle('paused');
    },
    async stop() {
      examiner.cancel();
      wantsToRun = false;
      closeRun();
      feeds.rewind();
      settle('idle');
      holder.cancelInspections();
      const of = metrics;
      while (of === metrics && !running && of.counts().inFlight > 0)
        await new Promise((done) => setTimeout(done, drainLookMs));
    },
    inspect,
    cancelMeasuring: () => examiner.cancel(),
    measure: () => examiner.measure(),
    profile: () => examiner.profile(),
    compare: () => examiner.compare(),
    async describe() {
      const main = model?.files[0];
      if (main === undefined) throw new WeirError('bad-settings', 'No model is open: open one first.');
      return host.describe(main);
    },
    results: (search, limit) => log.look(search, limit),
    async export(format) {
      if (format === 'results-jsonl') return log.jsonLines();
      if (format === 'results-csv') return log.csv();
      const { exportText } = await import('./exportText.ts');
      return exportText(format, metrics, reporter.look(state()), clock.now());
    },
    mark: (text) => reporter.event(text),
    lifecycle: (what) => lifecycle$.next(what),
    async fillQueue(source, count, ratePerS) {
      if (feeds.session(source) === undefined)
        throw new WeirError('cancelled', 'There is no connection to a queue. Connect first.');
      const { fillQueue } = await import('./fillQueue.ts');
      const scene = { ...settings$.value.source, width: 640, height: 360 };
      return fillQueue({ count, ratePerS, scene, session: () => feeds.session(source) });
    },
    async deadLetters(source, ask) {
      const session = feeds.session(source);
      if (session === undefined)
        throw new WeirError(
          'cancelled',
          'The dead letters are at the broker, and there is no connection. Start first.',
        );
      const { askDeadLetters } = await import('./askDeadLetters.ts');
      return askDeadLetters(session.deadLetters, ask, {
        hosts: settings$.value.settling.hosts,
        serve: (payload) => holder.serve([payload], undefined),
      });
    },
    report() {
      // An adaptive limiter moves it at any time.
      metrics.setLimits(limits());
      host.send({ kind: 'telemetry', telemetry: reporter.report(state()) });
    },
  };
}
