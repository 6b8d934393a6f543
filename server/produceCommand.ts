/**
 * `npm run produce -- --nats|--rabbitmq URL --rate R --count N FILES`: fills a queue from picture files or `.npy` arrays,
 * or from the demo scene when none are named. Each job is counted when the broker has confirmed it.
 */
import { readFile, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { parseArgs } from 'node:util';
import { demoFrame } from './demoScene.ts';
import { isPictureName, picturesIn } from './pictureFiles.ts';
import { type JobFile, openProducer, produce } from './produceJobs.ts';

const help = `npm run produce -- (--nats URL | --rabbitmq URL) [FILES or folders]
  --queue NAME     the subject or queue, "frames" unless named
  --rate R         jobs per second; as fast as they are confirmed unless named
  --count N        how many; one round of the files unless named, 100 of the demo scene
  --user NAME      the password is taken from WEIR_PASSWORD, a token of NATS from WEIR_TOKEN`;

const types: Readonly<Record<string, string>> = {
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.avif': 'image/avif',
  '.npy': 'application/x-npy',
};

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      nats: { type: 'string' },
      rabbitmq: { type: 'string' },
      queue: { type: 'string', default: 'frames' },
      rate: { type: 'string' },
      count: { type: 'string' },
      user: { type: 'string' },
    },
  });
  const { nats, rabbitmq, queue, user } = values;
  const url = nats ?? rabbitmq;
  if (values.help === true || url === undefined || (nats !== undefined && rabbitmq !== undefined)) {
    console.log(help);
    process.exitCode = values.help === true ? 0 : 1;
    return;
  }
  if (!/^wss?:\/\//.test(url)) throw new Error(`"${url}" is no WebSocket address: that is ws:// or wss:// and a host.`);
  const files = await read(positionals);
  const fileAt = (index: number): JobFile =>
    files[index % files.length] ?? { bytes: new Uint8Array(demoFrame(index)), contentType: 'image/png' };
  const count = amount(values.count, '--count') ?? (files.length || 100);
  if (!Number.isInteger(count)) throw new Error('--count is a whole number.');
  const producer = await openProducer({
    kind: nats === undefined ? 'rabbitmq' : 'nats',
    url,
    queue,
    user,
    password: process.env['WEIR_PASSWORD'],
    token: process.env['WEIR_TOKEN'],
  });
  const abort = new AbortController();
  process.once('SIGINT', () => abort.abort());
  const started = performance.now();
  let toldAt = started;
  const stored = await produce(producer, {
    count,
    ratePerS: amount(values.rate, '--rate') ?? Infinity,
    name: `job-${Date.now().toString(36)}`,
    fileAt,
    signal: abort.signal,
    onStored(all) {
      if (performance.now() - toldAt < 1000) return;
      toldAt = performance.now();
      console.log(`${all} of ${count} stored`);
    },
  });
  const seconds = (performance.now() - started) / 1000;
  console.log(`${stored.length} jobs stored in ${queue} within ${seconds.toFixed(1)} s.`);
  await producer.close();
}

function amount(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!(value > 0)) throw new Error(`${name} is "${text}"; it is a number above 0.`);
  return value;
}

async function read(paths: readonly string[]): Promise<JobFile[]> {
  const all: string[] = [];
  for (const path of paths) {
    if ((await stat(path)).isDirectory()) all.push(...(await picturesIn(path)).paths);
    else if (isPictureName(path)) all.push(path);
    else throw new Error(`"${path}" is no picture and no .npy array by its name.`);
  }
  return Promise.all(
    all.map(async (path) => ({
      bytes: new Uint8Array(await readFile(path)),
      contentType: types[extname(path).toLowerCase()] ?? 'application/octet-stream',
    })),
  );
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
