/** The fan-out as its readers see it: one run for all, closing codes, who may come in, and who is too slow. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { decodeWeirV1, encodeWeirV1, type WeirHeader, type WeirHeaderOf } from '../src/core/wire/weirV1.ts';
import { type FrameServer, type FrameServerOptions, startFrameServer } from './frameServer.ts';

const servers: FrameServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(frames: FrameServerOptions['frames'], more: Partial<FrameServerOptions> = {}) {
  const lines: string[] = [];
  const server = await startFrameServer({
    frames,
    canWait: true,
    origins: [],
    report: (line) => lines.push(line),
    port: 0,
    attempts: 0,
    address: '127.0.0.1',
    setting: '--port',
    ...more,
  });
  servers.push(server);
  return { ...server, lines };
}

interface Reader {
  readonly socket: WebSocket;
  readonly got: Buffer[];
  readonly closed: Promise<{ code: number; reason: string }>;
}

async function read(port: number, origin?: string): Promise<Reader> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, origin === undefined ? {} : { origin });
  const got: Buffer[] = [];
  socket.on('message', (data) => got.push(data as Buffer));
  const closed = new Promise<{ code: number; reason: string }>((done) => {
    socket.on('close', (code, reason) => done({ code, reason: String(reason) }));
  });
  await new Promise<void>((done, fail) => {
    socket.once('open', done);
    socket.once('error', fail);
  });
  return { socket, got, closed };
}

const until = async (done: () => boolean) => {
  while (!done()) await sleep(5);
};

/** Frames of one byte until nobody reads, and how often it was started and stopped. */
function ticking() {
  const seen = { starts: 0, stops: 0 };
  const frames = async function* (signal: AbortSignal) {
    seen.starts += 1;
    try {
      for (let i = 0; !signal.aborted; i = (i + 1) % 256) {
        yield Buffer.from([i]);
        await sleep(2);
      }
    } finally {
      seen.stops += 1;
    }
  };
  return { seen, frames };
}

test('one run for all readers, from the first to the last, and a new one for the next', async () => {
  const { seen, frames } = ticking();
  const { port } = await serve(frames);
  expect(seen).toEqual({ starts: 0, stops: 0 });
  const [first, second] = [await read(port), await read(port)];
  await until(() => first.got.length > 3 && second.got.length > 3);
  first.socket.close();
  await first.closed;
  const { length } = second.got;
  await until(() => second.got.length > length + 3);
  expect(seen).toEqual({ starts: 1, stops: 0 });
  second.socket.close();
  await until(() => seen.stops === 1);
  const third = await read(port);
  await until(() => third.got.length > 3);
  expect(seen.starts).toBe(2);
});

test('a reader that said goodbye counts no more, though its connection stays', async () => {
  const { seen, frames } = ticking();
  const { port } = await serve(frames);
  // By hand: a whole client would close its side too.
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.write(
    'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  );
  try {
    await once(socket, 'data');
    socket.resume();
    expect(seen).toEqual({ starts: 1, stops: 0 });
    // A close frame without a code, masked by zeros.
    socket.write(Buffer.from([0x88, 0x80, 0, 0, 0, 0]));
    await until(() => seen.stops === 1);
    expect(socket.destroyed).toBe(false);
  } finally {
    socket.destroy();
  }
});

test('the end closes with 1000, and the next reader begins anew', async () => {
  const { port, lines } = await serve(async function* () {
    yield Buffer.from('a');
    yield Buffer.from('b');
  });
  for (const round of [1, 2]) {
    const reader = await read(port);
    expect(await reader.closed, `round ${round}`).toEqual({ code: 1000, reason: '' });
    expect(reader.got.map(String)).toEqual(['a', 'b']);
  }
  expect(lines).toEqual([]);
});

test('a failure closes with 1011 and a reason that fits, and is told to the person', async () => {
  const reason = `Ünmöglich: ${'ü'.repeat(200)}`;
  const { port, lines } = await serve(() => {
    throw new Error(reason);
  });
  const closed = await (await read(port)).closed;
  expect(closed.code).toBe(1011);
  expect(Buffer.byteLength(closed.reason)).toBeLessThanOrEqual(123);
  expect(closed.reason.length).toBeGreaterThan(60);
  expect(reason.startsWith(closed.reason)).toBe(true);
  expect(lines).toEqual([reason]);
});

test('a slow reader misses frames, a fast one gets them all, and little waits in memory', async () => {
  const count = 200;
  let fast: Reader | undefined;
  const { port } = await serve(async function* () {
    for (let i = 0; i < count; i++) {
      // As fast as the fast one takes them.
      await until(() => fast !== undefined && fast.got.length === i);
      yield Buffer.alloc(200_000, i);
    }
    yield Buffer.from('end');
  });
  const slow = await read(port);
  slow.socket.pause();
  fast = await read(port);
  await fast.closed;
  expect(fast.got).toHaveLength(count + 1);
  slow.socket.resume();
  expect((await slow.closed).code).toBe(1000);
  expect(slow.got.length).toBeGreaterThan(0);
  expect(slow.got.length).toBeLessThan(count / 2);
  // Those it got are whole.
  expect(slow.got.every((frame) => frame.length === 200_000 || String(frame) === 'end')).toBe(true);
});

test('pages of this computer and those named come in, others are refused and told', async () => {
  const { frames } = ticking();
  const { port, lines } = await serve(frames, { origins: ['https://weir.example'] });
  for (const origin of [
    undefined,
    'http://localhost:4173',
    'http://127.0.0.1',
    'http://[::1]:5',
    'https://weir.example',
  ])
    (await read(port, origin)).socket.close();
  for (const origin of ['https://evil.example', 'http://localhost.evil.example', 'null', 'https://evil.example'])
    await expect(read(port, origin)).rejects.toThrow('403');
  expect(lines).toHaveLength(3);
  expect(lines[0]).toContain('--origin https://evil.example lets it in');
  expect(lines[2]).toContain('open Weir from a server');
  expect(lines[2]).not.toContain('--origin');
});

test('a browser that opens it as a page is told what it is, and a taken port gives the next', async () => {
  const { frames } = ticking();
  const first = await serve(frames);
  const answer = await fetch(`http://127.0.0.1:${first.port}/`);
  expect(answer.status).toBe(426);
  expect(await answer.text()).toContain('WebSocket');
  const taken: number[] = [];
  const second = await serve(frames, { port: first.port, attempts: 20, onTaken: (port) => taken.push(port) });
  expect(taken[0]).toBe(first.port);
  expect(second.port).toBeGreaterThan(first.port);
  await expect(serve(frames, { port: first.port, attempts: 0 })).rejects.toThrow('Set --port to a free one');
});

/** A reader that gives credit and answers by hand. */
async function readByCredit(port: number) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, 'weir.v1');
  const heard: WeirHeader[] = [];
  socket.on('message', (data: Buffer) => heard.push(decodeWeirV1(new Uint8Array(data)).header));
  const failed = new Promise<Error>((done) => socket.once('error', done));
  const opened = once(socket, 'open').then(() => undefined);
  const error = await Promise.race([opened, failed]);
  return {
    socket,
    heard,
    error,
    ids: () => heard.filter((header): header is WeirHeaderOf<'data'> => header.kind === 'data').map(({ id }) => id),
    say: (header: WeirHeader) => socket.send(encodeWeirV1(header)),
  };
}

test('over weir.v1 nobody misses a frame: what was not answered goes to the next reader, then comes the end', async () => {
  let made = 0;
  const { port } = await serve(async function* () {
    for (; made < 6; made++) yield Uint8Array.of(made);
  });
  const first = await readByCredit(port);
  await until(() => first.heard.length === 1);
  const [hello] = first.heard;
  expect(hello).toMatchObject({ kind: 'hello', v: 1 });
  first.say({ kind: 'credit', n: 3 });
  await until(() => first.ids().length === 3);
  await sleep(20);
  expect(first.ids()).toEqual([0, 1, 2]);
  // Held back: one ahead is read and no more.
  expect(made).toBeLessThanOrEqual(4);
  first.say({ kind: 'ack', id: 1 });
  first.say({ kind: 'nack', id: 2, dead: true, reason: 'failed' });
  first.say({ kind: 'ping', t: 1 });
  await until(() => first.heard.some(({ kind }) => kind === 'pong'));
  first.socket.terminate();
  const second = await readByCredit(port);
  second.say({ kind: 'credit', n: 9 });
  await until(() => second.heard.some(({ kind }) => kind === 'end'));
  expect(second.heard[0]).toEqual(hello);
  expect(second.ids()).toEqual([0, 3, 4, 5]);
  expect(second.heard[1]).toMatchObject({ id: 0, attempt: 2 });
  second.say({ kind: 'nack', id: 4, retryMs: 0 });
  await until(() => second.ids().length === 5);
  expect(second.ids().at(-1)).toBe(4);
});

test('who breaks the rules of weir.v1 is sent away, and a camera does not offer it', async () => {
  const { port } = await serve(() => ticking().frames(AbortSignal.abort()));
  const reader = await readByCredit(port);
  const closed = once(reader.socket, 'close');
  reader.socket.send('text');
  expect((await closed)[0]).toBe(4400);
  const camera = await serve(() => ticking().frames(AbortSignal.abort()), { canWait: false });
  const refused = await readByCredit(camera.port);
  expect(refused.error?.message).toMatch(/subprotocol/);
});
