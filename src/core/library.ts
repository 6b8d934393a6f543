/** What the library tells of the models that this browser keeps: plain data, for the page, the pipeline and the store. */
import type { ModelCard, TaskKind } from './card.ts';
import type { WeirErrorData } from './errors.ts';
import type { DeepPartial } from './settings.ts';

export interface KeptFile {
  /** As the model refers to it; of the model itself the name under which it came. */
  readonly name: string;
  /** Hex. */
  readonly sha256: string;
  readonly bytes: number;
}

export interface LibraryEntry {
  /** SHA-256 of the model; with data files beside it, of all their hashes. What `sha256:` addresses name. */
  readonly id: string;
  readonly name: string;
  /** The model first, its data files after it. */
  readonly files: readonly [KeptFile, ...KeptFile[]];
  readonly task: TaskKind;
  readonly licence?: string;
  /** Where it was downloaded from. */
  readonly url?: string;
  /** What a person or a card file changed of what is guessed. */
  readonly card?: DeepPartial<ModelCard>;
  /** Wall clock, ms since 1970: only shown and sorted by. */
  readonly addedAt: number;
  readonly usedAt: number;
}

/** A model to be had with one click: pinned, so that what opens is what was looked at. */
export interface CatalogueEntry {
  readonly name: string;
  readonly about: string;
  readonly task: string;
  readonly url: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly licence: string;
  /** Owner and repository. */
  readonly source: string;
  readonly card?: DeepPartial<ModelCard>;
}

export interface LibraryState {
  /** When it was read, wall clock. */
  readonly at: number;
  readonly entries: readonly LibraryEntry[];
  readonly catalogue: readonly CatalogueEntry[];
  /** Of this site in this browser, bytes; undefined where the browser does not tell. */
  readonly usage?: number;
  readonly quota?: number;
  /** The browser has promised not to clear it by itself. */
  readonly persisted: boolean;
  /** Why nothing can be kept here, such as a private window; undefined: it can. */
  readonly unavailable?: string;
}

/** How it stands with keeping the model that is open. */
export type Keeping =
  | { readonly status: 'writing'; readonly name: string; readonly share: number }
  | { readonly status: 'kept'; readonly name: string; readonly id: string; readonly url?: string }
  | { readonly status: 'failed'; readonly name: string; readonly error: WeirErrorData };

const scheme = 'sha256:';

export function isKeptAddress(address: string): boolean {
  return address.startsWith(scheme);
}

export function keptAddress(id: string): string {
  return scheme + id;
}

/** Undefined: no hash follows. */
export function keptId(address: string): string | undefined {
  const id = address.slice(scheme.length).toLowerCase();
  return isKeptAddress(address) && /^[0-9a-f]{64}$/.test(id) ? id : undefined;
}
