/** Repairs over fake engines: checked once and after the first result, taken back where they differ, switched by hand. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { EngineReply, InferenceEngine } from '../core/engine.ts';
import { WeirError } from '../core/errors.ts';
import type { MendedModel, RepairKind } from '../core/repair.ts';
import { buildSobel } from '../models/buildGraph.ts';
import { preflight } from '../models/preflight.ts';
import { guessCard } from '../tasks/guess.ts';
import type { OpenModel } from './createEngine.ts';
import { createMending } from './mending.ts';
import type { FromPipeline } from './protocol.ts';
import { defaultSettings } from '../core/settings.ts';
import { resolveEngine } from './resolveEngine.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const bytes = buildSobel(8, 8);
const facts = preflight(bytes);
const note = { kind: 'identities', count: 1, reason: 'They only handed on what they got.' } as const;

function setUp(answers: { original: number | WeirError; mended: number | WeirError }) {
  const sent: FromPipeline[] = [];
  const built: ('original' | 'mended')[] = [];
  let rebuilds = 0;
  let refusal: WeirError | undefined;
  const repair = { notes: [note], off: [] };
  const mended = { repair, graph: { bytes: new ArrayBuffer(8) } } satisfies MendedModel;
  let model: OpenModel = {
    info: { name: 'sobel', sha256: 'abc', facts, card: guessCard(facts, 'sobel'), repair },
    files: [{ name: 'sobel.onnx', bytes: bytes.buffer }],
    mended,
  };
  const mending = createMending(
    {
      mend: (_, off: readonly RepairKind[]) =>
        Promise.resolve(off.length > 0 ? { repair: { notes: [], off: [note] } } : mended),
      async createEngine(_, of) {
        const side = of?.mended?.graph === undefined ? 'original' : 'mended';
        built.push(side);
        // Nothing feeds it: all its inputs are filled with noise.
        expect(of?.info.card).toMatchObject({ fills: { input: { kind: 'noise', dims: [1, 3, 8, 8] } } });
        const answer = answers[side];
        if (answer instanceof WeirError) throw answer;
        return fakeEngine(answer);
      },
      send: (message) => sent.push(message),
    },
    {
      model: () => model,
      choice: () => resolveEngine(defaultSettings, 4, undefined, []),
      adopt: (next) => {
        model = next;
      },
      async rebuild() {
        rebuilds += 1;
        if (refusal !== undefined) throw refusal;
      },
      rebuildQuietly: () => {
        rebuilds += 1;
      },
    },
  );
  return {
    mending,
    sent,
    built,
    mended,
    model: () => model,
    rebuilds: () => rebuilds,
    refuse: (error: WeirError) => {
      refusal = error;
    },
    async serve() {
      mending.served(model);
      await vi.advanceTimersByTimeAsync(2000);
    },
  };
}

function fakeEngine(value: number): InferenceEngine {
  const reply = { ok: true, outputs: [{ name: 'y', type: 'float32', dims: [1], data: Float32Array.of(value) }] };
  return { run: () => Promise.resolve([reply as never as EngineReply]), dispose: () => {} } as never as InferenceEngine;
}

test('it is checked once, after the first result', async () => {
  const { mending, built, model, serve, mended } = setUp({ original: 1, mended: 1 });
  mending.served(model());
  expect(model().info.repair?.check).toEqual({ status: 'checking' });
  expect(built).toEqual([]);
  await serve();
  await serve();
  expect(built).toEqual(['original', 'mended']);
  expect(model().info.repair?.check).toEqual({ status: 'agrees', worst: 0 });
  // Opened again, it is known.
  expect(mending.known('abc', mended)?.repair?.check).toEqual({ status: 'agrees', worst: 0 });
});

test('what differs is taken back, with a sentence, and the original serves, also when it is opened again', async () => {
  const { mending, sent, model, serve, rebuilds, mended } = setUp({ original: 1, mended: 2 });
  await serve();
  expect(model().mended).toBeUndefined();
  expect(model().info.repair).toMatchObject({ notes: [], check: { status: 'differs' } });
  expect(rebuilds()).toBe(1);
  expect(sent).toMatchObject([
    { kind: 'notice', error: { message: expect.stringContaining('Output y differs by 1') } },
  ]);
  expect(mending.known('abc', mended)).toMatchObject({ repair: { notes: [], check: { status: 'differs' } } });
  expect(mending.known('abc', mended)?.graph).toBeUndefined();
});

test('where only the original runs the repairs are taken back, where only the mended one runs they stay', async () => {
  const broken = new WeirError('unsupported-operator', 'No kernel.');
  const worse = setUp({ original: 1, mended: broken });
  await worse.serve();
  expect(worse.model().info.repair?.check).toEqual({ status: 'differs', why: 'No kernel.' });
  const better = setUp({ original: broken, mended: 1 });
  await better.serve();
  expect(better.model().mended).toBe(better.mended);
  expect(better.model().info.repair?.check).toMatchObject({
    status: 'unchecked',
    why: expect.stringContaining('No kernel.'),
  });
});

test('a repair is switched off and on, and where the engine cannot be built without it all is as it was', async () => {
  const { mending, model, mended, refuse } = setUp({ original: 1, mended: 1 });
  await mending.again(['identities']);
  expect(model().info.repair).toEqual({ notes: [], off: [note] });
  expect(model().mended?.graph).toBeUndefined();
  await mending.again([]);
  expect(model().mended).toMatchObject({ graph: mended.graph });
  refuse(new WeirError('unsupported-operator', 'No kernel.'));
  await expect(mending.again(['identities'])).rejects.toThrow('No kernel.');
  expect(model().mended).toMatchObject({ graph: mended.graph });
});
