/** A tab is a worker: jobs of real brokers are done, set aside, given back, and refused connections say why. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brokerNames, whyMissing } from '../scripts/brokers/findBrokers.ts';
import { layNats } from '../scripts/brokers/layQueues.ts';
import { startNats } from '../scripts/brokers/startNats.ts';
import { connectNats, connectStomp } from '../server/brokerClients.ts';
import { demoFrame } from '../server/demoScene.ts';
import type { JobFile } from '../server/produceJobs.ts';
import type { SettingsChange } from '../src/core/settings.ts';
import type { WorkCounts } from '../src/core/work.ts';
import { put, test } from './brokers.ts';
import { skipBecause } from './skipBecause.ts';
import { expect, type Station } from './station.ts';
import { storedIn } from './storedResults.ts';

const frame = (index: number): JobFile => ({ bytes: new Uint8Array(demoFrame(index)), contentType: 'image/png' });
const poison: JobFile = { bytes: Uint8Array.from([1, 2, 3]), contentType: 'image/png' };
const simulated = 'engine.provider=simulated&engine.serviceMs=5&source.kind=constant';

async function joinQueue(station: Station, hash: string, source: SettingsChange['source']): Promise<void> {
  if (station.page.url() === 'about:blank') await station.open(hash);
  await station.page.evaluate(async (change) => {
    await window.weir.configure({ source: change, settling: { backoffMs: 200, maxBackoffMs: 1000, ackWaitMs: 3000 } });
    await window.weir.start();
  }, source as never);
}

async function worked(station: Station, kind: string, done: (counts: WorkCounts) => boolean): Promise<WorkCounts> {
  const now = await station.until('the jobs ended', ({ work }) => {
    const counts = work?.[kind]?.counts;
    if (counts === undefined) return false;
    const { received, acknowledged, retried, deadLettered, released, unacked } = counts;
    expect(acknowledged + retried + deadLettered + released + unacked, 'each delivery has ended once').toBe(received);
    return done(counts);
  });
  const counts = now.work?.[kind]?.counts;
  if (counts === undefined) throw new Error('The queue has counts.');
  return counts;
}

for (const kind of brokerNames) {
  test(`${kind}: poison becomes dead letters that are opened, run here, redriven and discarded`, async ({
    station,
    brokers,
  }) => {
    const { url } = await brokers.withQueue(kind, 'poison');
    const jobs = Object.fromEntries(
      Array.from({ length: 200 }, (_, i) => [`p-${i}`, i % 100 === 50 ? poison : frame(i)]),
    );
    await put(kind, url, 'poison', jobs);
    await joinQueue(station, simulated, { kind, url, queue: 'poison' });
    const counts = await worked(station, kind, (now) => now.acknowledged + now.deadLettered >= 200);
    expect(counts).toMatchObject({ acknowledged: 198, deadLettered: 2, deadLetters: { 'cannot-decode': 2 } });
    expect(new Set((await storedIn(kind, url, 'poison.results')).ids).size).toBe(198);

    const { page } = station;
    const rows = page.getByTestId('dead-letters').locator('tbody tr');
    await expect(rows).toHaveCount(2);
    await rows.first().click();
    await expect(page.getByTestId('dead-letter')).toContainText('1, the last at worker tab-');
    await page.getByRole('button', { name: 'Run here' }).click();
    await expect(page.getByTestId('run-here')).toContainText('It fails again on simulated');
    // Given back it comes, fails and is set aside again; the other one goes for good, once that was confirmed.
    await page.getByRole('button', { name: 'Redrive' }).click();
    await worked(station, kind, (now) => now.deadLettered === 3);
    await expect(rows).toHaveCount(2);
    await page.getByRole('button', { name: 'Discard' }).click();
    await expect(rows).toHaveCount(2);
    await page.getByRole('button', { name: 'Discard' }).click();
    await expect(rows).toHaveCount(0);
    await expect(page.getByTestId('counts-received')).toContainText('dead-lettered');
    await station.page.evaluate(() => window.weir.stop());
    expect((await storedIn(kind, url, 'poison.dead')).ids).toEqual([]);
  });

  test(`${kind}: what may succeed another time is tried again with its attempts counted`, async ({
    station,
    brokers,
  }) => {
    const { url } = await brokers.withQueue(kind, 'again');
    await station.open(simulated);
    const gone = 'https://127.0.0.1:9';
    const named = (address: string): JobFile => ({
      bytes: new TextEncoder().encode(JSON.stringify({ url: address })),
      contentType: 'application/json',
    });
    await put(kind, url, 'again', {
      here: named(`${station.origin}/icon-192.png`),
      gone: named(`${gone}/a.png`),
      strange: named('https://elsewhere.example/a.png'),
    });
    await station.configure({ settling: { maxAttempts: 3, hosts: `${new URL(station.origin).host} 127.0.0.1:9` } });
    await joinQueue(station, '', { kind, url, queue: 'again' });
    const counts = await worked(station, kind, (now) => now.acknowledged === 1 && now.deadLettered === 2);
    expect(counts).toMatchObject({
      received: 5,
      retried: 2,
      deadLetters: { 'connection-refused': 1, 'permission-denied': 1 },
    });
    const { letters = [] } = await station.page.evaluate((of) => window.weir.deadLetters(of, { verb: 'list' }), kind);
    expect(Object.fromEntries(letters.map(({ job, attempts }) => [job, attempts]))).toEqual({ gone: 3, strange: 1 });
    await station.page.evaluate(() => window.weir.stop());
    // The browser complains of an address where nobody answers.
    station.complaints.length = 0;
  });

  test(`${kind}: producer and consumer of the docs, a real model between them`, async ({ station, brokers }) => {
    const packages = kind === 'nats' ? 'nats' : 'pika';
    skipBecause(
      spawnSync('python3', ['-c', `import ${packages}`]).status === 0 || pipInstall(packages)
        ? undefined
        : `Python's ${packages} is not there and cannot be installed`,
    );
    const { url, address } = await brokers.withQueue(kind, 'frames');
    const folder = mkdtempSync(join(tmpdir(), 'weir-queue-'));
    try {
      const [producer = '', consumer = ''] = programs(kind);
      writeFileSync(join(folder, 'producer.py'), producer);
      writeFileSync(join(folder, 'results.py'), consumer);
      await station.open('source.kind=constant');
      await station.until('the model', ({ model }) => model !== undefined);
      for (const [i, picture] of (await jpegs(station)).entries()) writeFileSync(join(folder, `${i}.jpg`), picture);
      const server = `${kind === 'nats' ? 'nats' : 'amqp'}://${address}`;
      const filled = spawnSync('python3', ['producer.py', server, '.'], { cwd: folder, encoding: 'utf8' });
      expect(filled.stderr).toBe('');
      const results = spawn('python3', ['results.py', server], { cwd: folder });
      let printed = '';
      let complaint = '';
      results.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
      results.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
      await joinQueue(station, '', { kind, url, queue: 'frames' });
      await worked(station, kind, ({ acknowledged }) => acknowledged === 4);
      await expect.poll(() => printed.trim().split('\n').sort(), { message: complaint }).toHaveLength(4);
      expect(printed).toMatch(/^0\.jpg detection \d+$/m);
      results.kill();
      const { bodies } = await storedIn(kind, url, 'frames.results');
      for (const body of kind === 'nats' ? bodies : [])
        expect(JSON.parse(body)).toMatchObject({
          v: 1,
          attempt: 1,
          provider: 'wasm',
          model: { name: 'shapes' },
          kind: 'detection',
        });
      await station.page.evaluate(() => window.weir.stop());
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

test('nats: a question is answered at its reply subject, and a frozen page gives back what it has', async ({
  station,
  brokers,
}) => {
  const { url } = await brokers.withQueue('nats', 'asked');
  const connection = await connectNats(url);
  const answer = new Promise<string>((done) => {
    connection.subscribe('answers', { max: 1, callback: (_, message) => done(message.string()) });
  });
  await connection.flush();
  await put('nats', url, 'asked', { question: frame(1) }, { replyTo: 'answers' });
  await joinQueue(station, simulated, { kind: 'nats', url, queue: 'asked' });
  expect(JSON.parse(await answer)).toMatchObject({ v: 1, id: 'question', provider: 'simulated' });
  await connection.close();

  // Slow enough that there are jobs at the worker when it freezes.
  await station.configure({ engine: { serviceMs: 400 } });
  await put('nats', url, 'asked', Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`f-${i}`, frame(i)])));
  await worked(station, 'nats', ({ acknowledged }) => acknowledged >= 2);
  const cdp = await station.page.context().newCDPSession(station.page);
  await cdp.send('Page.setWebLifecycleState', { state: 'frozen' });
  // Longer than the ack wait: what the page held is free for others by now.
  await new Promise((done) => setTimeout(done, 4000));
  await cdp.send('Page.setWebLifecycleState', { state: 'active' });
  await worked(station, 'nats', ({ unacked, published }) => unacked === 0 && published >= 12);
  const { ids } = await storedIn('nats', url, 'asked.results');
  expect([...new Set(ids)].sort()).toEqual(Array.from({ length: 12 }, (_, i) => `f-${i}`).sort());
  await station.page.evaluate(() => window.weir.stop());
});

test('rabbitmq: a question is answered at its reply queue', async ({ station, brokers }) => {
  const { url } = await brokers.withQueue('rabbitmq', 'asked');
  const stomp = await connectStomp(url);
  const answer = new Promise<string>((done) => {
    void stomp.subscribe('/queue/answers', { ack: 'auto' }, ({ body }) => done(body));
  });
  await put('rabbitmq', url, 'asked', { question: frame(1) }, { replyTo: '/queue/answers' });
  await joinQueue(station, simulated, { kind: 'rabbitmq', url, queue: 'asked' });
  expect(JSON.parse(await answer)).toMatchObject({ v: 1, id: 'question', provider: 'simulated' });
  await stomp.close();
  await station.page.evaluate(() => window.weir.stop());
});

test('each way to be refused has a sentence of its own, and a secret is nowhere but in memory', async ({
  station,
  brokers,
}) => {
  skipBecause(whyMissing('nats'));
  const secret = 'canary-4711-secret';
  const nats = await startNats({
    origins: [station.origin],
    config: `authorization { users: [
      { user: boss, password: "${secret}" }
      { user: narrow, password: "narrow", permissions: { publish: ["$JS.API.STREAM.>"], subscribe: ["_INBOX.>"] } }
    ] }`,
  });
  try {
    await layNats(nats, 'q', { user: 'boss', pass: secret });
    await station.open(simulated);
    const logged: string[] = [];
    station.page.on('console', (message) => logged.push(message.text()));
    const refusal = async (source: SettingsChange['source']) => {
      await station.page.evaluate(() => window.weir.stop());
      await joinQueue(station, '', source);
      const now = await station.until('a refusal', ({ state, error }) => state === 'failed' && error !== undefined);
      return now.error;
    };
    const queue = { kind: 'nats', url: nats.url, queue: 'q' } as const;
    const host = new URL(nats.url).host;
    expect(await refusal({ ...queue, credentials: { user: 'boss', password: 'wrong' } })).toEqual({
      code: 'auth-failed',
      message: `${host} did not take these credentials.`,
    });
    expect(await refusal({ ...queue, credentials: { user: 'narrow', password: 'narrow' } })).toMatchObject({
      code: 'permission-denied',
      message: expect.stringContaining('does not let this user publish on $JS.API.CONSUMER'),
    });
    expect(await refusal({ ...queue, queue: 'nowhere', credentials: { user: 'boss', password: secret } })).toEqual({
      code: 'bad-settings',
      message: 'There is no stream nowhere on this server.',
    });
    if (whyMissing('rabbitmq') === undefined) {
      const rabbitmq = await brokers.rabbitmq();
      rabbitmq.ctl('add_user', 'narrow', 'narrow');
      rabbitmq.ctl('set_permissions', 'narrow', '^$', '^$', '^$');
      const of = { kind: 'rabbitmq', url: rabbitmq.url } as const;
      await brokers.withQueue('rabbitmq', 'q');
      // Web STOMP tells neither from the other.
      for (const [name, credentials] of [
        ['nowhere', {}],
        ['q', { user: 'narrow', password: 'narrow' }],
      ] as const)
        expect(await refusal({ ...of, queue: name, credentials })).toEqual({
          code: 'bad-settings',
          message: `${new URL(rabbitmq.url).host} does not give out the queue ${name}: it is not there, or this user may not read it.`,
        });
      expect(await refusal({ ...of, queue: 'q', credentials: { user: 'narrow', password: 'no' } })).toMatchObject({
        code: 'auth-failed',
      });
    }
    // The right secret works, and is found in nothing that leaves the memory of the worker.
    await joinQueue(station, '', { ...queue, credentials: { user: 'boss', password: secret } });
    await station.until('connected', ({ state, work }) => state === 'running' && work?.['nats']?.look !== undefined);
    const seen = await station.page.evaluate(async () => {
      const texts = [location.href, document.documentElement.outerHTML];
      for (const format of ['json', 'csv', 'openmetrics', 'trace'] as const)
        texts.push(await window.weir.export(format).catch(() => ''));
      texts.push(JSON.stringify(window.weir.snapshot()));
      texts.push(...Object.values(localStorage), ...Object.values(sessionStorage));
      for (const { name = '' } of await indexedDB.databases()) texts.push(name);
      return texts.join('\n');
    });
    expect(seen).not.toContain(secret);
    expect(logged.join('\n')).not.toContain(secret);
    // A connection that was refused is an error of the browser too.
    station.complaints.length = 0;

    // A page of another origin is refused at the handshake.
    const stranger = await startNats({ origins: ['https://elsewhere.example'] });
    try {
      await station.page.evaluate(() => window.weir.stop());
      await joinQueue(station, '', { kind: 'nats', url: stranger.url, queue: 'q', credentials: {} });
      await expect(station.page.getByTestId('source-state')).toContainText('allowed origins');
    } finally {
      await station.page.evaluate(() => window.weir.stop());
      await stranger.stop();
    }
    station.complaints.length = 0;
  } finally {
    await nats.stop();
  }
});

function pipInstall(name: string): boolean {
  const wheel = name === 'nats' ? 'nats-py' : name;
  return (
    spawnSync('python3', ['-m', 'pip', 'install', '--quiet', '--retries', '1', wheel]).status === 0 &&
    spawnSync('python3', ['-c', `import ${name}`]).status === 0
  );
}

/** The two programs of docs/queues.md for this broker, as they stand there. */
function programs(kind: 'nats' | 'rabbitmq'): string[] {
  const text = readFileSync('docs/queues.md', 'utf8');
  const section = text.split(/^## /m).find((part) => part.toLowerCase().startsWith(`${kind} from python`)) ?? '';
  const found = [...section.matchAll(/```python\n([\s\S]*?)```/g)].map(([, code = '']) => code);
  expect(found).toHaveLength(2);
  for (const code of found) expect(code.trim().split('\n').length).toBeLessThanOrEqual(20);
  return found;
}

/** The demo scene as JPEG files, by the browser's own encoder. */
async function jpegs({ page }: Station): Promise<Buffer[]> {
  const pngs = [0, 30, 60, 90].map((at) => demoFrame(at).toString('base64'));
  const encoded = await page.evaluate(
    (pictures) =>
      Promise.all(
        pictures.map(async (picture) => {
          const bytes = Uint8Array.from(atob(picture), (letter) => letter.charCodeAt(0));
          const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
          const canvas = document.createElement('canvas');
          canvas.width = bitmap.width;
          canvas.height = bitmap.height;
          canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
          return canvas.toDataURL('image/jpeg').replace(/^[^,]*,/, '');
        }),
      ),
    pngs,
  );
  return encoded.map((text) => Buffer.from(text, 'base64'));
}
