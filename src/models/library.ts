/**
 * The models that this browser keeps. Bytes lie under their SHA-256, an entry of JSON names them and is written last: what
 * breaks off on the way leaves parts and blobs that no entry names, which are never opened and are swept away.
 */
import * as v from 'valibot';
import { WeirError } from '../core/errors.ts';
import type { KeptFile, LibraryEntry } from '../core/library.ts';
import { createHash } from './hash.ts';
import { isQuota } from './opfsShelf.ts';
import { isPart } from './parts.ts';
import type { Shelf } from './shelf.ts';

export type Locks = Pick<LockManager, 'request'>;

export interface Library {
  /** Newest use first. Entries that cannot be read are left out. */
  list(): Promise<LibraryEntry[]>;
  /** The entry and its files; whoever reads them compares the hashes. @throws WeirError not-kept */
  find(id: string): Promise<{ entry: LibraryEntry; files: readonly (KeptFile & { readonly file: Blob })[] }>;
  /**
   * Copies a file into the library, hashed on the way, in bounded memory.
   * @param options.sha256 what it must be, where that is known
   * @throws WeirError storage-full, changed-file, cancelled
   */
  store(
    file: Blob,
    options: {
      readonly name: string;
      readonly sha256?: string;
      onProgress?(bytes: number): void;
      signal?: AbortSignal;
    },
  ): Promise<KeptFile>;
  /** A finished part becomes a file of the library without being copied. */
  adopt(part: string, file: KeptFile): Promise<void>;
  /** From here on the model is kept. */
  commit(entry: LibraryEntry): Promise<void>;
  /** @throws WeirError not-kept */
  change(id: string, change: Partial<Pick<LibraryEntry, 'name' | 'usedAt' | 'card' | 'task'>>): Promise<void>;
  remove(id: string): Promise<void>;
  /** Removes what no entry names, unless somebody is writing. */
  sweep(now: number): Promise<void>;
  /** Work that writes: nothing is swept or removed meanwhile, in any tab. */
  writing<T>(work: () => Promise<T>): Promise<T>;
}

const lockName = 'weir.library';
const defaultChunkBytes = 4 << 20;

const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const FileSchema = v.object({ name: v.string(), sha256: hash, bytes: v.pipe(v.number(), v.integer(), v.minValue(0)) });
/** `card` is judged when it is applied. */
const EntrySchema = v.object({
  id: hash,
  name: v.string(),
  files: v.tupleWithRest([FileSchema], FileSchema),
  task: v.picklist(['detection', 'classification', 'image', 'tensors']),
  licence: v.optional(v.string()),
  url: v.optional(v.string()),
  card: v.optional(v.record(v.string(), v.unknown())),
  addedAt: v.number(),
  usedAt: v.number(),
});

/** @param chunkBytes what lies in memory at once of a file that is copied */
export function createLibrary(shelf: Shelf, locks: Locks, chunkBytes = defaultChunkBytes): Library {
  const exclusive = <T>(work: () => Promise<T>): Promise<T> => locks.request(lockName, { mode: 'exclusive' }, work);

  async function read(id: string): Promise<LibraryEntry | undefined> {
    const file = await shelf.file('entries', entryName(id));
    if (file === undefined) return undefined;
    try {
      const parsed = v.safeParse(EntrySchema, JSON.parse(await file.text()));
      // Its own writing: only what cannot be read at all is refused.
      return parsed.success && parsed.output.id === id ? (parsed.output as LibraryEntry) : undefined;
    } catch {
      return undefined;
    }
  }

  async function list(): Promise<LibraryEntry[]> {
    const names = await shelf.names('entries');
    const entries = await Promise.all(names.map((name) => read(name.replace(/\.json$/, ''))));
    return entries.filter((entry) => entry !== undefined).sort((a, b) => b.usedAt - a.usedAt);
  }

  /** Beside its place first, then moved: an entry is never half there. */
  async function write(entry: LibraryEntry): Promise<void> {
    const part = `entry-${crypto.randomUUID()}`;
    const writer = await shelf.writer('parts', part);
    try {
      writer.write(new TextEncoder().encode(JSON.stringify(entry)), 0);
      writer.flush();
    } catch (thrown) {
      writer.close();
      await shelf.remove('parts', part);
      throw isQuota(thrown) ? full(entry.name, thrown) : thrown;
    }
    writer.close();
    await shelf.move('parts', part, 'entries', entryName(entry.id));
  }

  /** Also over a file of that name: what lies there may be damaged, what was just written is not. */
  const place = (part: string, { sha256 }: KeptFile) => shelf.move('parts', part, 'blobs', sha256);

  return {
    list,
    async find(id) {
      const entry = await read(id);
      if (entry === undefined)
        throw new WeirError(
          'not-kept',
          'The library of this browser has no such model: it was deleted, or the browser has cleared its storage.',
        );
      const files = await Promise.all(
        entry.files.map(async (kept) => {
          const file = await shelf.file('blobs', kept.sha256);
          if (file === undefined || file.size !== kept.bytes) throw damaged(entry.name);
          return { ...kept, file };
        }),
      );
      return { entry, files };
    },
    async store(file, { name, sha256: expected, onProgress, signal }) {
      const hasher = await createHash();
      const part = `copy-${crypto.randomUUID()}`;
      const writer = await shelf.writer('parts', part);
      let sha256: string;
      try {
        for (let at = 0; at < file.size; at += chunkBytes) {
          signal?.throwIfAborted();
          const bytes = new Uint8Array(await file.slice(at, at + chunkBytes).arrayBuffer());
          writer.write(bytes, at);
          hasher.update(bytes);
          onProgress?.(at + bytes.byteLength);
        }
        writer.flush();
        sha256 = hasher.digest();
        if (expected !== undefined && sha256 !== expected)
          throw new WeirError('changed-file', `${name.slice(0, 80)} was changed while it was read.`);
      } catch (thrown) {
        writer.close();
        await shelf.remove('parts', part);
        if (signal?.aborted === true) throw new WeirError('cancelled', 'Keeping the model was cancelled.');
        throw isQuota(thrown) ? full(name, thrown) : thrown;
      }
      writer.close();
      const kept = { name, sha256, bytes: file.size };
      await place(part, kept);
      return kept;
    },
    async adopt(part, file) {
      if ((await shelf.file('parts', part))?.size !== file.bytes)
        throw new WeirError('not-kept', `${file.name.slice(0, 80)} was downloaded by another tab at the same time.`);
      await place(part, file);
    },
    commit: write,
    async change(id, change) {
      await exclusive(async () => {
        const entry = await read(id);
        if (entry === undefined)
          throw new WeirError('not-kept', 'The library of this browser has no such model any more.');
        await write({ ...entry, ...change });
      });
    },
    async remove(id) {
      await exclusive(async () => {
        await shelf.remove('entries', entryName(id));
        await removeUnnamed(shelf, await list());
      });
    },
    async sweep(now) {
      await locks.request(lockName, { mode: 'exclusive', ifAvailable: true }, async (lock) => {
        if (lock === null) return;
        for (const name of await shelf.names('parts'))
          if (!(await isPart(shelf, name, now))) await shelf.remove('parts', name);
        await removeUnnamed(shelf, await list());
      });
    },
    writing: (work) => locks.request(lockName, { mode: 'shared' }, work),
  };
}

/** With data files beside it a model is what all of its bytes are. */
export async function libraryId(files: readonly [KeptFile, ...KeptFile[]]): Promise<string> {
  const [main, ...data] = files;
  if (data.length === 0) return main.sha256;
  const hasher = await createHash();
  for (const { name, sha256 } of files) hasher.update(new TextEncoder().encode(`${sha256} ${name}\n`));
  return hasher.digest();
}

export function damaged(name: string): WeirError {
  return new WeirError(
    'changed-file',
    `The stored copy of ${name.slice(0, 80)} is damaged: its bytes are not those that were kept. It was not opened.`,
  );
}

function full(name: string, cause: unknown): WeirError {
  return new WeirError(
    'storage-full',
    `${name.slice(0, 80)} does not fit into what this browser lets the page store.`,
    {
      cause,
    },
  );
}

const entryName = (id: string) => `${id}.json`;

async function removeUnnamed(shelf: Shelf, entries: readonly LibraryEntry[]): Promise<void> {
  const named = new Set(entries.flatMap(({ files }) => files.map(({ sha256 }) => sha256)));
  for (const name of await shelf.names('blobs')) if (!named.has(name)) await shelf.remove('blobs', name);
}
