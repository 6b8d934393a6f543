/** All files of a drop, those inside of folders too, in the order of their paths. */

/** A folder larger than this is cut; a person who drops a whole disk has missed. */
const maxFiles = 20_000;

export interface Dropped {
  readonly files: readonly File[];
  /** There were more than are taken. */
  readonly isCut: boolean;
}

export async function droppedFiles(transfer: DataTransfer | null): Promise<Dropped> {
  if (transfer === null) return { files: [], isCut: false };
  // Entries must be taken before the first await: the list is emptied after the event.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry());
  const plain = [...transfer.files];
  if (!entries.some((entry) => entry?.isDirectory === true)) return { files: plain, isCut: false };
  const found: Found = { files: [], isCut: false };
  for (const entry of entries) if (entry !== null) await collect(entry, found);
  const files = found.files
    .toSorted((a, b) => a.path.localeCompare(b.path, undefined, { numeric: true }))
    .map(({ file }) => file);
  return { files, isCut: found.isCut };
}

interface Found {
  readonly files: { path: string; file: File }[];
  isCut: boolean;
}

async function collect(entry: FileSystemEntry, into: Found): Promise<void> {
  if (into.isCut) return;
  if (entry.isFile) {
    if (entry.name.startsWith('.')) return;
    if (into.files.length >= maxFiles) {
      into.isCut = true;
      return;
    }
    const file = await new Promise<File | undefined>((done) =>
      (entry as FileSystemFileEntry).file(done, () => done(undefined)),
    );
    if (file !== undefined) into.files.push({ path: entry.fullPath, file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  // A reader gives a hundred at a time, and nothing when it is through.
  while (!into.isCut) {
    const some = await new Promise<FileSystemEntry[]>((done) => reader.readEntries(done, () => done([])));
    if (some.length === 0) return;
    for (const each of some) await collect(each, into);
  }
}
