/** Tells what the input of a feed is: an address, a folder of pictures, one picture, or a file that needs ffmpeg. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { imageFormatOf } from '../src/core/imageFormat.ts';
import { isNpy } from '../src/core/wire/npy.ts';
import { isPictureName } from './pictureFiles.ts';

export type FeedInput = { readonly kind: 'address' | 'video' | 'picture' | 'folder'; readonly at: string };

/** A relative path is meant from `cwd`. @throws Error with a sentence for the person */
export function feedInput(text: string, cwd: string): FeedInput {
  // One letter before the colon is a drive of Windows.
  const scheme = /^([a-z][a-z\d+.-]+):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === 'ws' || scheme === 'wss')
    throw new Error('This is a WebSocket already: enter the address in Weir, without this command.');
  if (scheme !== undefined && scheme !== 'file') return { kind: 'address', at: text };
  const at = scheme === 'file' ? fileURLToPath(text) : resolve(cwd, text);
  const found = statSync(at, { throwIfNoEntry: false });
  if (found === undefined) throw new Error(`There is no file or folder "${at}".`);
  if (found.isDirectory()) return { kind: 'folder', at };
  // By name too: a file of MJPEG begins like a picture and is a video.
  return { kind: isPictureName(at) && isPicture(firstBytes(at)) ? 'picture' : 'video', at };
}

function isPicture(start: Uint8Array): boolean {
  return imageFormatOf(start) !== undefined || isNpy(start);
}

function firstBytes(path: string): Uint8Array {
  const file = openSync(path, 'r');
  try {
    const bytes = new Uint8Array(256);
    return bytes.subarray(0, readSync(file, bytes));
  } finally {
    closeSync(file);
  }
}
