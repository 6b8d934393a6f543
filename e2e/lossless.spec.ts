/** Lossless paths over the network: `weir.v1` through a reload, a lost connection and refusals; a WebSocket read on demand. */
import { readFileSync } from 'node:fs';
import { WebSocketServer } from 'ws';
import { fixture, hasFixtures, noFixtures } from './fixtures.ts';
import { framesOf } from './framesOf.ts';
import { skipBecause } from './skipBecause.ts';
import { encodePng } from '../server/png.ts';
import { type Answer, createWeirSender, type Outgoing, pickWeirV1, type WeirSender } from '../server/weirSender.ts';
import type { MessageId } from '../src/core/wire/weirV1.ts';
import { expect, type Station, test } from './station.ts';

const instant = 'engine.provider=simulated&engine.serviceMs=0&flow.policy=block&flow.capacity=16';
const state = (station: Station) => station.page.getByTestId('source-state');
const served = (now: { sources: Record<string, unknown> }) =>
  (now.sources['websocket'] ?? { offered: 0, completed: 0, failed: 0, missed: 0 }) as Record<string, number>;

interface Listening {
  readonly url: string;
  readonly server: WebSocketServer;
  close(): Promise<void>;
}

async function listen(): Promise<Listening> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: pickWeirV1 });
  await new Promise<void>((done) => server.once('listening', () => done()));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('The sender has no port.');
  return {
    url: `ws://localhost:${address.port}`,
    server,
    async close() {
      for (const client of server.clients) client.terminate();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

/** Tiny pictures, no two the same, each answered for by its id. */
function tinySender(count: number) {
  const acks = new Map<MessageId, number>();
  const sends = new Map<MessageId, number>();
  const others: unknown[] = [];
  const pictures = Array.from({ length: 64 }, (_, i) => encodePng(new Uint8Array(8 * 8 * 3).fill(4 * i), 8, 8));
  let next = 0;
  const sender: WeirSender = createWeirSender({
    session: `tiny ${Math.random()}`,
    window: 1024,
    next: () => {
      if (next >= count) return 'end';
      const id = next++;
      return { id, type: 'image/png', sentAt: Date.now(), payload: pictures[id % 64] ?? new Uint8Array(0) };
    },
    onSent: (id) => sends.set(id, (sends.get(id) ?? 0) + 1),
    onAnswer: (answer) => {
      if (answer.kind === 'ack') acks.set(answer.id, (acks.get(answer.id) ?? 0) + 1);
      else others.push(answer);
    },
  });
  return { sender, acks, sends, others };
}

test('a weir.v1 sender loses nothing over 10,000 messages while the page is reloaded in the middle', async ({
  station,
}) => {
  const count = 10_000;
  const { sender, acks, sends, others } = tinySender(count);
  const listening = await listen();
  let connections = 0;
  listening.server.on('connection', (client) => {
    connections += 1;
    sender.serve(client);
  });
  try {
    const hash = `${instant}&source.kind=websocket&source.protocol=weir.v1&source.url=${listening.url}`;
    const start = () => station.page.evaluate(() => window.weir.start());
    await station.open(hash);
    await start();
    await expect.poll(() => acks.size, { timeout: 30_000 }).toBeGreaterThan(count / 4);
    await station.page.reload();
    await expect.poll(() => listening.server.clients.size).toBe(0);
    const before = { acks: acks.size, unanswered: sender.unanswered };
    expect(before.acks).toBeLessThan(count);
    await station.page.waitForFunction(() => 'weir' in window);
    await start();
    const end = await station.until('the end', (now) => now.state === 'idle' && now.counts.completed > 0, 40_000);
    // The page closes only when everything is answered; the last answers may still be on their way here.
    await expect.poll(() => acks.size).toBe(count);
    expect(sender.unanswered).toBe(0);
    expect(connections).toBe(2);
    expect(others.filter((answer) => (answer as { dead?: boolean }).dead === true)).toEqual([]);
    // What the first page had and did not answer came again, and nothing else.
    const resent = [...sends.values()].reduce((sum, times) => sum + times - 1, 0);
    expect(resent).toBe(before.unanswered);
    expect(end.sources['websocket']).toMatchObject({ failed: 0, missed: 0, refused: 0, released: 0 });
    expect(served(end)['completed']).toBe(count - before.acks);
    await expect(state(station)).toContainText('ended');
    console.log(
      `reload: ${before.acks} acknowledged before, ${resent} sent again, ${acks.size} of ${count} in the end`,
    );
  } finally {
    await listening.close();
  }
});

test('after a lost connection what was not answered is sent again: counted, answered, not served twice', async ({
  station,
}) => {
  const count = 300;
  const { sender, acks, sends } = tinySender(count);
  const listening = await listen();
  let connections = 0;
  listening.server.on('connection', (client) => {
    connections += 1;
    sender.serve(client);
  });
  try {
    await station.open('engine.provider=simulated&engine.serviceMs=100&flow.policy=block&flow.capacity=4');
    await station.configure({ source: { kind: 'websocket', protocol: 'weir.v1', url: listening.url } });
    await station.page.evaluate(() => window.weir.start());
    await expect.poll(() => acks.size).toBeGreaterThan(3);
    expect(sender.unanswered).toBeGreaterThan(0);
    for (const client of listening.server.clients) client.terminate();
    await expect.poll(() => connections, { timeout: 20_000 }).toBe(2);
    await expect(state(station)).toContainText(/duplicates? not served again/);
    await station.configure({ engine: { serviceMs: 0 } });
    const end = await station.until('the end', (now) => now.state === 'idle' && now.counts.completed >= count, 30_000);
    expect(served(end)).toMatchObject({ offered: count, completed: count, failed: 0, missed: 0 });
    await expect.poll(() => acks.size).toBe(count);
    expect([...sends.values()].some((times) => times > 1)).toBe(true);
  } finally {
    await listening.close();
  }
});

test('the demo feed speaks weir.v1: all of its frames, then the end', async ({ station }) => {
  await station.open(`${instant}&source.kind=websocket&source.protocol=weir.v1`);
  const url = `${station.origin.replace('http', 'ws')}/feed?count=500&rate=0&session=a`;
  await station.configure({ source: { url } });
  await station.page.evaluate(() => window.weir.start());
  const end = await station.until('the end', (now) => now.state === 'idle' && now.counts.completed > 0, 30_000);
  expect(served(end)).toMatchObject({ offered: 500, completed: 500, failed: 0, missed: 0 });
  await expect(state(station)).toContainText('ended');
});

interface EncodedChunk {
  readonly key: boolean;
  readonly payload: Buffer;
}

/** Moving bars as VP8, encoded by the page; a key frame every ten. */
async function vp8Chunks(station: Station, count: number): Promise<EncodedChunk[]> {
  const chunks = await station.page.evaluate(async (frames) => {
    const made: { key: boolean; base64: string }[] = [];
    const encoder = new VideoEncoder({
      output: (chunk) => {
        const bytes = new Uint8Array(chunk.byteLength);
        chunk.copyTo(bytes);
        made.push({ key: chunk.type === 'key', base64: btoa(String.fromCharCode(...bytes)) });
      },
      error: (error) => {
        throw error;
      },
    });
    encoder.configure({ codec: 'vp8', width: 64, height: 48, bitrate: 200_000, latencyMode: 'realtime' });
    const canvas = new OffscreenCanvas(64, 48);
    const context = canvas.getContext('2d');
    for (let i = 0; i < frames; i++) {
      if (context !== null) {
        context.fillStyle = 'black';
        context.fillRect(0, 0, 64, 48);
        context.fillStyle = 'white';
        context.fillRect((i * 3) % 64, 0, 8, 48);
      }
      const frame = new VideoFrame(canvas, { timestamp: i * 33_333 });
      encoder.encode(frame, { keyFrame: i % 10 === 0 });
      frame.close();
    }
    await encoder.flush();
    encoder.close();
    return made;
  }, count);
  return chunks.map(({ key, base64 }) => ({ key, payload: Buffer.from(base64, 'base64') }));
}

/** Sends what it is given, each once, with ids by place, to whoever connects; collects the answers by id. */
async function withStream(
  station: Station,
  messages: readonly Outgoing[],
  settings: { policy: 'block' | 'dropOldest'; capacity: number },
  look: (answers: ReadonlyMap<MessageId, Answer>) => Promise<void>,
): Promise<void> {
  const answers = new Map<MessageId, Answer>();
  let next = 0;
  const sender = createWeirSender({
    session: `stream ${Math.random()}`,
    window: 1024,
    next: () => messages[next++] ?? 'end',
    onAnswer: (answer) => answers.set(answer.id, answer),
  });
  const listening = await listen();
  listening.server.on('connection', (client) => sender.serve(client));
  try {
    // A page that runs would open the stream at once, and a short one could be over before Start begins another run.
    await station.page.evaluate(() => window.weir.stop());
    await station.configure({
      flow: settings,
      source: { kind: 'websocket', protocol: 'weir.v1', url: listening.url },
    });
    await station.page.evaluate(() => window.weir.start());
    await look(answers);
  } finally {
    await listening.close();
  }
}

const ends = (station: Station) =>
  station.until('the end', (now) => now.state === 'idle' && served(now)['offered'] !== 0, 30_000);

test('encoded video: every chunk of it is a picture, and a chunk that was lost costs those up to the next key frame', async ({
  station,
}) => {
  // A model of its own, so that each picture is truly prepared and run.
  await station.open('engine.threads=1');
  await station.until('the model', (now) => now.model !== undefined);
  const count = 60;
  const chunks = await vp8Chunks(station, count);
  const stream = chunks.map(({ key, payload }, seq) => ({ id: seq, seq, type: 'video/vp8', key, payload }));
  await withStream(station, stream, { policy: 'block', capacity: 2 }, async (answers) => {
    const end = await ends(station);
    expect(served(end)).toMatchObject({ offered: count, completed: count, failed: 0, missed: 0 });
    await expect.poll(() => answers.size).toBe(count);
    expect([...answers.values()].every(({ kind }) => kind === 'ack')).toBe(true);
  });
  await station.page.evaluate(() => window.weir.stop());
  // The 25th is gone, so 26 to 29 cannot be decoded; 30 is a key frame.
  const torn = stream.filter(({ id }) => id !== 25);
  await withStream(station, torn, { policy: 'block', capacity: 2 }, async (answers) => {
    const end = await ends(station);
    expect(served(end)).toMatchObject({ completed: count - 5, failed: 0, missed: 5 });
    await expect.poll(() => answers.size).toBe(count - 1);
    const dead = [...answers.values()].filter(({ kind }) => kind === 'nack');
    expect(dead.map(({ id }) => id)).toEqual([26, 27, 28, 29]);
    expect(dead[0]).toMatchObject({ dead: true, reason: expect.stringContaining('next key frame') });
  });
});

test('video that cannot be decoded, chunks that are none and pictures that are none fail with a sentence', async ({
  station,
}) => {
  await station.run('engine.threads=1');
  const garbage = Buffer.from('neither video nor picture');
  const messages = [
    { id: 'unknown codec', type: 'video/of.a.kind', key: true, payload: garbage },
    { id: 'no picture', type: 'image/png', payload: garbage },
    { id: 'broken chunk', type: 'video/vp8', key: true, payload: garbage },
    { id: 'a picture', type: 'image/png', payload: encodePng(new Uint8Array(8 * 8 * 3), 8, 8) },
  ];
  await withStream(station, messages, { policy: 'block', capacity: 8 }, async (answers) => {
    await expect.poll(() => answers.size, { timeout: 20_000 }).toBe(4);
    const reason = (id: string) => JSON.stringify(answers.get(id));
    expect(reason('unknown codec')).toContain('cannot decode video/of.a.kind');
    expect(reason('no picture')).toContain('failed: cannot-decode');
    expect(reason('broken chunk')).toContain('failed: cannot-decode');
    expect(answers.get('a picture')).toEqual({ kind: 'ack', id: 'a picture' });
    const end = await ends(station);
    expect(served(end)).toMatchObject({ completed: 1, failed: 3 });
  });
});

test('a server that does not speak weir.v1 is told of, and one that is gone', async ({ station }) => {
  await station.open(instant);
  const plain = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => false });
  await new Promise<void>((done) => plain.once('listening', () => done()));
  const address = plain.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  try {
    const url = `ws://localhost:${port}`;
    await station.configure({ flow: { policy: 'block' }, source: { kind: 'websocket', protocol: 'weir.v1', url } });
    await station.page.evaluate(() => window.weir.start());
    await expect(state(station)).toContainText('No WebSocket that speaks weir.v1 answers at');
  } finally {
    plain.close();
  }
  // One that takes whatever is offered, as many libraries do, and sends what it always sends.
  const yes = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  yes.on('connection', (client) => client.send(encodePng(new Uint8Array(8 * 8 * 3), 8, 8)));
  await new Promise<void>((done) => yes.once('listening', () => done()));
  const other = yes.address();
  try {
    const url = `ws://localhost:${typeof other === 'object' && other !== null ? other.port : 0}`;
    await station.configure({ source: { url } });
    await expect(state(station)).toContainText('A message is not weir.v1');
  } finally {
    for (const client of yes.clients) client.terminate();
    yes.close();
    station.complaints.splice(0);
  }
});

test('a plain WebSocket that is read on demand loses nothing, and its sender is held back', async ({ station }) => {
  await station.open('engine.provider=simulated&engine.serviceMs=0');
  const has = await station.page.evaluate(() => 'WebSocketStream' in globalThis);
  skipBecause(has ? undefined : 'this browser has no WebSocketStream');
  const count = 400;
  // Larger than all that the network holds, so that a sender that is not held back would be seen.
  const picture = encodePng(new Uint8Array(8 * 8 * 3), 8, 8);
  const padded = Buffer.concat([picture, Buffer.alloc(100_000)]);
  const listening = await listen();
  let handedOver = 0;
  listening.server.on('connection', (client) => {
    let sent = 0;
    const more = (): void => {
      if (client.readyState !== client.OPEN) return;
      if (sent++ === count) return client.close(1000);
      client.send(padded, () => {
        handedOver += 1;
        more();
      });
    };
    more();
  });
  try {
    await station.configure({
      engine: { serviceMs: 2000 },
      flow: { policy: 'block', capacity: 2 },
      source: { kind: 'websocket', protocol: 'stream', url: listening.url },
    });
    await station.page.evaluate(() => window.weir.start());
    await station.until('a frame', (now) => served(now)['offered'] !== 0);
    await station.watch(1500);
    expect(handedOver).toBeLessThan(count);
    await station.configure({ engine: { serviceMs: 0 } });
    const end = await ends(station);
    expect(served(end)).toMatchObject({ offered: count, completed: count, failed: 0, missed: 0 });
  } finally {
    await listening.close();
  }
});

test('image files and a video under block: as many completed as there are', async ({ station }) => {
  await station.open('engine.provider=simulated&engine.serviceMs=1&flow.policy=block&source.speed=0&source.loop=false');
  const pictures = Array.from({ length: 120 }, (_, i) => ({
    name: `${i}.png`,
    base64: encodePng(new Uint8Array(8 * 8 * 3).fill(2 * i), 8, 8).toString('base64'),
  }));
  const play = (kind: 'images' | 'video', files: readonly { name: string; base64: string }[]) =>
    station.page.evaluate(
      async ({ kind, given }) => {
        const files = given.map(
          ({ base64, name }) => new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], name),
        );
        await window.weir.configure({ source: { kind, files } });
        await window.weir.start();
      },
      { kind, given: files },
    );
  await play('images', pictures);
  const images = await station.until('all images', (now) => now.state === 'idle' && now.counts.completed > 0);
  expect(images.sources['images']).toMatchObject({ offered: 120, completed: 120, failed: 0, missed: 0 });
  const path = fixture('media/video/car-detection.mp4');
  skipBecause(hasFixtures && path !== undefined ? undefined : noFixtures);
  if (path === undefined) return;
  await play('video', [{ name: 'car.mp4', base64: readFileSync(path).toString('base64') }]);
  const video = await station.until(
    'the end of the video',
    (now) => now.state === 'idle' && now.sources['video'] !== undefined,
    40_000,
  );
  const frames = await framesOf(path);
  expect(frames).toBeGreaterThan(200);
  expect(video.sources['video']).toMatchObject({ offered: frames, completed: frames, failed: 0, missed: 0 });
});

test('a source that cannot wait says so before it starts, and the protocol that can is one choice away', async ({
  station,
}) => {
  await station.open('source.kind=websocket&flow.policy=block');
  const { page } = station;
  await expect(page.getByText('This source cannot wait. Drop oldest is in force.')).toBeVisible();
  await page.getByRole('combobox', { name: 'Protocol' }).click();
  await page.getByRole('option', { name: 'weir.v1' }).click();
  await expect(page.getByText('This source cannot wait.')).toHaveCount(0);
  await expect(page.getByText('Under Block nothing is lost.', { exact: false })).toBeVisible();
  expect(page.url()).toContain('source.protocol=weir.v1');
  const now = await station.until('frames by credit', ({ counts }) => counts.completed >= 10);
  expect(now.counts).toMatchObject({ refused: 0, failed: 0 });
  await expect(state(station)).toContainText('weir.v1');
});
