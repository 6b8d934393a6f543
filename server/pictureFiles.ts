/**
 * Pictures of a folder, or one picture, as they are: Weir decodes JPEG, PNG, WebP, AVIF and `.npy`, so nothing needs ffmpeg.
 * One file is read at a time, and the folder is read anew for each round, so pictures may come and go.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { maxEncodedBytes } from '../src/core/payload.ts';

const byNumber = new Intl.Collator('en', { numeric: true });

export function isPictureName(name: string): boolean {
  return /\.(jpe?g|png|webp|avif|npy)$/i.test(name);
}

export interface PictureList {
  readonly paths: readonly string[];
  /** Files that are no pictures, hidden ones aside. */
  readonly others: number;
  readonly folders: number;
}

/** Names in natural order: `2.png` before `10.png`. Hidden files and folders inside are left out. */
export async function picturesIn(folder: string): Promise<PictureList> {
  const entries = (await readdir(folder, { withFileTypes: true })).filter(({ name }) => !name.startsWith('.'));
  const files = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  const names = files.filter(isPictureName);
  const counts = { others: files.length - names.length, folders: entries.length - files.length };
  if (names.length === 0)
    throw new Error(
      `The folder "${folder}" holds no pictures: JPEG, PNG, WebP, AVIF and .npy are taken.${leftOut(counts)}`,
    );
  const paths = names.toSorted((a, b) => byNumber.compare(a, b) || (a < b ? -1 : 1)).map((name) => join(folder, name));
  return { paths, ...counts };
}

/** A sentence after another one; empty when nothing was. */
export function leftOut({ others, folders }: Pick<PictureList, 'others' | 'folders'>): string {
  const parts = [
    ...(others === 0 ? [] : [others === 1 ? '1 file that is no picture' : `${others} files that are no pictures`]),
    ...(folders === 0 ? [] : [folders === 1 ? '1 folder inside' : `${folders} folders inside`]),
  ];
  return parts.length === 0 ? '' : ` Left out: ${parts.join(', ')}.`;
}

/** @throws Error with a sentence when Weir would not take it */
export async function checkPictureSize(path: string): Promise<void> {
  const { size } = await stat(path);
  const mebibytes = (bytes: number) => `${Math.ceil(bytes / 1024 ** 2)} MiB`;
  if (size > maxEncodedBytes)
    throw new Error(`"${path}" has ${mebibytes(size)}; the limit of a picture is ${mebibytes(maxEncodedBytes)}.`);
}

/** `list` is asked at the start of each round; it throws when there is nothing. `report` hears once of what is too large. */
export async function* pictureFiles(
  list: () => Promise<readonly string[]>,
  loop: boolean,
  report: (line: string) => void,
): AsyncGenerator<Buffer> {
  const reported = new Set<string>();
  do {
    let read = 0;
    let problem: unknown;
    for (const path of await list()) {
      let bytes: Buffer;
      try {
        await checkPictureSize(path);
        bytes = await readFile(path);
      } catch (error) {
        problem = error;
        // One with a code was moved or deleted since the round began: the next one knows.
        if (error instanceof Error && !('code' in error) && !reported.has(path)) {
          reported.add(path);
          report(`${error.message} It is left out.`);
        }
        continue;
      }
      read += 1;
      yield bytes;
    }
    if (read === 0) throw problem;
  } while (loop);
}
