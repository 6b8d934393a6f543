/** The command as a person runs it: one line when it works, one sentence when it cannot. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { demoFrame } from './demoScene.ts';
import { noFfmpeg, startFeed } from './feedProcess.fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'weir-feed-'));
const pictures = [1, 2, 10].map((number) => {
  writeFileSync(join(folder, `${number}.png`), demoFrame(number));
  return demoFrame(number);
});

writeFileSync(join(folder, 'note.txt'), 'no picture');

function readAll(url: string): Promise<{ got: Buffer[]; code: number; reason: string }> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    const got: Buffer[] = [];
    socket.on('message', (data) => got.push(data as Buffer));
    socket.on('close', (code, reason) => resolve({ got, code, reason: String(reason) }));
    socket.on('error', reject);
  });
}

test('a folder is served as it is, in natural order, from where the person stands', async () => {
  const feed = startFeed(['.', '--once', '--port', '0', '--rate', '100'], { INIT_CWD: folder, PATH: '' });
  try {
    expect(await readAll(await feed.url)).toEqual({ got: pictures, code: 1000, reason: '' });
    expect(feed.said()).toContain('3 pictures. Left out: 1 file that is no picture.');
  } finally {
    await feed.stop();
  }
});

test.each([
  ['no input', [], 'Say what to feed'],
  ['no such file', ['gone.mp4'], 'There is no file or folder'],
  ['no pictures', [mkdtempSync(join(tmpdir(), 'weir-none-'))], 'holds no pictures'],
  ['a size for pictures', [folder, '--size', '64x64'], 'sent as they are'],
  ['a loop for a camera', ['rtsp://127.0.0.1:9/x', '--loop'], 'until it ends'],
  ['no ffmpeg', ['rtsp://127.0.0.1:9/x'], 'sudo apt install ffmpeg'],
])('%s ends it with a sentence', async (_, args, sentence) => {
  const feed = startFeed([...args, '--port', '0'], { PATH: '' });
  await expect(feed.url).rejects.toThrow(sentence);
  expect(feed.said()).not.toMatch(/^\s+at /m);
});

test.skipIf(noFfmpeg !== undefined)(
  `what ffmpeg says of a camera that refuses reaches the reader, without the password${noFfmpeg === undefined ? '' : ` (${noFfmpeg})`}`,
  async () => {
    const feed = startFeed(['rtsp://me:secret@127.0.0.1:9/x', '--port', '0']);
    try {
      const { got, code, reason } = await readAll(await feed.url);
      expect([got.length, code]).toEqual([0, 1011]);
      expect(reason).toContain('refused');
      await expect.poll(feed.said).toContain(reason);
      expect(feed.said() + reason).not.toContain('secret');
    } finally {
      await feed.stop();
    }
  },
);
