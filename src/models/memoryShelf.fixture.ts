/** A shelf in memory that dies when it is told to: what it holds then is what a page finds that was killed at that step. */
import type { Locks } from './library.ts';
import type { Place, Shelf } from './shelf.ts';

export class Killed extends Error {}

export interface MemoryShelf extends Shelf {
  readonly folders: Readonly<Record<Place, Map<string, Uint8Array<ArrayBuffer>>>>;
  /** Steps so far: everything that changes what lies there. */
  readonly steps: number;
}

/** @param room bytes that fit in; @param diesAt at which step it is killed, half of what it writes there being written */
export function createMemoryShelf(room = Infinity, diesAt = Infinity, before?: MemoryShelf): MemoryShelf {
  const folders = {
    parts: new Map(before?.folders.parts),
    blobs: new Map(before?.folders.blobs),
    entries: new Map(before?.folders.entries),
  };
  const writers = new Set<string>();
  let steps = 0;
  const step = (half?: () => void) => {
    steps += 1;
    if (steps < diesAt) return;
    if (steps === diesAt) half?.();
    throw new Killed();
  };
  const used = () =>
    Object.values(folders).reduce((sum, files) => sum + [...files.values()].reduce((a, b) => a + b.byteLength, 0), 0);
  const of = (place: Place, name: string) => folders[place].get(name) ?? new Uint8Array();
  return {
    folders,
    get steps() {
      return steps;
    },
    names: (place) => Promise.resolve([...folders[place].keys()]),
    async file(place, name) {
      const bytes = folders[place].get(name);
      return bytes === undefined ? undefined : new Blob([bytes]);
    },
    async writer(place, name) {
      step();
      const key = `${place}/${name}`;
      if (writers.has(key)) throw new DOMException('It is open.', 'NoModificationAllowedError');
      writers.add(key);
      if (!folders[place].has(name)) folders[place].set(name, new Uint8Array());
      const put = (bytes: Uint8Array, at: number) => {
        const old = of(place, name);
        const next = new Uint8Array(Math.max(old.byteLength, at + bytes.byteLength));
        next.set(old);
        next.set(bytes, at);
        folders[place].set(name, next);
      };
      return {
        size: () => of(place, name).byteLength,
        read(into, at) {
          const from = of(place, name).subarray(at, at + into.byteLength);
          into.set(from);
          return from.byteLength;
        },
        write(bytes, at) {
          step(() => put(bytes.subarray(0, bytes.byteLength >> 1), at));
          if (used() + bytes.byteLength > room) throw new DOMException('Full.', 'QuotaExceededError');
          put(bytes, at);
        },
        truncate: (size) => void folders[place].set(name, of(place, name).slice(0, size)),
        flush() {},
        close: () => void writers.delete(key),
      };
    },
    async move(from, name, to, as) {
      step();
      folders[to].set(as, of(from, name));
      folders[from].delete(name);
    },
    async remove(place, name) {
      step();
      if (writers.has(`${place}/${name}`)) return false;
      folders[place].delete(name);
      return true;
    },
  };
}

/** One tab alone. */
export const freeLocks = {
  request: (_: string, ...rest: unknown[]) => {
    const work = rest.at(-1);
    if (typeof work !== 'function') throw new Error('A lock is taken for some work.');
    return Promise.resolve(work({}));
  },
} as Locks;
