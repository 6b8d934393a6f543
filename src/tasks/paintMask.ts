/**
 * A mask as device pixels of the overlay: half transparent inside, full at its edges, so that what lies under it can be
 * seen. Painted pixel by pixel, because drawing one canvas onto another waits for the page where there is no GPU.
 */
import type { Mask } from '../core/result.ts';
import { isOpen, lookOf, type Texture } from './classColors.ts';

const insideAlpha = 0x80;
const openAlpha = 0x30;

export interface Painted {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint32Array<ArrayBuffer>;
}

let columns = new Int32Array(0);

/**
 * @param frame the source frame's size, which is `width` x `height` device pixels here
 * @param unit device pixels of a CSS pixel, for textures that look the same on every screen
 * @param into used when it is large enough
 */
export function paintMask(
  mask: Mask,
  frame: { readonly width: number; readonly height: number },
  width: number,
  height: number,
  unit: number,
  into?: ArrayBuffer,
): Painted {
  const bytes = width * height * 4;
  const buffer = into !== undefined && into.byteLength >= bytes ? into : new ArrayBuffer(bytes);
  const pixels = new Uint32Array(buffer, 0, width * height);
  const [left, top, boxWidth, boxHeight] = mask.box;
  if (columns.length < width) columns = new Int32Array(width);
  for (let x = 0; x < width; x++) {
    const at = Math.floor(((((x + 0.5) * frame.width) / width - left) * mask.width) / boxWidth);
    columns[x] = at >= 0 && at < mask.width ? at : -1;
  }
  const looks = looksOf(mask);
  const pixelUnit = Math.max(1, Math.round(unit));
  for (let y = 0, out = 0; y < height; y++) {
    const row = Math.floor(((((y + 0.5) * frame.height) / height - top) * mask.height) / boxHeight);
    const outside = row < 0 || row >= mask.height;
    for (let x = 0; x < width; x++, out++) {
      const column = columns[x] ?? -1;
      const at = row * mask.width + column;
      const value = outside || column < 0 ? 0 : (mask.values[at] ?? 0);
      const look = value === 0 ? undefined : looks[value];
      if (look === undefined) {
        pixels[out] = 0;
        continue;
      }
      const edge =
        (column > 0 && mask.values[at - 1] !== value) ||
        (column < mask.width - 1 && mask.values[at + 1] !== value) ||
        (row > 0 && mask.values[at - mask.width] !== value) ||
        (row < mask.height - 1 && mask.values[at + mask.width] !== value);
      const alpha = edge ? 0xff : isOpen(look.texture, x, y, pixelUnit) ? openAlpha : insideAlpha;
      pixels[out] = look.bgr | (alpha << 24);
    }
  }
  return { width, height, pixels };
}

/** By the mask's values; little-endian RGBA without its alpha. */
function looksOf({ colors }: Mask): ({ readonly bgr: number; readonly texture: Texture } | undefined)[] {
  return [
    undefined,
    ...colors.map((index) => {
      const { rgb, texture } = lookOf(index);
      return { bgr: rgb[0] | (rgb[1] << 8) | (rgb[2] << 16), texture };
    }),
  ];
}
