/**
 * Deliveries per second of each source into the simulated engine that takes no time, against the same API read bare in a
 * loop, in turns. What is missing to 1 is the price of deliveries, the gate, accounting and the page. Names of rows behind
 * the bench's name measure only those.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from '@playwright/test';
import { WebSocketServer } from 'ws';
import { fixture, hasFixtures, mediaBytes } from '../e2e/fixtures.ts';
import type { Station } from '../e2e/station.ts';
import { demoFrame } from '../server/demoScene.ts';
import { fakeCameraFlags } from '../scripts/browser.ts';
import type { DeepPartial, Settings } from '../src/core/settings.ts';
import { buildBare } from './bare/build.ts';
import type { Bare } from './bare/main.ts';
import type { ToBareSource } from './bare/sources.worker.ts';
import { withBench } from './browser.ts';
import type { BenchEntry } from './result.ts';
import { mean, ratioInterval } from './statistics.ts';

const pairs = 5;
const windowMs = 2500;
const settleMs = 400;
/** Of planned sources: the most that they offer. */
const planRate = 2000;
/** As large as a network camera's JPEG of 1280 x 720. */
const messageBytes = 150_000;
/** 30 s at 16 kHz: what a model takes that writes down speech. */
const windowSamples = 480_000;

type Given = readonly { readonly name: string; readonly base64: string }[];

interface Row {
  readonly name: string;
  readonly source: DeepPartial<Settings['source']>;
  /** Handed to the page once, before the turns. */
  readonly files?: Given;
  /** Deliveries in one unit of the bare loop: 1, or windows in a second of sound. */
  readonly perUnit?: number;
  bare(page: Page): Promise<number>;
}

export const sources: BenchEntry = {
  about: 'deliveries/s of each source into a simulated engine of 0 ms / reading it bare, >= 0.9 each',
  async run() {
    const roots = ['dist', await buildBare()];
    const feeds = await startFeeds();
    try {
      return await withBench(
        { roots },
        async (bench) => {
          const station = await bench.openStation(
            'engine.provider=simulated&engine.serviceMs=0&flow.capacity=16&source.width=320&source.height=240',
          );
          await station.until('frames', (now) => now.counts.completed > 20, 60_000);
          await drawNothing(station);
          const bare = await bench.openPage('/bare.html');
          await bare.waitForFunction(() => 'bare' in window);
          const rows: { name: string; pipeline: number; bare: number; ratio: number; low: number; high: number }[] = [];
          const wanted = process.argv.slice(3);
          for (const row of rowsOf(feeds))
            if (wanted.length === 0 || wanted.includes(row.name)) rows.push(await measure(row, station, bare));
          const worst = rows.reduce((a, b) => (a.ratio <= b.ratio ? a : b));
          const end = await station.snapshot();
          const failed = Object.values(end.sources).reduce((sum, counts) => sum + counts.failed, 0);
          if (failed > 0) throw new Error(`${failed} frames failed: not sound.`);
          return {
            table: [
              ['source', 'pipeline/s', 'bare/s', 'ratio', 'low', 'high'],
              ...rows.map(({ name, pipeline, bare: alone, ratio, low, high }) => [
                name,
                pipeline,
                alone,
                ratio,
                low,
                high,
              ]),
            ],
            figure: {
              ratio: worst.ratio,
              low: worst.low,
              high: worst.high,
              unit: `pipeline / bare, lowest (${worst.name})`,
              pass: worst.ratio >= 0.9,
            },
            details: {
              rows,
              noisy: rows.filter(({ low, high }) => high / low > 1.2).map(({ name }) => name),
              ...(hasFixtures ? {} : { left_out: 'video and sound files: WEIR_FIXTURES is not set' }),
              browser: bench.version,
            },
          };
        },
        fakeCameraFlags(fixture('media/video/car-detection.mjpeg')),
      );
    } finally {
      feeds.close();
    }
  },
};

/** A picture that decodes; what stands behind its end is ignored. */
function picture(): Buffer {
  return Buffer.concat([demoFrame(0), Buffer.alloc(messageBytes)]).subarray(0, messageBytes);
}

/**
 * What the page draws is the bench `page`; without a GPU it would take a core from decoders and senders here. On a phone's
 * tab of counts there is neither a preview nor a chart.
 */
async function drawNothing({ page }: Station): Promise<void> {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole('button', { name: 'Counts' }).click();
}

interface Feeds {
  readonly websocket: string;
  readonly mjpeg: string;
  readonly partBytes: number;
  close(): void;
}

const partHead = `--weir\r\nContent-Type: image/png\r\nContent-Length: ${messageBytes}\r\n\r\n`;

/** Both senders give as much as is taken: they wait when 4 MB stand in front of the reader. */
export async function startFeeds(): Promise<Feeds> {
  const image = picture();
  const part = Buffer.concat([Buffer.from(partHead), image, Buffer.from('\r\n')]);
  const server: Server = createServer((_, response) => {
    response.writeHead(200, {
      'Access-Control-Allow-Origin': '*',
      'Content-Type': 'multipart/x-mixed-replace; boundary=weir',
    });
    const push = () => {
      while (!response.closed && response.write(part));
    };
    response.on('drain', push);
    response.on('close', () => response.off('drain', push));
    push();
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => {
    const push = () => {
      if (socket.readyState !== socket.OPEN) return;
      while (socket.bufferedAmount < 4_000_000) socket.send(image);
      setImmediate(push);
    };
    socket.on('error', () => socket.terminate());
    push();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    websocket: `ws://127.0.0.1:${port}/`,
    mjpeg: `http://127.0.0.1:${port}/`,
    partBytes: part.length,
    close() {
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
      server.close();
    },
  };
}

function rowsOf(feeds: Feeds): Row[] {
  const read = (message: ToBareSource) => (page: Page) =>
    page.evaluate((what) => (window as never as { bare: Bare }).bare.read(what), message);
  const readFiles = (kind: 'files' | 'video' | 'sound') => (page: Page) =>
    page.evaluate(
      ({ kind, ms }) => {
        const { bare, chosen } = window as never as { bare: Bare; chosen: File[] };
        return bare.read({ kind, files: chosen, ms });
      },
      { kind, ms: windowMs },
    );
  const readDevice = (device: 'camera' | 'screen' | 'microphone') => (page: Page) =>
    page.evaluate(({ device, ms }) => (window as never as { bare: Bare }).bare.readDevice(device, ms), {
      device,
      ms: windowMs,
    });
  const photos = ['rf_dogs.jpg', 'rf_car.jpg', 'rf_crowd.jpg', 'ex_horse-cart.jpg'];
  const pictures: Given = hasFixtures
    ? photos.map((name) => given(name, mediaBytes(`images/${name}`)))
    : [given('a.png', picture())];
  const asFast = { speed: 0, loop: true } as const;
  const plan = { ratePerS: planRate, arrivals: 'constant' } as const;
  return [
    {
      name: 'scene',
      source: { kind: 'scene', ...plan },
      bare: read({ kind: 'plan', ratePerS: planRate, ms: windowMs }),
    },
    {
      name: 'constant',
      source: { kind: 'constant', ...plan },
      bare: read({ kind: 'plan', ratePerS: planRate, ms: windowMs }),
    },
    { name: 'images', source: { kind: 'images', ...asFast }, files: pictures, bare: readFiles('files') },
    { name: 'files', source: { kind: 'files', ...asFast }, files: pictures, bare: readFiles('files') },
    ...(hasFixtures
      ? [
          {
            name: 'video',
            source: { kind: 'video', ...asFast } as const,
            files: [given('car-detection.mp4', mediaBytes('video/car-detection.mp4'))],
            bare: readFiles('video'),
          },
          {
            name: 'audio, file',
            source: { kind: 'audio', input: 'file', windowSamples, ...asFast } as const,
            files: [given('silero_test.wav', mediaBytes('audio/silero_test.wav'))],
            perUnit: 16_000 / windowSamples,
            bare: readFiles('sound'),
          },
        ]
      : []),
    {
      name: 'websocket',
      source: { kind: 'websocket', url: feeds.websocket },
      bare: read({ kind: 'websocket', url: feeds.websocket, ms: windowMs }),
    },
    {
      name: 'mjpeg',
      source: { kind: 'mjpeg', url: feeds.mjpeg },
      bare: read({ kind: 'mjpeg', url: feeds.mjpeg, partBytes: feeds.partBytes, ms: windowMs }),
    },
    { name: 'camera', source: { kind: 'camera', width: 640, height: 360 }, bare: readDevice('camera') },
    { name: 'screen', source: { kind: 'screen' }, bare: readDevice('screen') },
    {
      name: 'audio, microphone',
      source: { kind: 'audio', input: 'microphone', windowSamples: 1600 },
      perUnit: 10,
      bare: readDevice('microphone'),
    },
  ];
}

function given(name: string, bytes: Uint8Array): Given[number] {
  return { name, base64: Buffer.from(bytes).toString('base64') };
}

async function measure(row: Row, station: Station, bare: Page) {
  for (const page of row.files === undefined ? [] : [station.page, bare]) {
    await page.evaluate((files) => {
      const chosen = files.map(
        ({ name, base64 }) => new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], name),
      );
      Object.assign(window, { chosen });
    }, row.files ?? []);
  }
  const perUnit = row.perUnit ?? 1;
  // A source that nobody can slow down must not lose by the queue what it delivered.
  const policy =
    ['websocket', 'camera', 'screen'].includes(row.source.kind ?? '') || row.source.input === 'microphone'
      ? 'dropOldest'
      : 'block';
  await station.page.evaluate(
    async ({ source, policy, capacity }) => {
      await window.weir.stop();
      const { chosen } = window as never as { chosen?: File[] };
      await window.weir.configure({
        flow: { policy, capacity },
        source: { ...source, ...(chosen === undefined ? {} : { files: chosen }) },
      });
    },
    { source: row.source, policy: policy as 'block' | 'dropOldest', capacity: policy === 'block' ? 16 : 100_000 },
  );
  await pipeline(station, 1000);
  await row.bare(bare);
  const rounds: { pipeline: number; bare: number }[] = [];
  for (let i = 0; i < pairs; i++) {
    // Who goes first alternates too, so that a drift of the machine favours neither.
    const first = i % 2 === 0;
    const one = first ? await pipeline(station, windowMs) : (await row.bare(bare)) * perUnit;
    const two = first ? (await row.bare(bare)) * perUnit : await pipeline(station, windowMs);
    rounds.push(first ? { pipeline: one, bare: two } : { pipeline: two, bare: one });
  }
  const { value, low, high } = ratioInterval(rounds.map((round) => round.pipeline / round.bare));
  return {
    name: row.name,
    pipeline: mean(rounds.map((round) => round.pipeline)),
    bare: mean(rounds.map((round) => round.bare)),
    ratio: value,
    low,
    high,
  };
}

/** Completed deliveries a second between two batches of telemetry; stopped before and after. */
async function pipeline(station: Station, ms: number): Promise<number> {
  return station.page.evaluate(
    async ({ span, settle }) => {
      const { weir } = window;
      const sleep = (wait: number) => new Promise((done) => setTimeout(done, wait));
      const next = () =>
        new Promise<{ at: number; completed: number }>((done) => {
          const stop = weir.subscribe(({ counts }) => {
            stop();
            done({ at: performance.now(), completed: counts.completed });
          });
        });
      await weir.start();
      await sleep(settle);
      const a = await next();
      await sleep(span);
      const b = await next();
      await weir.stop();
      await sleep(settle);
      return ((b.completed - a.completed) / (b.at - a.at)) * 1000;
    },
    { span: ms, settle: settleMs },
  );
}
