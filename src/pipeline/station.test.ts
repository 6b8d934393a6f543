/** The station over fake engines: what is asked for while something else is under way, and what pauses, ends and failures leave. */
import { afterEach, expect, test, vi } from 'vitest';
import { systemClock } from '../core/clock.ts';
import type { EngineJob, EngineReply, InferenceEngine } from '../core/engine.ts';
import { WeirError, type WeirErrorData } from '../core/errors.ts';
import { defaultLoad } from '../core/loadRecipe.ts';
import { type DeepPartial, defaultSettings, type Settings } from '../core/settings.ts';
import type { Telemetry } from '../core/telemetry.ts';
import { checkConservation } from '../metrics/checkConservation.ts';
import { buildConvGraph } from '../models/buildGraph.ts';
import { buildLoadGraph } from '../models/loadGraph.ts';
import { preflight } from '../models/preflight.ts';
import { sha256 } from '../models/sha256.ts';
import { bytesOf } from './modelFiles.ts';
import type { ModelFile, ModelOrigin } from './protocol.ts';
import type { EngineChoice } from './resolveEngine.ts';
import { createStation, type StationHost } from './station.ts';

interface Built {
  readonly settings: EngineChoice;
  readonly model: string | undefined;
  readonly prepares: number[];
  disposed: boolean;
  /** As a pool that was lost too often does. */
  giveUp(error: WeirErrorData): void;
}

/** A station whose engines answer at once, and whose building can be held up. */
function setUp() {
  const engines: Built[] = [];
  const sent: Telemetry[] = [];
  const alerts: string[] = [];
  const gates: (() => void)[] = [];
  let held = false;
  let refusal: WeirError | undefined;
  let cameras = 0;
  const host: StationHost = {
    clock: systemClock,
    worker: 'test',
    cores: 4,
    parkMs: 0,
    hasGpu: () => Promise.resolve(false),
    profileEngine: () => Promise.reject(new WeirError('bad-output', 'No profile.')),
    sources: {
      feedUrl: 'ws://nowhere.invalid/feed',
      acquireFrames: () => {
        cameras += 1;
        return Promise.reject(new WeirError('device-gone', 'No camera.'));
      },
      acquireSound: () => Promise.reject(new WeirError('device-gone', 'No microphone.')),
    },
    read: async (file) => {
      const bytes = await bytesOf(file);
      return {
        facts: preflight(new Uint8Array(bytes), file.name),
        sha256: await sha256(bytes),
        bytes,
        mended: undefined,
      };
    },
    download: () => Promise.reject(new WeirError('connection-refused', 'No network.')),
    take: () => Promise.reject(new WeirError('not-kept', 'No library.')),
    isOwn: () => true,
    describe: () => Promise.resolve(undefined),
    keeper: { keep: () => ({ commit() {}, discard() {} }), opened() {}, edited() {}, id: () => undefined },
    mend: () => Promise.resolve(undefined),
    build: async (recipe) => {
      const { bytes, ...costs } = buildLoadGraph(recipe);
      return { bytes: bytes.buffer, costs };
    },
    async createEngine(settings, model) {
      if (held) await new Promise<void>((go) => gates.push(go));
      if (refusal !== undefined) throw refusal;
      const built: Built = { settings, model: model?.info.name, prepares: [], disposed: false, giveUp: () => {} };
      engines.push(built);
      const engine = fakeEngine(built);
      built.giveUp = (error) => engine.onGiveUp?.(error);
      return engine;
    },
    send: (message) => {
      if (message.kind === 'telemetry') sent.push(message.telemetry);
      if (message.kind === 'alert') alerts.push(message.title);
    },
  };
  const station = createStation(host);
  let settings = defaultSettings;
  return {
    station,
    engines,
    alerts,
    hold: () => {
      held = true;
    },
    /** The building that was asked for last goes on. */
    releaseLast: () => gates.pop()?.(),
    cameras: () => cameras,
    release: () => {
      held = false;
      for (const go of gates.splice(0)) go();
    },
    refuse: (error: WeirError | undefined) => {
      refusal = error;
    },
    configure(change: DeepPartial<Settings>) {
      settings = {
        ...settings,
        source: { ...settings.source, ...change.source },
        engine: { ...settings.engine, ...change.engine },
      };
      return station.configure(settings);
    },
    report() {
      station.report();
      const last = sent.at(-1);
      if (last === undefined) throw new Error('A report sends telemetry.');
      expect(checkConservation(last.snapshot.counts)).toEqual({ holds: true, offBy: 0 });
      return last;
    },
  };
}

function fakeEngine(built: Built): InferenceEngine {
  const { sessions } = built.settings;
  return {
    sessions,
    facts: { provider: 'wasm', threads: 1, sessions, isolated: true, coldMs: { create: 1, firstRun: 1 } },
    losses: 0,
    busyMs: () => 0,
    heapBytes: () => 0,
    run: async (jobs: readonly EngineJob[]): Promise<readonly EngineReply[]> => {
      const now = systemClock.now();
      return jobs.map(() => ({
        ok: true,
        times: { began: now, prepared: now, started: now, ran: now },
        outputs: [{ name: 'y', type: 'float32', dims: [1, 3, 4, 4], data: new Float32Array(48) }],
        fit: {
          sourceWidth: 4,
          sourceHeight: 4,
          scaleX: 1,
          scaleY: 1,
          offsetX: 0,
          offsetY: 0,
          inputWidth: 4,
          inputHeight: 4,
        },
      }));
    },
    inputs: [],
    outputs: [],
    setFeed: ({ prepare }) => built.prepares.push(prepare?.scale ?? NaN),
    dispose: () => {
      built.disposed = true;
    },
  };
}

const fileOf = (name: string): ModelFile => ({
  name,
  bytes: buildConvGraph({ input: [1, 3, 4, 4], layers: 1, channels: 4 }).buffer,
});
const origin = (name: string): ModelOrigin => ({ kind: 'files', files: [fileOf(name)] });
const stations: ReturnType<typeof setUp>['station'][] = [];
function create() {
  const made = setUp();
  stations.push(made.station);
  return made;
}
afterEach(async () => {
  await Promise.all(stations.splice(0).map((station) => station.stop()));
});

test('a model opened while the engine is rebuilt for the one before it is the one that serves', async () => {
  const { station, engines, hold, release, releaseLast, configure, report } = create();
  await station.openModel(origin('a.onnx'), undefined);
  hold();
  const rebuilt = configure({ engine: { sessions: 2 } });
  await vi.waitFor(() => expect(engines).toHaveLength(1));
  const opened = station.openModel(origin('b.onnx'), undefined);
  await new Promise((done) => setTimeout(done, 50));
  releaseLast();
  await opened;
  release();
  await rebuilt;
  await vi.waitFor(() => expect(engines.filter(({ disposed }) => !disposed)).toHaveLength(1));
  const serving = engines.find(({ disposed }) => !disposed);
  expect([serving?.model, serving?.settings.sessions]).toEqual(['b', 2]);
  expect(report().snapshot.model?.name).toBe('b');
});

test('settings changed while the first model opens are in force when it serves', async () => {
  const { station, engines, hold, release, configure } = create();
  hold();
  const opened = station.openModel(origin('a.onnx'), undefined);
  await new Promise((done) => setTimeout(done, 50));
  await configure({ engine: { sessions: 3 } });
  release();
  await opened;
  await vi.waitFor(() => expect(engines.find(({ disposed }) => !disposed)?.settings.sessions).toBe(3));
});

test('a slider that passes eight values builds one engine, not eight', async () => {
  const { station, engines, hold, release, configure } = create();
  await station.openModel(origin('a.onnx'), undefined);
  hold();
  const all = [2, 3, 4, 5, 6, 7, 8].map((sessions) => configure({ engine: { sessions } }));
  await new Promise((done) => setTimeout(done, 20));
  release();
  await Promise.all(all);
  const later = engines.slice(1);
  expect(later.length).toBeLessThanOrEqual(2);
  expect(later.at(-1)?.settings.sessions).toBe(8);
  expect(engines.filter(({ disposed }) => !disposed)).toHaveLength(1);
});

test('a card edited while the engine is rebuilt reaches the new one', async () => {
  const { station, engines, hold, release, configure } = create();
  await station.openModel(origin('a.onnx'), undefined);
  hold();
  const rebuilt = configure({ engine: { sessions: 2 } });
  await new Promise((done) => setTimeout(done, 20));
  await station.editCard({ prepare: { scale: 0.5 } });
  release();
  await rebuilt;
  expect(engines.at(-1)?.prepares).toEqual([0.5]);
});

test('a pause before the first engine is ready is obeyed when it is', async () => {
  const { station, report } = create();
  const opening = station.openModel(origin('a.onnx'), undefined);
  await station.start();
  station.pause();
  await opening;
  expect(report().snapshot.state).toBe('idle');
  expect(report().snapshot.counts.offered).toBe(0);
});

test('another model while paused keeps the pause and the counts', async () => {
  const { station, report } = create();
  await station.openModel(origin('a.onnx'), undefined);
  await station.start();
  await vi.waitFor(() => expect(report().snapshot.counts.completed).toBeGreaterThan(2), 3000);
  station.pause();
  const { completed } = report().snapshot.counts;
  await station.openModel(origin('b.onnx'), undefined);
  expect(report().snapshot.state).toBe('paused');
  await station.start();
  expect(report().restarted).toBe(false);
  expect(report().snapshot.counts.completed).toBeGreaterThanOrEqual(completed);
});

test('two openings in a row, the second refused, do not leave the station loading', async () => {
  const { station, hold, release, refuse, report } = create();
  hold();
  const first = station.openModel(origin('a.onnx'), undefined).catch((error: WeirError) => error.code);
  await new Promise((done) => setTimeout(done, 30));
  const second = station.openModel(origin('b.onnx'), undefined).catch((error: WeirError) => error.code);
  refuse(new WeirError('unsupported-operator', 'No.'));
  await new Promise((done) => setTimeout(done, 30));
  release();
  expect(await Promise.all([first, second])).toEqual(['cancelled', 'unsupported-operator']);
  expect(report().snapshot).toMatchObject({ state: 'failed', error: { code: 'unsupported-operator' } });
  refuse(undefined);
  await station.openModel(origin('c.onnx'), undefined);
  expect(report().snapshot.state).toBe('idle');
  expect(report().snapshot.error).toBe(undefined);
});

test('a source that failed is not opened again by another engine, but by its own settings', async () => {
  const { station, configure, report, cameras } = create();
  await station.openModel(origin('a.onnx'), undefined);
  await station.start();
  await configure({ source: { kind: 'camera' } });
  await vi.waitFor(() => expect(report().snapshot.state).toBe('failed'));
  await configure({ engine: { sessions: 2 } });
  expect(report().snapshot.state).toBe('failed');
  expect(cameras()).toBe(1);
  await configure({ source: { kind: 'scene' } });
  await vi.waitFor(() => expect(report().snapshot.state).toBe('running'));
  expect(report().snapshot.error).toBe(undefined);
});

test('stop resolves when nothing is in flight, and tells whoever waits for a frame', async () => {
  const { station, report } = create();
  await station.openModel(origin('a.onnx'), undefined);
  await expect(station.inspect()).rejects.toMatchObject({ code: 'cancelled' });
  await station.start();
  await vi.waitFor(() => expect(report().snapshot.counts.completed).toBeGreaterThan(2), 3000);
  await station.stop();
  expect(report().snapshot).toMatchObject({ state: 'idle', counts: { queued: 0, inFlight: 0 } });
  await expect(station.inspect()).rejects.toMatchObject({ code: 'cancelled' });
});

test('whoever waits for a frame is told when the source is gone', async () => {
  const { station, configure, report } = create();
  await station.openModel(origin('a.onnx'), undefined);
  await configure({ source: { ratePerS: 0.5 } });
  await station.start();
  await vi.waitFor(() => expect(report().snapshot.counts.completed).toBe(1), 5000);
  const told = expect(station.inspect()).rejects.toMatchObject({ code: 'cancelled' });
  await configure({ source: { kind: 'camera' } });
  await told;
  expect(report().snapshot.state).toBe('failed');
});

test('an engine that was given up ends the run with its reason, and Start builds another', async () => {
  const { station, engines, report } = create();
  await station.openModel(origin('a.onnx'), undefined);
  await station.start();
  engines[0]?.giveUp({ code: 'model-hangs', message: 'One run of the model did not end within 2 s.' });
  expect(report().snapshot).toMatchObject({ state: 'failed', error: { code: 'model-hangs' } });
  await station.start();
  expect(engines).toHaveLength(2);
  expect(report().snapshot).toMatchObject({ state: 'running' });
  expect(report().snapshot.error).toBe(undefined);
});

test('a load dial opens like any model, and says what it costs', async () => {
  const { station, engines, report } = setUp();
  const recipe = { ...defaultLoad, mflops: 2, layers: 3, width: 32, height: 32 };
  const info = await station.openModel({ kind: 'load', recipe }, undefined);
  expect(info.name).toBe('Load dial, 2 MFLOPs, 3 layers, 32 × 32');
  expect(info.load?.recipe).toEqual(recipe);
  expect((info.load?.flops ?? 0) / 2e6).toBeCloseTo(1, 1);
  expect(info.card.task.kind).toBe('tensors');
  expect(info.card.prepare).toMatchObject({ width: 32, height: 32, fit: 'stretch', scale: 1 / 255 });
  expect(engines[0]?.model).toBe(info.name);
  const patched = { ...recipe, mflops: 200_000, layers: 2 };
  await expect(station.openModel({ kind: 'load', recipe: patched }, undefined)).rejects.toMatchObject({
    code: 'too-large',
  });
  expect(report().snapshot.model?.name).toBe(info.name);
});

test('the same file dropped again is served by the engine that has it, and another model is not', async () => {
  const { station, engines, report } = create();
  const file = fileOf('a.onnx');
  const again = (): ModelOrigin => ({ kind: 'files', files: [{ ...file, bytes: file.bytes.slice(0) }] });
  await station.openModel(again(), undefined);
  await station.openModel(again(), undefined);
  expect(engines).toHaveLength(1);
  expect(engines[0]?.disposed).toBe(false);
  expect(report().snapshot.model?.name).toBe('a');
  const bytes = buildConvGraph({ input: [1, 3, 4, 4], layers: 2, channels: 4 }).buffer;
  await station.openModel({ kind: 'files', files: [{ name: 'b.onnx', bytes }] }, undefined);
  expect(engines).toHaveLength(2);
  expect(engines.map(({ disposed }) => disposed)).toEqual([true, false]);
});

test('results are kept for whoever looks, a rule gives notice once, and a new run begins a new log', async () => {
  const { station, alerts } = create();
  await station.openModel(origin('a.onnx'), { task: { kind: 'segmentation', background: true } });
  await station.configure({ ...defaultSettings, alerts: 'class 0 > 0.9' });
  await station.start();
  await vi.waitFor(() => expect(station.results('', 10).total).toBeGreaterThan(12));
  await station.stop();
  const { rows, kept, total } = station.results('CLASS', 1);
  expect(rows).toMatchObject([{ source: 'scene', label: 'class 0', score: 1 }]);
  expect(kept).toBe(total);
  expect(station.results('nothing', 1).matching).toBe(0);
  expect(alerts).toEqual(['class 0 above 0.9']);
  expect((await station.export('results-jsonl')).split('\n').filter(Boolean)).toHaveLength(kept);
  await station.start();
  await vi.waitFor(() => expect(alerts).toHaveLength(2));
  expect(station.results('', 1).total).toBeLessThan(total);
});
