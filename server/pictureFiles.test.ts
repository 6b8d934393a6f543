import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { maxEncodedBytes } from '../src/core/payload.ts';
import { demoFrame } from './demoScene.ts';
import { feedInput } from './feedInput.ts';
import { paced } from './paced.ts';
import { leftOut, pictureFiles, picturesIn } from './pictureFiles.ts';

function folderWith(...names: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'weir-pictures-'));
  for (const name of names) writeFileSync(join(folder, name), name);
  return folder;
}

const unexpected = (line: string) => {
  throw new Error(line);
};

test('natural order, pictures only, nothing hidden and no folder that is called like a picture', async () => {
  const folder = folderWith('10.png', '9.PNG', 'b2.jpg', 'b1.jpeg', 'a.webp', 'z.npy', 'note.txt', '.hid.png', 'x.mp4');
  mkdirSync(join(folder, 'inside.png'));
  const found = await picturesIn(folder);
  expect(found.paths.map((path) => basename(path))).toEqual([
    '9.PNG',
    '10.png',
    'a.webp',
    'b1.jpeg',
    'b2.jpg',
    'z.npy',
  ]);
  expect(leftOut(found)).toBe(' Left out: 2 files that are no pictures, 1 folder inside.');
  expect(leftOut({ others: 1, folders: 0 })).toBe(' Left out: 1 file that is no picture.');
  expect(leftOut({ others: 0, folders: 0 })).toBe('');
});

test('a folder without pictures says what it looked for', async () => {
  await expect(picturesIn(folderWith('note.txt'))).rejects.toThrow(/holds no pictures: JPEG, PNG.* Left out: 1 file/);
});

test('once ends after the last; over and over sees what came and went between two rounds', async () => {
  const folder = folderWith('1.png', '2.png');
  const list = async () => (await picturesIn(folder)).paths;
  const seen: string[] = [];
  for await (const bytes of pictureFiles(list, false, unexpected)) seen.push(String(bytes));
  expect(seen).toEqual(['1.png', '2.png']);
  seen.splice(0);
  for await (const bytes of pictureFiles(list, true, unexpected)) {
    seen.push(String(bytes));
    if (seen.length === 1) {
      rmSync(join(folder, '2.png'));
      writeFileSync(join(folder, '3.png'), '3.png');
    }
    if (seen.length === 3) break;
  }
  // 2 was gone before its turn, 3 was not in this round.
  expect(seen).toEqual(['1.png', '1.png', '3.png']);
});

test('a round in which nothing could be read ends with the reason, not in an endless loop', async () => {
  const gone = join(folderWith(), 'gone.png');
  await expect(pictureFiles(async () => [gone], true, unexpected).next()).rejects.toThrow('ENOENT');
});

test('a file beyond the limit is not read: it is told once and left out, and alone it is the reason', async () => {
  const folder = folderWith('1.png', '2.png');
  const huge = join(folder, '1.png');
  truncateSync(huge, maxEncodedBytes + 1);
  const lines: string[] = [];
  const frames = pictureFiles(
    async () => (await picturesIn(folder)).paths,
    true,
    (line) => lines.push(line),
  );
  for (let i = 0; i < 3; i++) expect(String((await frames.next()).value)).toBe('2.png');
  await frames.return(undefined);
  expect(lines).toEqual([`"${huge}" has 513 MiB; the limit of a picture is 512 MiB. It is left out.`]);
  await expect(
    pictureFiles(
      async () => [huge],
      true,
      () => {},
    ).next(),
  ).rejects.toThrow('has 513 MiB');
  rmSync(huge);
});

test('a rate holds back whoever makes the frames', async () => {
  let made = 0;
  const endless = async function* () {
    for (;;) yield made++;
  };
  const abort = new AbortController();
  const frames = paced(endless(), 0.1, abort.signal);
  expect((await frames.next()).value).toBe(0);
  const next = frames.next();
  abort.abort();
  await expect(next).rejects.toThrow('aborted');
  expect(made).toBe(2);
});

test('what an input is, by its content and its name', () => {
  const folder = folderWith('clip.mp4');
  const png = demoFrame(0);
  writeFileSync(join(folder, 'a.png'), png);
  writeFileSync(join(folder, 'stream.mjpeg'), Buffer.from([0xff, 0xd8, 0xff, 0xe0]));
  writeFileSync(join(folder, 'fake.png'), 'no picture');
  const kind = (text: string) => feedInput(text, folder).kind;
  expect(['.', 'a.png', 'clip.mp4', 'stream.mjpeg', 'fake.png'].map(kind)).toEqual([
    'folder',
    'picture',
    'video',
    'video',
    'video',
  ]);
  expect(feedInput('a.png', folder).at).toBe(join(folder, 'a.png'));
  expect(feedInput(`file://${folder}/a.png`, '/')).toEqual({ kind: 'picture', at: join(folder, 'a.png') });
  expect(['rtsp://cam/1', 'https://h/a.m3u8', 'srt://h:1'].map(kind)).toEqual(['address', 'address', 'address']);
  expect(() => kind('gone.mp4')).toThrow(`There is no file or folder "${join(folder, 'gone.mp4')}"`);
  expect(() => kind('ws://localhost:1')).toThrow('a WebSocket already');
});
