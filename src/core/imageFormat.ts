/** Tells an encoded image by its first bytes, never by a name or a declared type. Sources and pixels both ask. */
import type { ImageFormat } from './payload.ts';

/** `undefined` when the bytes are none of the formats that Weir decodes. 16 bytes are enough (AVIF: its first box). */
export function imageFormatOf(bytes: Uint8Array): ImageFormat | undefined {
  if (starts(bytes, 0, [0xff, 0xd8, 0xff])) return 'jpeg';
  if (starts(bytes, 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return 'png';
  if (text(bytes, 0, 4) === 'RIFF' && text(bytes, 8, 4) === 'WEBP') return 'webp';
  if (text(bytes, 4, 4) === 'ftyp' && hasAvifBrand(bytes)) return 'avif';
  return undefined;
}

/** Major brand, then the compatible brands to the end of the `ftyp` box. */
function hasAvifBrand(bytes: Uint8Array): boolean {
  const size = ((bytes[0] ?? 0) << 24) | ((bytes[1] ?? 0) << 16) | ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0);
  const end = Math.min(bytes.length, Math.max(size, 12), 256);
  for (let at = 8; at + 4 <= end; at += 4) {
    const brand = text(bytes, at, 4);
    if (brand === 'avif' || brand === 'avis') return true;
  }
  return false;
}

function starts(bytes: Uint8Array, at: number, magic: readonly number[]): boolean {
  return magic.every((value, i) => bytes[at + i] === value);
}

function text(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}
