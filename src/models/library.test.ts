/** The library: what is kept comes back whole, and whatever a page dies of, no half model is ever found. */
import { describe, expect, test } from 'vitest';
import type { KeptFile, LibraryEntry } from '../core/library.ts';
import { createLibrary, type Library, libraryId } from './library.ts';
import { createMemoryShelf, freeLocks, Killed, type MemoryShelf } from './memoryShelf.fixture.ts';
import { sha256 } from './sha256.ts';

const model = new Uint8Array(9000).map((_, i) => i * 7);
const chunkBytes = 4000;
const data = new Uint8Array(3000).map((_, i) => i);

async function keep(library: Library, name: string, files: readonly Uint8Array<ArrayBuffer>[]): Promise<LibraryEntry> {
  return library.writing(async () => {
    const kept: KeptFile[] = [];
    for (const [index, bytes] of files.entries())
      kept.push(await library.store(new Blob([bytes]), { name: index === 0 ? 'm.onnx' : `m.data${index}` }));
    const all = kept as unknown as readonly [KeptFile, ...KeptFile[]];
    const entry = { id: await libraryId(all), name, files: all, task: 'tensors', addedAt: 1, usedAt: 1 } as const;
    await library.commit(entry);
    return entry;
  });
}

/** Whatever is listed can be opened, and its bytes are what was kept. */
async function expectWhole(library: Library, shelf: MemoryShelf): Promise<number> {
  const entries = await library.list();
  for (const { id } of entries) {
    const { files } = await library.find(id);
    for (const { file, sha256: expected } of files) expect(await sha256(await file.arrayBuffer())).toBe(expected);
  }
  await library.sweep(Date.now());
  expect([...shelf.folders.parts.keys()]).toEqual([]);
  const named = entries.flatMap(({ files }) => files.map((file) => file.sha256));
  expect([...shelf.folders.blobs.keys()].sort()).toEqual([...new Set(named)].sort());
  return entries.length;
}

test('a model comes back with its data files under one address', async () => {
  const shelf = createMemoryShelf();
  const library = createLibrary(shelf, freeLocks, chunkBytes);
  const { id } = await keep(library, 'alone', [model]);
  const both = await keep(library, 'with data', [model, data]);
  expect(id).toBe(await sha256(model));
  expect(both.id).not.toBe(id);
  // The same bytes lie there once.
  expect(shelf.folders.blobs.size).toBe(2);
  const found = await library.find(both.id);
  expect(found.files.map(({ name, bytes }) => [name, bytes])).toEqual([
    ['m.onnx', model.byteLength],
    ['m.data1', data.byteLength],
  ]);
  expect(await expectWhole(library, shelf)).toBe(2);
});

test('another name, another use; what others need stays when a model is deleted', async () => {
  const shelf = createMemoryShelf();
  const library = createLibrary(shelf, freeLocks, chunkBytes);
  const alone = await keep(library, 'alone', [model]);
  const both = await keep(library, 'both', [model, data]);
  await library.change(alone.id, { name: 'renamed', usedAt: 9 });
  expect((await library.list()).map(({ name }) => name)).toEqual(['renamed', 'both']);
  await library.remove(alone.id);
  await expect(library.find(alone.id)).rejects.toMatchObject({ code: 'not-kept' });
  expect((await library.find(both.id)).files).toHaveLength(2);
  await library.remove(both.id);
  expect(shelf.folders.blobs.size + shelf.folders.entries.size).toBe(0);
});

describe('a page that dies', () => {
  test('at any step of keeping, renaming and deleting leaves whole models or none', async () => {
    const script = async (shelf: MemoryShelf) => {
      const library = createLibrary(shelf, freeLocks, chunkBytes);
      const first = await keep(library, 'first', [model]);
      const second = await keep(library, 'second', [model, data]);
      await library.change(first.id, { name: 'renamed' });
      await library.remove(second.id);
    };
    const whole = createMemoryShelf();
    await script(whole);
    expect(whole.steps).toBeGreaterThan(15);
    const seen = new Set<number>();
    for (let at = 1; at <= whole.steps; at++) {
      const dying = createMemoryShelf(Infinity, at);
      await expect(script(dying)).rejects.toThrow(Killed);
      const next = createMemoryShelf(Infinity, Infinity, dying);
      const library = createLibrary(next, freeLocks, chunkBytes);
      seen.add(await expectWhole(library, next));
      // The next page keeps it as if nothing had been.
      await keep(library, 'again', [model, data]);
      expect(await expectWhole(library, next)).toBeGreaterThanOrEqual(1);
    }
    expect(seen).toEqual(new Set([0, 1, 2]));
  });
});

test('a storage that is full says so, and leaves nothing behind', async () => {
  const shelf = createMemoryShelf(5000);
  const library = createLibrary(shelf, freeLocks, chunkBytes);
  await expect(keep(library, 'large', [model])).rejects.toMatchObject({
    code: 'storage-full',
    message: 'm.onnx does not fit into what this browser lets the page store.',
  });
  expect(shelf.folders.parts.size).toBe(0);
  await keep(library, 'small', [data]);
  expect(await expectWhole(library, shelf)).toBe(1);
});

test('a file that changed while it was read, a missing one, a cut one, an entry of nonsense', async () => {
  const shelf = createMemoryShelf();
  const library = createLibrary(shelf, freeLocks, chunkBytes);
  const changed = library.store(new Blob([data]), { name: 'm.onnx', sha256: await sha256(model) });
  await expect(changed).rejects.toMatchObject({ code: 'changed-file' });
  const { id } = await keep(library, 'cut', [data]);
  shelf.folders.blobs.set(id, data.slice(0, 10));
  await expect(library.find(id)).rejects.toMatchObject({ code: 'changed-file' });
  // The file itself mends it.
  await keep(library, 'cut', [data]);
  expect(await expectWhole(library, shelf)).toBe(1);
  shelf.folders.blobs.delete(id);
  await expect(library.find(id)).rejects.toMatchObject({ code: 'changed-file' });
  for (const text of ['', '{', 'null', '{"id":1}', JSON.stringify({ id, name: 'x', files: [] })]) {
    shelf.folders.entries.set(`${id}.json`, new TextEncoder().encode(text));
    expect(await library.list()).toEqual([]);
    await expect(library.find(id)).rejects.toMatchObject({ code: 'not-kept' });
  }
});
