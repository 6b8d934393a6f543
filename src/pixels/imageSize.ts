/** Width and height from an image's header, so that a bomb is refused before its pixels are allocated. */
import type { ImageFormat } from '../core/payload.ts';

export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** Stored size, before orientation; `undefined` where the header is cut or odd. */
export function imageSizeOf(bytes: Uint8Array, format: ImageFormat): ImageSize | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (format) {
    case 'png':
      return view.byteLength < 24 ? undefined : { width: view.getUint32(16), height: view.getUint32(20) };
    case 'jpeg':
      return jpegSize(view);
    case 'webp':
      return webpSize(view);
    case 'avif':
      return avifSize(view);
  }
}

/** Walks the segments to the start-of-frame (SOF0..SOF15 without DHT, JPG, DAC). */
function jpegSize(view: DataView): ImageSize | undefined {
  let at = 2;
  while (at + 9 <= view.byteLength) {
    if (view.getUint8(at) !== 0xff) return undefined;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    if (marker === 0xda || marker === 0xd9) return undefined;
    const standalone = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
    at += standalone ? 2 : 2 + view.getUint16(at + 2);
  }
  return undefined;
}

function webpSize(view: DataView): ImageSize | undefined {
  if (view.byteLength < 30) return undefined;
  switch (view.getUint32(12)) {
    case 0x56503858: // VP8X
      return { width: 1 + uint24(view, 24), height: 1 + uint24(view, 27) };
    case 0x56503820: // 'VP8 '
      return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
    case 0x5650384c: {
      // VP8L
      const bits = view.getUint32(21, true);
      return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
    }
    default:
      return undefined;
  }
}

function uint24(view: DataView, at: number): number {
  return view.getUint8(at) | (view.getUint8(at + 1) << 8) | (view.getUint8(at + 2) << 16);
}

/** Boxes that lead to the sizes, and how many bytes each has before its first child. */
const avifPath = [
  { type: 0x6d657461, header: 4 }, // meta
  { type: 0x69707270, header: 0 }, // iprp
  { type: 0x6970636f, header: 0 }, // ipco
] as const;

/** The largest `ispe` property: that of the picture itself, where others are of its tiles or its thumbnail. */
function avifSize(view: DataView): ImageSize | undefined {
  let parts = [{ from: 0, to: view.byteLength }];
  for (const { type, header } of avifPath)
    parts = parts.flatMap(({ from, to }) =>
      boxes(view, from, to)
        .filter((box) => box.type === type)
        .map((box) => ({ from: box.from + header, to: box.to })),
    );
  let largest: ImageSize | undefined;
  for (const { from, to } of parts)
    for (const box of boxes(view, from, to)) {
      if (box.type !== 0x69737065 || box.from + 12 > box.to) continue; // ispe
      const size = { width: view.getUint32(box.from + 4), height: view.getUint32(box.from + 8) };
      if (largest === undefined || size.width * size.height > largest.width * largest.height) largest = size;
    }
  return largest;
}

/** More than any picture has; a message full of empty ones must not become as many objects. */
const mostBoxes = 4096;

/** `from` is behind size and type. A box that is cut, or of 64-bit size, ends the list. */
function boxes(view: DataView, from: number, to: number): { type: number; from: number; to: number }[] {
  const found = [];
  for (let at = from; at + 8 <= to && found.length < mostBoxes; ) {
    const size = view.getUint32(at);
    const end = size === 0 ? to : at + size;
    if (end > to || end < at + 8) break;
    found.push({ type: view.getUint32(at + 4), from: at + 8, to: end });
    at = end;
  }
  return found;
}
