import { expect, test } from 'vitest';
import { droppedFiles } from './droppedFiles.ts';

const file = (name: string, path = `/${name}`) => ({
  isFile: true,
  isDirectory: false,
  name,
  fullPath: path,
  file: (done: (file: File) => void) => done(new File([], name)),
});

/** As a browser gives it: a hundred at a time, then nothing. */
function folder(name: string, children: readonly unknown[]) {
  return {
    isFile: false,
    isDirectory: true,
    name,
    fullPath: `/${name}`,
    createReader: () => {
      let at = 0;
      return { readEntries: (done: (some: readonly unknown[]) => void) => done(children.slice(at, (at += 100))) };
    },
  };
}

const dropOf = (...entries: readonly unknown[]) =>
  droppedFiles({
    items: entries.map((entry) => ({ webkitGetAsEntry: () => entry })),
    files: [],
  } as unknown as DataTransfer);

const numbered = (count: number) => Array.from({ length: count }, (_, i) => file(`${i}.png`, `/a/${i}.png`));

test('files of folders inside of folders, in the order of their paths, nothing hidden', async () => {
  const inside = folder('b', [file('10.png', '/a/b/10.png'), file('9.png', '/a/b/9.png'), file('.hid', '/a/b/.hid')]);
  const { files, isCut } = await dropOf(folder('a', [inside, file('1.png', '/a/1.png')]), file('z.png'));
  expect(files.map(({ name }) => name)).toEqual(['1.png', '9.png', '10.png', 'z.png']);
  expect(isCut).toBe(false);
});

test('as many as are taken are not cut, one more is', async () => {
  const full = await dropOf(folder('a', [...numbered(20_000), file('.hid')]));
  expect([full.files.length, full.isCut]).toEqual([20_000, false]);
  const cut = await dropOf(folder('a', numbered(20_000)), file('more.png'));
  expect([cut.files.length, cut.isCut]).toEqual([20_000, true]);
});
