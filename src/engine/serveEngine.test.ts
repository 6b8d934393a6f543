/** The worker's work called without a worker: order, error values, transferables, and one thing at a time. */
import { describe, expect, it } from 'vitest';
import type { Prepare } from '../core/card.ts';
import { WeirError } from '../core/errors.ts';
import type { Results } from './gpuOutputs.ts';
import type { FromEngine } from './messages.ts';
import type { OrtSession } from './ortSession.ts';
import { type EngineServices, serveEngine } from './serveEngine.ts';

const prepare: Prepare = {
  input: 'x',
  width: 1,
  height: 1,
  fit: 'stretch',
  color: 'gray',
  layout: 'nchw',
  type: 'float32',
  scale: 1,
  mean: [0, 0, 0],
  std: [1, 1, 1],
  pad: 0,
};
const fit = {
  sourceWidth: 1,
  sourceHeight: 1,
  scaleX: 1,
  scaleY: 1,
  offsetX: 0,
  offsetY: 0,
  inputWidth: 1,
  inputHeight: 1,
};
const model = { bytes: new ArrayBuffer(4), external: [] };
const load = {
  kind: 'load',
  id: 1,
  model,
  provider: 'wasm',
  threads: 1,
  graph: { level: 'all', layout: 'auto', sizes: {}, capture: false, gpuOutputs: [] },
  feed: { prepare },
} as const;
const run = (id: number, seed = id) =>
  ({
    kind: 'run',
    id,
    jobs: [{ payload: { kind: 'scene', seed, t: 0, width: 1, height: 1, difficulty: 0, motion: 1 }, picture: {} }],
  }) as const;

function setUp(
  services: Partial<EngineServices> = {},
  runSession?: OrtSession['run'],
  gpu?: NonNullable<OrtSession['gpu']>,
) {
  const posted: { message: FromEngine; transfer: Transferable[] }[] = [];
  let inside = 0;
  let most = 0;
  const session: OrtSession = {
    facts: { provider: 'wasm', threads: 1, isolated: true, coldMs: { create: 1, firstRun: 1 } },
    inputs: [{ name: 'x', type: 'float32', shape: [1, 1, 1, 1] }],
    outputs: [],
    setFeed: () => {},
    inputsOf: () => [],
    endProfiling: () => {},
    ...(gpu === undefined ? {} : { gpu }),
    run:
      runSession ??
      (async (fed) => {
        if (fed === undefined) throw new WeirError('cannot-feed', 'Nothing feeds input x.');
        most = Math.max(most, ++inside);
        await new Promise((resolve) => setTimeout(resolve, 2));
        inside--;
        if (!('data' in fed)) throw new Error('There is no GPU here.');
        const data = Float32Array.from(fed.data as Float32Array);
        return { results: Promise.resolve({ outputs: [{ name: 'y', type: 'float32', dims: [1], data }], also: [] }) };
      }),
  };
  const handle = serveEngine({
    toPicture: async (payload) => ({
      buffer: new Uint8Array([payload.kind === 'scene' ? payload.seed : 0, 0, 0, 255]).buffer,
      width: 1,
      height: 1,
    }),
    createSession: async () => session,
    heapBytes: () => 1000,
    warmRuntime: () => Promise.resolve(),
    preparer: Promise.resolve({
      prepare: (picture) => ({ data: new Float32Array([new Uint8Array(picture.buffer)[0] ?? 0]), fit }),
    }),
    post: (message, transfer) => posted.push({ message, transfer }),
    ...services,
  });
  const until = async (count: number) => {
    for (let i = 0; i < 500 && posted.length < count; i++) await new Promise((resolve) => setTimeout(resolve, 1));
    return posted.map(({ message }) => message);
  };
  return { handle, posted, until, most: () => most };
}

describe('serveEngine', () => {
  it('loads, then runs in order and one at a time, with outputs and picture transferred', async () => {
    const { handle, posted, until, most } = setUp();
    for (const message of [load, run(2), run(3), run(4)]) handle(message);
    const messages = await until(5);
    expect(messages.map((message) => message.kind)).toEqual(['step', 'loaded', 'ran', 'ran', 'ran']);
    const values = messages.flatMap((message) =>
      message.kind === 'ran' && message.replies[0]?.ok === true
        ? [message.id, message.replies[0].outputs[0]?.data[0]]
        : [],
    );
    expect(values).toEqual([2, 2, 3, 3, 4, 4]);
    expect(most()).toBe(1);
    expect(posted[2]?.transfer).toHaveLength(2);
  });

  it('answers a ping at once, also before anything is loaded', () => {
    const { handle, posted } = setUp();
    handle(load);
    handle({ kind: 'ping', id: 7 });
    expect(posted.map(({ message }) => message.kind)).toContain('pong');
  });

  it('reports a model that does not open', async () => {
    const { handle, until } = setUp({ createSession: () => Promise.reject(new WeirError('unsupported-opset', 'no')) });
    handle(load);
    expect((await until(2))[1]).toMatchObject({ kind: 'failed', id: 1, error: { code: 'unsupported-opset' } });
  });

  it('fails one frame and goes on with the next', async () => {
    let calls = 0;
    const { handle, until } = setUp({
      toPicture: async () => {
        if (calls++ === 0) throw new WeirError('cannot-decode', 'torn');
        return { buffer: new ArrayBuffer(4), width: 1, height: 1 };
      },
    });
    for (const message of [load, run(2), run(3)]) handle(message);
    const [, , first, second] = await until(4);
    expect(first).toMatchObject({ poisoned: false, replies: [{ ok: false, error: { code: 'cannot-decode' } }] });
    expect(second).toMatchObject({ replies: [{ ok: true }] });
  });

  it('says when the worker can no longer be trusted', async () => {
    const { handle, until } = setUp({}, () =>
      Promise.reject(new WebAssembly.RuntimeError('memory access out of bounds')),
    );
    handle(load);
    handle(run(2));
    expect((await until(3))[2]).toMatchObject({ kind: 'ran', poisoned: true, replies: [{ ok: false }] });
  });

  it('begins the next run on a GPU while outputs are read back, answers in order, and counts no time twice', async () => {
    const reads: ((value: Results) => void)[] = [];
    const made = { buffer: {} as GPUBuffer, bytes: 4, fits: [fit] };
    const held = { bytes: 32, buffers: 2, frames: 0 };
    const { handle, until } = setUp(
      {},
      async () => ({ results: new Promise<Results>((resolve) => reads.push(resolve)) }),
      {
        side: 64,
        overlaps: true,
        prepare: async () => ({ tensor: { name: 'x', type: 'float32', dims: [1], buffer: made.buffer }, made }),
        held: () => held,
        opened: () => {},
      },
    );
    for (const message of [load, run(2), run(3)]) handle(message);
    for (let i = 0; i < 500 && reads.length < 2; i++) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(reads.length, 'both runs have begun').toBe(2);
    const outputs = [{ name: 'y', type: 'float32', dims: [1], data: new Float32Array(1) }] as const;
    // Even if the second were readable first.
    reads[1]?.({ outputs, also: [] });
    await new Promise((resolve) => setTimeout(resolve, 5));
    reads[0]?.({ outputs, also: [] });
    const ran = (await until(4)).flatMap((message) => (message.kind === 'ran' ? message : []));
    expect(ran.map(({ id, gpu, replies }) => [id, gpu, replies[0]?.ok])).toEqual([
      [2, held, true],
      [3, held, true],
    ]);
    const times = ran.flatMap(({ replies }) => replies[0]?.times ?? []);
    const wall = Math.max(...times.map((each) => each.ran)) - Math.min(...times.map((each) => each.began));
    expect(ran.reduce((sum, { busyMs }) => sum + busyMs, 0)).toBeLessThanOrEqual(wall);
  });

  it('answers `cannot-feed` for a model without preparation', async () => {
    const { handle, until } = setUp();
    handle({ ...load, feed: {} });
    handle(run(2));
    expect((await until(3))[2]).toMatchObject({ replies: [{ ok: false, error: { code: 'cannot-feed' } }] });
    handle({ kind: 'feed', id: 3, feed: { prepare } });
    handle(run(4));
    expect((await until(4))[3]).toMatchObject({ replies: [{ ok: true }] });
  });
});
