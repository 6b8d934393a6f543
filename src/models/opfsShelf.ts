/** The shelf in the private file system of this site (OPFS); only workers get the handles that write at once. */
import { messageOf, WeirError } from '../core/errors.ts';
import type { Place, Shelf } from './shelf.ts';

const folderName = 'weir-library';

/** Not in the types of every thread: only workers write at once, and `move` is still young. */
interface OpfsFile {
  createSyncAccessHandle(): Promise<{
    getSize(): number;
    read(into: Uint8Array<ArrayBuffer>, options: { at: number }): number;
    write(bytes: Uint8Array<ArrayBuffer>, options: { at: number }): number;
    truncate(size: number): void;
    flush(): void;
    close(): void;
  }>;
  move(folder: FileSystemDirectoryHandle, name: string): Promise<void>;
}

/** @throws WeirError not-kept where the browser gives this site no storage, storage-full where it has no room */
export async function openOpfsShelf(storage: StorageManager = navigator.storage): Promise<Shelf> {
  let root: FileSystemDirectoryHandle;
  try {
    root = await (await storage.getDirectory()).getDirectoryHandle(folderName, { create: true });
  } catch (thrown) {
    if (thrown instanceof DOMException && thrown.name === 'QuotaExceededError')
      throw new WeirError('storage-full', 'The browser has no room for a library of models.', { cause: thrown });
    throw new WeirError('not-kept', 'This browser gives the page no storage, as in a private window.', {
      cause: thrown,
    });
  }
  const folder = (place: Place) => root.getDirectoryHandle(place, { create: true });
  return {
    async names(place) {
      const names: string[] = [];
      for await (const name of (await folder(place)).keys()) names.push(name);
      return names;
    },
    async file(place, name) {
      try {
        return await (await (await folder(place)).getFileHandle(name)).getFile();
      } catch (thrown) {
        if (isNotFound(thrown)) return undefined;
        throw thrown;
      }
    },
    async writer(place, name) {
      const handle = await (await folder(place)).getFileHandle(name, { create: true });
      const access = await (handle as FileSystemFileHandle & OpfsFile).createSyncAccessHandle();
      return {
        size: () => access.getSize(),
        read: (into, at) => access.read(into, { at }),
        write(bytes, at) {
          // A disk that is full may take a part of it.
          for (let done = 0; done < bytes.byteLength; ) {
            const written = access.write(bytes.subarray(done), { at: at + done });
            if (written === 0) throw new DOMException('The disk takes no more.', 'QuotaExceededError');
            done += written;
          }
        },
        truncate: (size) => access.truncate(size),
        flush: () => access.flush(),
        close: () => access.close(),
      };
    },
    async move(from, name, to, as) {
      const handle = await (await folder(from)).getFileHandle(name);
      await (handle as FileSystemFileHandle & OpfsFile).move(await folder(to), as);
    },
    async remove(place, name) {
      try {
        await (await folder(place)).removeEntry(name);
        return true;
      } catch (thrown) {
        return isNotFound(thrown);
      }
    },
  };
}

export function isQuota(thrown: unknown): boolean {
  // Chromium has a class of its own for it since 2025, others a DOMException of that name.
  return thrown instanceof Error && (thrown.name === 'QuotaExceededError' || /quota/i.test(messageOf(thrown)));
}

function isNotFound(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === 'NotFoundError';
}
