/** All files of a drop, those inside of folders too, in the order of their paths; and which of them are pictures. */

/** A folder larger than this is cut; a person who drops a whole disk has missed. */
const maxFiles = 20_000;

export async function droppedFiles(transfer: DataTransfer | null): Promise<File[]> {
  if (transfer === null) return [];
  // Entries must be taken before the first await: the list is emptied after the event.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry());
  const plain = [...transfer.files];
  if (!entries.some((entry) => entry?.isDirectory === true)) return plain;
  const files: { path: string; file: File }[] = [];
  for (const entry of entries) if (entry !== null) await collect(entry, files);
  return files.toSorted((a, b) => a.path.localeCompare(b.path, undefined, { numeric: true })).map(({ file }) => file);
}

async function collect(entry: FileSystemEntry, into: { path: string; file: File }[]): Promise<void> {
  if (into.length >= maxFiles) return;
  if (entry.isFile) {
    const file = await new Promise<File | undefined>((done) =>
      (entry as FileSystemFileEntry).file(done, () => done(undefined)),
    );
    if (file !== undefined && !file.name.startsWith('.')) into.push({ path: entry.fullPath, file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  // A reader gives a hundred at a time, and nothing when it is through.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((done) => reader.readEntries(done, () => done([])));
    if (some.length === 0) return;
    for (const each of some) await collect(each, into);
  }
}

export function isVideoFile({ name, type }: File): boolean {
  return /\.(mp4|m4v|mov|webm|mkv|ts)$/i.test(name) || type.startsWith('video/');
}

/** By name or type only, to tell a picture from a model; what the bytes are is seen when they are decoded. */
export function isPictureFile({ name, type }: File): boolean {
  return /\.(jpe?g|png|webp|avif|npy)$/i.test(name) || /^image\/(jpeg|png|webp|avif)$/.test(type);
}
