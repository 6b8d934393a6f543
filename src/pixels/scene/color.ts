/** Colours of the scene: opaque, as bytes R, G, B, A in a little-endian word, signed, because engines keep small integers unboxed. */

export const white = -1;

/** From `0xrrggbb`. */
export function colorOf(rgb: number): number {
  return 0xff000000 | ((rgb & 255) << 16) | (rgb & 0xff00) | ((rgb >> 16) & 255);
}

/** From colour `a` to colour `b`; `share` in 0..1, in steps of 1/256. Two channels in one multiplication. */
export function mixed(a: number, b: number, share: number): number {
  const to = (share * 256 + 0.5) | 0;
  const from = 256 - to;
  const outer = (Math.imul(a & 0xff00ff, from) + Math.imul(b & 0xff00ff, to) + 0x800080) >>> 8;
  const middle = ((a >>> 8) & 255) * from + ((b >>> 8) & 255) * to + 0x80;
  return 0xff000000 | (outer & 0xff00ff) | (middle & 0xff00);
}
