import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Chunk, createVideoChunks } from './videoChunks.ts';

/** Chunks in, frames out when the test says so. */
class FakeDecoder {
  static all: FakeDecoder[] = [];
  static supported = true;
  static isConfigSupported = () => Promise.resolve({ supported: FakeDecoder.supported });
  state = 'unconfigured';
  readonly given: number[] = [];
  readonly hooks: { output: (frame: unknown) => void; error: (error: Error) => void };
  constructor(hooks: FakeDecoder['hooks']) {
    this.hooks = hooks;
    FakeDecoder.all.push(this);
  }
  configure() {
    this.state = 'configured';
  }
  decode({ timestamp }: { timestamp: number }) {
    this.given.push(timestamp);
  }
  flush = () => Promise.resolve();
  close() {
    this.state = 'closed';
  }
  shows(timestamp: number) {
    openFrames += 1;
    this.hooks.output({
      timestamp,
      format: 'RGBA',
      codedWidth: 1,
      codedHeight: 1,
      visibleRect: null,
      colorSpace: {},
      allocationSize: () => 4,
      copyTo: () => Promise.resolve([{ offset: 0, stride: 4 }]),
      close: () => {
        openFrames -= 1;
      },
    });
  }
}

let openFrames = 0;
beforeEach(() => {
  openFrames = 0;
  FakeDecoder.all = [];
  FakeDecoder.supported = true;
  vi.stubGlobal(
    'EncodedVideoChunk',
    class {
      timestamp: number;
      constructor({ timestamp }: { timestamp: number }) {
        this.timestamp = timestamp;
      }
    },
  );
});
afterEach(() => {
  vi.unstubAllGlobals();
  expect(openFrames, 'no frame is left open').toBe(0);
});

interface Named extends Chunk {
  readonly name: number;
}

function start(mayDrop = false) {
  const told: string[] = [];
  const recycled: (() => void)[] = [];
  const chunks = createVideoChunks<Named>(
    {
      onPicture: ({ name }, _, recycle) => {
        told.push(`picture ${name}`);
        recycled.push(recycle);
      },
      onHidden: ({ name }) => told.push(`hidden ${name}`),
      onLost: ({ name }) => told.push(`lost ${name}`),
      onBroken: ({ name }, { message }) => told.push(`broken ${name}: ${message}`),
      onGap: (count) => told.push(`gap ${count}`),
      onRoom: () => {},
      mayDrop: () => mayDrop,
    },
    FakeDecoder as unknown as typeof VideoDecoder,
  );
  const push = (name: number, isKey = false, more: Partial<Named> = {}) =>
    chunks.push({ name, codec: 'vp8', isKey, seq: undefined, bytes: new Uint8Array(1), ...more });
  return { chunks, push, told };
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

/** Whatever was promised has happened. */
const settle = () => new Promise<void>((done) => setTimeout(done));
const decoder = () => {
  const last = FakeDecoder.all.at(-1);
  if (last === undefined) throw new Error('There is no decoder.');
  return last;
};

test('each chunk is a picture, in order, and the first must be a key frame', async () => {
  const { push, told, chunks } = start();
  push(0);
  push(1, true);
  push(2);
  await settle();
  expect(decoder().given).toEqual([0, 1]);
  for (const at of decoder().given) decoder().shows(at);
  await settle();
  expect(told).toEqual(['lost 0', 'picture 1', 'picture 2']);
  expect(chunks.inside).toBe(0);
});

test('a gap in the numbers is counted, and decoding goes on at the next key frame', async () => {
  const { push, told } = start();
  push(0, true, { seq: 0 });
  push(3, false, { seq: 3 });
  push(4, false, { seq: 4 });
  push(5, true, { seq: 5 });
  push(6, false, { seq: 6 });
  // Another numbering, not a loss of millions.
  push(7, true, { seq: 9_000_000 });
  await settle();
  expect(told).toEqual(['gap 2', 'lost 3', 'lost 4']);
  expect(decoder().given).toHaveLength(4);
});

test('a decoder that falls behind goes on at the newest key frame, but only where dropping is allowed', async () => {
  const lossy = start(true);
  const lossless = start(false);
  for (const { push } of [lossy, lossless]) {
    for (let i = 0; i < 20; i++) push(i, i === 0, { seq: i });
    push(20, true, { seq: 20 });
    push(21, false, { seq: 21 });
  }
  expect(lossless.told).toEqual([]);
  expect(lossless.chunks.inside).toBe(22);
  // No key frame but the first: what came last is given up, also after the queue is short again.
  expect(lossy.told).toEqual(['lost 16', 'lost 17', 'lost 18', 'lost 19', ...range(0, 16).map((i) => `lost ${i}`)]);
  expect(lossy.chunks.inside).toBe(2);
});

test('under load without a key frame the queue stays short, and nothing is counted twice', async () => {
  const { push, told, chunks } = start(true);
  for (let i = 0; i < 1000; i++) push(i, i === 0, { seq: i });
  expect(chunks.inside).toBe(16);
  push(1000, true, { seq: 1000 });
  await settle();
  expect(told.filter((line) => line.startsWith('gap'))).toEqual([]);
  expect(told).toHaveLength(1000);
  expect(decoder().given).toHaveLength(1);
});

test('at most sixteen chunks are with the decoder, and a few frames are open', async () => {
  const { push, chunks } = start();
  for (let i = 0; i < 40; i++) push(i, i === 0);
  await settle();
  expect(decoder().given).toHaveLength(16);
  for (let i = 0; i < 3; i++) decoder().shows(i);
  expect(openFrames).toBe(3);
  expect(decoder().given).toHaveLength(16);
  await settle();
  expect(decoder().given).toHaveLength(19);
  expect(chunks.inside).toBe(37);
});

test('a chunk without a picture is told by a later one, or by the end', async () => {
  const { push, told, chunks } = start();
  for (let i = 0; i < 4; i++) push(i, i === 0);
  await settle();
  decoder().shows(0);
  decoder().shows(2);
  await settle();
  expect(told.toSorted()).toEqual(['hidden 1', 'picture 0', 'picture 2']);
  chunks.flush();
  await settle();
  expect(told.at(-1)).toBe('hidden 3');
  push(4);
  await settle();
  expect(told.at(-1)).toBe('lost 4');
});

test('a chunk that breaks the decoder fails, the next key frame has a new one', async () => {
  const { push, told } = start();
  push(0, true);
  push(1);
  await settle();
  decoder().hooks.error(new Error('EncodingError'));
  push(2);
  push(3, true);
  await settle();
  expect(told).toEqual([expect.stringMatching(/^broken 0: The browser's decoder of vp8 broke/), 'lost 1', 'lost 2']);
  expect(FakeDecoder.all).toHaveLength(2);
  decoder().shows(decoder().given[0] ?? NaN);
  await settle();
  expect(told.at(-1)).toBe('picture 3');
});

test('what the browser cannot decode says so, and what it can goes on', async () => {
  const { push, told } = start();
  FakeDecoder.supported = false;
  push(0, true, { codec: 'hev1.1.6.L93.B0' });
  await settle();
  FakeDecoder.supported = true;
  push(1, true);
  await settle();
  expect(told).toEqual([expect.stringMatching(/^broken 0: This browser cannot decode video\/hev1/)]);
  expect(decoder().given).toHaveLength(1);
});

test('closing gives back what was inside, and frames that come late are closed', async () => {
  const { push, chunks, told } = start();
  push(0, true);
  push(1);
  await settle();
  const last = decoder();
  expect(chunks.close().map(({ name }) => name)).toEqual([0, 1]);
  expect(last.state).toBe('closed');
  last.shows(0);
  await settle();
  expect(told).toEqual([]);
});
