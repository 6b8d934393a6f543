/**
 * Bytes that announce a picture and are none, or one too large for any browser: headers of 65535 x 65535 pixels that a
 * decoder would take four gigabytes for, cut files, and a bomb that is within the limits.
 */
import { crc32, deflateSync } from 'node:zlib';
import { demoFrame } from '../server/demoScene.ts';

const side = 0xffff;
const ascii = (text: string) => Array.from(text, (letter) => letter.charCodeAt(0));
const u16 = (value: number) => [value >> 8, value & 255];
const u32 = (value: number) => [...u16(value >>> 16), ...u16(value & 0xffff)];
const filled = (...bytes: number[]) => Uint8Array.from([...bytes, ...new Uint8Array(64)]);

/** Of one bit a pixel, all of it black or white: 64 million pixels are 8 kB. */
export function plainPng(width: number, height: number, color: 'black' | 'white'): Uint8Array {
  const header = Uint8Array.from([...u32(width), ...u32(height), 1, 0, 0, 0, 0]);
  const stride = 1 + Math.ceil(width / 8);
  // The first byte of a row is its filter: none.
  const rows = Uint8Array.from({ length: stride * height }, (_, i) => (color === 'white' && i % stride > 0 ? 255 : 0));
  return Buffer.concat([
    Uint8Array.from([0x89, ...ascii('PNG\r\n\x1a\n')]),
    ...[chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', new Uint8Array(0))],
  ]);
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Uint8Array.from(ascii(type)), data]);
  return Buffer.concat([Uint8Array.from(u32(data.length)), body, Uint8Array.from(u32(crc32(body)))]);
}

/** The first bytes of a PNG with nothing behind them. */
function pngHeader(): Uint8Array {
  return filled(
    0x89,
    ...ascii('PNG\r\n\x1a\n'),
    ...u32(13),
    ...ascii('IHDR'),
    ...u32(side),
    ...u32(side),
    8,
    2,
    0,
    0,
    0,
  );
}

function jpegHeader(): Uint8Array {
  return filled(0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xc0, 0, 17, 8, ...u16(side), ...u16(side), 3);
}

function webpHeader(): Uint8Array {
  const less = [0xfe, 0xff, 0];
  return filled(...ascii('RIFF'), 90, 0, 0, 0, ...ascii('WEBPVP8X'), 10, 0, 0, 0, 0, 0, 0, 0, ...less, ...less);
}

function avifHeader(): Uint8Array {
  const box = (type: string, ...rest: number[]): number[] => [...u32(8 + rest.length), ...ascii(type), ...rest];
  const size = box('ispe', 0, 0, 0, 0, ...u32(side), ...u32(side));
  return filled(
    ...box('ftyp', ...ascii('avif'), 0, 0, 0, 0, ...ascii('avif')),
    ...box('meta', 0, 0, 0, 0, ...box('iprp', ...box('ipco', ...size))),
  );
}

/** Formats that Weir decodes. */
export const hugeHeaders = [
  { format: 'PNG', bytes: pngHeader },
  { format: 'JPEG', bytes: jpegHeader },
  { format: 'WebP', bytes: webpHeader },
  { format: 'AVIF', bytes: avifHeader },
] as const;

/** Formats that it does not decode. */
export const foreignHeaders = [
  { format: 'GIF', bytes: () => filled(...ascii('GIF89a'), 0xff, 0xff, 0xff, 0xff, 0xf7, 0, 0) },
  { format: 'BMP', bytes: () => filled(...ascii('BM'), ...new Uint8Array(16), 0xff, 0xff, 0, 0, 0xff, 0xff, 0, 0) },
] as const;

export function cutPng(): Uint8Array {
  return demoFrame(0).subarray(0, 200);
}

/** The identifier of the ORT format with nothing behind it that makes sense. */
export function ortNoise(): Uint8Array {
  const bytes = Uint8Array.from({ length: 400 }, (_, i) => (i * 37) & 255);
  bytes.set([0x18, 0, 0, 0, ...ascii('ORTM')]);
  return bytes;
}
