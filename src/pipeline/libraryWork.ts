/** What the library worker does with kept models and downloads; `post` takes its answers. */
import { assertNever, messageOf, WeirError } from '../core/errors.ts';
import type { KeptFile, LibraryEntry, LibraryState } from '../core/library.ts';
import type { ModelGraph } from '../core/modelGraph.ts';
import { sourceOfBlob } from '../models/blobSource.ts';
import { sourceOfBytes } from '../models/byteSource.ts';
import { catalogue } from '../models/catalogue.ts';
import { mergePatches } from '../models/companions.ts';
import { describeGraph } from '../models/describeGraph.ts';
import { fetchModel } from '../models/fetchModel.ts';
import { createLibrary, type Library, libraryId } from '../models/library.ts';
import { openOpfsShelf } from '../models/opfsShelf.ts';
import { openPart } from '../models/parts.ts';
import { readModel } from '../models/preflight.ts';
import type { Shelf } from '../models/shelf.ts';
import type { FileToKeep, FromLibrary, GivenFile, KeptAbout, LibraryAsk, ToLibrary } from './protocol.ts';

type Post = (message: FromLibrary, transfer?: Transferable[]) => void;
type Work = Exclude<ToLibrary, { kind: 'read' | 'mend' | 'build' }>;

const progressEveryMs = 100;

export function createLibraryWork(post: Post): (message: Work) => Promise<void> {
  let commit: ((about: KeptAbout) => void) | undefined;
  const committed = new Promise<KeptAbout>((done) => {
    commit = done;
  });
  return async (message) => {
    switch (message.kind) {
      case 'describe':
        post({ kind: 'described', graph: await graphOf(message.file) });
        return;
      case 'download': {
        const { bytes, name, part } = await download(message.url, message.store, post);
        post({ kind: 'downloaded', name, bytes, ...(part === undefined ? {} : { part }) }, [bytes]);
        return;
      }
      case 'take': {
        const { library } = await openLibrary();
        const { entry, files } = await library.find(message.id);
        post({ kind: 'taken', entry, files: files.map(({ name, file, sha256 }) => ({ name, file, sha256 })) });
        return;
      }
      case 'keep': {
        const { library } = await openLibrary();
        await library.sweep(Date.now());
        const id = await library.writing(() => keep(library, message.files, committed, post)).catch(notStored);
        post({ kind: 'kept', id });
        return;
      }
      case 'commit':
        commit?.(message.about);
        return;
      case 'used': {
        const { library } = await openLibrary();
        await library.change(message.id, { usedAt: Date.now() });
        post({ kind: 'done' });
        return;
      }
      case 'edit': {
        const { library } = await openLibrary();
        const { entry } = await library.find(message.id);
        const card = mergePatches(entry.card, message.patch);
        const task = message.patch.task?.kind ?? entry.task;
        await library.change(message.id, { task, ...(card === undefined ? {} : { card }) });
        post({ kind: 'done' });
        return;
      }
      case 'library':
        await manage(message.ask, post);
        return;
      default:
        assertNever(message);
    }
  };
}

/** Undefined: only ORT reads its format. */
async function graphOf(given: GivenFile): Promise<ModelGraph | undefined> {
  const source = 'bytes' in given ? sourceOfBytes(new Uint8Array(given.bytes)) : sourceOfBlob(given.file);
  const { model } = readModel(source, given.name);
  return model === undefined ? undefined : describeGraph(model, source);
}

async function openLibrary(): Promise<{ library: Library; shelf: Shelf }> {
  const shelf = await openOpfsShelf();
  return { library: createLibrary(shelf, navigator.locks), shelf };
}

async function download(url: string, store: boolean, post: Post) {
  let told = -Infinity;
  const options = {
    onProgress(bytes: number, total: number | undefined) {
      const now = performance.now();
      if (now - told < progressEveryMs && bytes !== total) return;
      told = now;
      post({ kind: 'progress', bytes, ...(total === undefined ? {} : { total }) });
    },
  };
  const opened = store ? await openLibrary().catch(() => undefined) : undefined;
  if (opened === undefined) return fetchModel(url, options);
  const { library, shelf } = opened;
  return library.writing(() => fetchModel(url, { ...options, openPart: (raw) => openPart(shelf, raw) }));
}

async function keep(
  library: Library,
  given: readonly [FileToKeep, ...FileToKeep[]],
  committed: Promise<KeptAbout>,
  post: Post,
): Promise<string> {
  const total = given.reduce((sum, file) => sum + ('part' in file ? file.bytes : file.file.size), 0);
  let before = 0;
  const put = async (file: FileToKeep): Promise<KeptFile> => {
    const { name, sha256 } = file;
    if ('part' in file) {
      const kept = { name, sha256: file.sha256, bytes: file.bytes };
      await library.adopt(file.part, kept);
      return kept;
    }
    const kept = await library.store(file.file, {
      name,
      ...(sha256 === undefined ? {} : { sha256 }),
      onProgress: (bytes) => post({ kind: 'progress', bytes: before + bytes, total }),
    });
    before += kept.bytes;
    return kept;
  };
  const [main, ...others] = given;
  const files: [KeptFile, ...KeptFile[]] = [await put(main)];
  for (const file of others) files.push(await put(file));
  const about = await committed;
  const id = await libraryId(files);
  const now = Date.now();
  const known = (await library.list()).find((entry) => entry.id === id);
  const card = mergePatches(known?.card, about.card);
  await library.commit({
    ...about,
    id,
    files,
    // A name that a person gave stays.
    name: known?.name ?? about.name,
    ...(card === undefined ? {} : { card }),
    addedAt: known?.addedAt ?? now,
    usedAt: now,
  });
  return id;
}

/** Whatever the disk has against it. */
function notStored(thrown: unknown): never {
  throw WeirError.wrap(thrown, 'storage-full', `The browser did not store the model: ${messageOf(thrown)}`);
}

async function manage(ask: LibraryAsk, post: Post): Promise<void> {
  const opened = await openLibrary().catch((error: unknown) => WeirError.wrap(error, 'not-kept'));
  if (opened instanceof WeirError) {
    if (ask.do !== 'list') throw opened;
    post({
      kind: 'library',
      library: { at: Date.now(), entries: [], catalogue, persisted: false, unavailable: opened.message },
    });
    return;
  }
  const { library } = opened;
  switch (ask.do) {
    case 'list':
      await library.sweep(Date.now());
      break;
    case 'rename':
      await library.change(ask.model, { name: nameOf(ask.name) });
      break;
    case 'delete':
      await library.remove(ask.model);
      break;
    case 'export': {
      const { entry, files } = await library.find(ask.model);
      post({ kind: 'files', files: [...files.map(({ name, file }) => ({ name, file })), ...cardFile(entry)] });
      return;
    }
    default:
      assertNever(ask);
  }
  post({ kind: 'library', library: await stateOf(library) });
}

async function stateOf(library: Library): Promise<LibraryState> {
  const { usage, quota } = await navigator.storage.estimate();
  return {
    at: Date.now(),
    entries: await library.list(),
    catalogue,
    persisted: await navigator.storage.persisted(),
    ...(usage === undefined ? {} : { usage }),
    ...(quota === undefined ? {} : { quota }),
  };
}

function nameOf(given: string): string {
  const name = given.trim().slice(0, 200);
  if (name === '') throw new WeirError('bad-settings', 'A model needs a name.');
  return name;
}

function cardFile({ name, card }: LibraryEntry): { name: string; file: Blob }[] {
  if (card === undefined) return [];
  const file = new Blob([JSON.stringify(card, undefined, 2)], { type: 'application/json' });
  return [{ name: `${name}.card.json`, file }];
}
