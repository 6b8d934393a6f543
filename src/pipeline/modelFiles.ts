/** Where the files of a model come from: this computer, an address, the library, or a recipe; and what is kept of them. */
import type { ModelCard, ModelFacts, ModelInfo } from '../core/card.ts';
import { assertNever, WeirError } from '../core/errors.ts';
import type { CatalogueEntry, LibraryEntry } from '../core/library.ts';
import { type LoadCosts, type LoadRecipe, loadName } from '../core/loadRecipe.ts';
import type { DeepPartial } from '../core/settings.ts';
import { pinnedBy } from '../models/catalogue.ts';
import { fileFor } from '../models/externalData.ts';
import { damaged } from '../models/library.ts';
import { sha256 } from '../models/sha256.ts';
import { rawUrl } from '../models/url.ts';
import type { FileToKeep, GivenFile, ModelFile, ModelOrigin } from './protocol.ts';

export interface FilesHost {
  /** Builds the graph of a load dial in the library worker. */
  build(recipe: LoadRecipe, signal: AbortSignal): Promise<{ bytes: ArrayBuffer; costs: LoadCosts }>;
  /** `store`: on its way into the library too, so that a broken download can go on. */
  download(
    url: string,
    store: boolean,
    onProgress: (bytes: number, total: number | undefined) => void,
    signal: AbortSignal,
  ): Promise<{ name: string; bytes: ArrayBuffer; part?: string }>;
  /** The files of a kept model. @throws WeirError not-kept, changed-file */
  take(id: string, signal: AbortSignal): Promise<{ entry: LibraryEntry; files: readonly GivenFile[] }>;
  /** Models of the page itself are there as long as the page is. */
  isOwn(url: string): boolean;
}

export interface Gathered {
  readonly files: readonly GivenFile[];
  readonly load?: ModelInfo['load'];
  readonly card?: DeepPartial<ModelCard>;
  /** What the model must be. */
  readonly pinned?: { readonly sha256: string; changed(found: string): WeirError };
  /** It came out of the library. */
  readonly entry?: LibraryEntry;
  /** It goes into the library. */
  readonly keep?: { readonly url?: string; readonly part?: string };
}

export async function filesOf(
  origin: ModelOrigin,
  host: FilesHost,
  update: (fact: string, share?: number) => void,
  signal: AbortSignal,
): Promise<Gathered> {
  switch (origin.kind) {
    case 'files':
      return { files: origin.files, keep: {} };
    case 'url':
      return fromUrl(origin.url, host, update, signal);
    case 'kept': {
      const { entry, files } = await host.take(origin.id, signal);
      const pinned = { sha256: entry.files[0].sha256, changed: () => damaged(entry.name) };
      return { files, entry, card: { ...entry.card, name: entry.name }, pinned };
    }
    case 'load': {
      const { recipe } = origin;
      const { bytes, costs } = await host.build(recipe, signal);
      return { files: [{ name: loadName(recipe), bytes }], load: { recipe, ...costs } };
    }
    default:
      return assertNever(origin);
  }
}

async function fromUrl(
  given: string,
  host: FilesHost,
  update: (fact: string, share?: number) => void,
  signal: AbortSignal,
): Promise<Gathered> {
  const url = rawUrl(given);
  const entry = pinnedBy(url);
  if (entry !== undefined) {
    // What is pinned and kept need not be downloaded again.
    const kept = await filesOf({ kind: 'kept', id: entry.sha256 }, host, update, signal).catch(() => undefined);
    if (kept !== undefined) return kept;
    signal.throwIfAborted();
  }
  const started = performance.now();
  let before: number | undefined;
  const { name, bytes, part } = await host.download(
    given,
    !host.isOwn(url),
    (at, total) => {
      // What an earlier try left is no speed of this one.
      before ??= at;
      const rate = (at - before) / 1000 / Math.max(1, performance.now() - started);
      update(
        `${megabytes(at)}${total === undefined ? '' : ` of ${megabytes(total)}`} MB from ${hostOf(url)}, ${rate.toFixed(1)} MB/s`,
        total === undefined ? undefined : at / total,
      );
    },
    signal,
  );
  const files = [{ name, bytes }];
  if (host.isOwn(url)) return { files };
  const keep = { url: given, ...(part === undefined ? {} : { part }) };
  return { files, keep, ...(entry === undefined ? {} : pinOf(entry)) };
}

/** Data files that a downloaded model names and nobody gave: they lie beside it at the same site. */
export async function filesBeside(
  { keep }: Gathered,
  { externalFiles }: ModelFacts,
  given: readonly GivenFile[],
  host: FilesHost,
  update: (fact: string, share?: number) => void,
  signal: AbortSignal,
): Promise<GivenFile[]> {
  const found: GivenFile[] = [];
  if (keep?.url === undefined) return found;
  for (const { path } of externalFiles) {
    if (fileFor(path, given) !== undefined) continue;
    const url = new URL(path, rawUrl(keep.url)).href;
    const { bytes } = await host.download(
      url,
      false,
      (at, total) => update(`${path.slice(0, 60)}, ${megabytes(at)} MB`, total === undefined ? undefined : at / total),
      signal,
    );
    found.push({ name: path, bytes });
  }
  return found;
}

function pinOf(entry: CatalogueEntry): Pick<Gathered, 'card' | 'pinned'> {
  return {
    card: { ...entry.card, name: entry.name, licence: entry.licence },
    pinned: {
      sha256: entry.sha256,
      changed: (found) =>
        new WeirError(
          'changed-file',
          `The file behind ${entry.name} is not the one that was checked: its SHA-256 begins with ${found.slice(0, 8)}, not ${entry.sha256.slice(0, 8)}. It was not opened.`,
        ),
    },
  };
}

export function sizeOf(file: GivenFile): number {
  return 'bytes' in file ? file.bytes.byteLength : file.file.size;
}

/** @throws WeirError changed-file where a file of the library is not what was kept, not-a-model where it cannot be read */
export async function bytesOf(given: GivenFile): Promise<ArrayBuffer> {
  if ('bytes' in given) return given.bytes;
  let bytes: ArrayBuffer;
  try {
    bytes = await given.file.arrayBuffer();
  } catch (thrown) {
    throw new WeirError(
      'not-a-model',
      `${given.name.slice(0, 80)} cannot be read: it was moved, changed or removed since it was chosen.`,
      { cause: thrown },
    );
  }
  if (given.sha256 !== undefined && (await sha256(bytes)) !== given.sha256) throw damaged(given.name);
  return bytes;
}

/** A file of this computer is copied from where it is, a finished download moves, bytes are written. */
export function toKeep(
  [main, ...data]: readonly [ModelFile, ...ModelFile[]],
  given: readonly GivenFile[],
  sha256OfMain: string,
  { keep }: Gathered,
): [FileToKeep, ...FileToKeep[]] {
  const source = (held: ModelFile, index: number) => {
    const from = given[index];
    return from !== undefined && 'file' in from ? from.file : new Blob([held.bytes]);
  };
  const first: FileToKeep =
    keep?.part === undefined
      ? { name: main.name, sha256: sha256OfMain, file: source(main, 0) }
      : { name: main.name, sha256: sha256OfMain, part: keep.part, bytes: main.bytes.byteLength };
  return [first, ...data.map((held, index) => ({ name: held.name, file: source(held, index + 1) }))];
}

export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'this site';
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
