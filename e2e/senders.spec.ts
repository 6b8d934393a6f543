/** The senders of docs/senders.md, run as they stand there: the page completes their frames, and none fails. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { demoFrame } from '../server/demoScene.ts';
import { skipBecause } from './skipBecause.ts';
import { expect, type Station, test } from './station.ts';

const port = 8765;
const roomy = 'flow.policy=dropOldest&flow.capacity=1000';
const maxLines = 10;
/** Credit and answers take some more. */
const maxLinesOfWeirV1 = 25;

interface Recipe {
  readonly file: string;
  /** Speaks weir.v1: as many frames as there is credit for, none of them dropped. */
  readonly isLossless?: boolean;
  /** Prepares `folder` and says how to run the file in it, or why it cannot be run here. */
  prepare(folder: string): { readonly run: readonly string[] } | { readonly missing: string };
}

const python = (file: string, packages: readonly string[]): Recipe => ({
  file,
  prepare(folder) {
    const have = (command: string) =>
      succeeds(folder, command, ['-c', `import websockets.sync.server, ${packages.join(', ')}`]);
    if (have('python3')) return { run: ['python3', file] };
    const own = join(folder, 'venv/bin/python');
    if (!succeeds(folder, 'python3', ['-m', 'venv', 'venv'])) return { missing: 'Python with venv' };
    succeeds(folder, own, ['-m', 'pip', 'install', '--quiet', '--retries', '1', ...packages]);
    return have(own) ? { run: [own, file] } : { missing: `Python's ${packages.join(' and ')}` };
  },
});

/** One per code block of the page, in its order. */
const recipes: readonly Recipe[] = [
  python('sender.py', ['websockets']),
  {
    file: 'sender.mjs',
    prepare(folder) {
      symlinkSync(resolve('node_modules'), join(folder, 'node_modules'), 'junction');
      return { run: [process.execPath, 'sender.mjs'] };
    },
  },
  {
    file: 'main.go',
    prepare(folder) {
      if (!succeeds(folder, 'go', ['mod', 'init', 'sender'])) return { missing: 'Go' };
      if (!succeeds(folder, 'go', ['get', 'github.com/coder/websocket'])) return { missing: 'the Go module' };
      const built = spawnSync('go', ['build', '-o', 'sender', '.'], { cwd: folder, encoding: 'utf8' });
      if (built.status !== 0) throw new Error(built.stderr);
      return { run: [join(folder, 'sender')] };
    },
  },
  python('arrays.py', ['websockets', 'numpy']),
  { ...python('lossless.py', ['websockets']), isLossless: true },
];

function succeeds(folder: string, command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { cwd: folder, timeout: 60_000 }).status === 0;
}

const blocks = [...readFileSync('docs/senders.md', 'utf8').matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(
  ([, language = '', code = '']) => ({ language, code }),
);
let folder = '';

test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-sender-'));
});
test.afterEach(() => rmSync(folder, { recursive: true }));

test('every code block of the page has a recipe here, and is short', () => {
  expect(blocks.map(({ language }) => language)).toEqual(['python', 'js', 'go', 'python', 'python']);
  expect(recipes).toHaveLength(blocks.length);
  // Brackets alone are no line to read.
  for (const [i, { code }] of blocks.entries())
    expect(code.split('\n').filter((line) => /\w/.test(line)).length).toBeLessThanOrEqual(
      recipes[i]?.isLossless === true ? maxLinesOfWeirV1 : maxLines,
    );
});

for (const [i, { file, prepare, isLossless = false }] of recipes.entries()) {
  test(`${file} sends frames that complete`, async ({ station }) => {
    test.setTimeout(180_000);
    writeFileSync(join(folder, file), blocks[i]?.code ?? '');
    const ready = prepare(folder);
    skipBecause('missing' in ready ? `${ready.missing} cannot be had here` : undefined);
    skipBecause((await answers()) ? `port ${port} is taken by another program` : undefined);
    if ('missing' in ready) return;
    await station.run(roomy);
    const pictures = join(folder, 'pictures');
    mkdirSync(pictures);
    for (const [index, bytes] of (await jpegs(station)).entries()) writeFileSync(join(pictures, `${index}.jpg`), bytes);
    const [command, ...args] = [...ready.run, pictures];
    const child = spawn(command, args, { cwd: folder, stdio: ['ignore', 'inherit', 'pipe'] });
    const ended = once(child, 'close');
    let complaint = '';
    child.stderr.on('data', (text: Buffer) => {
      complaint += String(text);
    });
    try {
      await expect.poll(async () => (await answers()) || complaint, { timeout: 20_000 }).toBe(true);
      await station.configure({
        source: { kind: 'websocket', url: `ws://localhost:${port}`, protocol: isLossless ? 'weir.v1' : 'plain' },
        ...(isLossless ? { flow: { policy: 'block', capacity: 2 } } : {}),
      });
      const now = await station.until(
        'two seconds of frames',
        (each) => (each.sources['websocket']?.completed ?? 0) >= 60,
      );
      expect(now.sources['websocket']).toMatchObject(
        isLossless
          ? { failed: 0, refused: 0, missed: 0, dropped: { oldest: 0, superseded: 0, expired: 0 } }
          : { failed: 0 },
      );
      // The reader leaves, and the sender is there for the next one.
      await station.configure({ source: { kind: 'scene' } });
      await station.goesOn();
      expect({ complaint, code: child.exitCode }).toEqual({ complaint: '', code: null });
    } finally {
      child.kill();
      await ended;
    }
  });
}

/** Whether something listens where the senders will. */
function answers(): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, 'localhost');
    const say = (is: boolean) => () => {
      socket.destroy();
      done(is);
    };
    socket.once('connect', say(true));
    socket.once('error', say(false));
  });
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
