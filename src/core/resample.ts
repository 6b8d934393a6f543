/**
 * Small pictures to another size for showing, on the CPU: drawing one canvas onto another waits for the page's main
 * thread where there is no GPU context, and a busy page must never hold up the pipeline.
 */
import type { Picture } from './payload.ts';

/** Bilinear with half-pixel centres; `into` is used when it is large enough. Not for shrinking by more than about 2x. */
export function resample(source: Picture, width: number, height: number, into?: ArrayBuffer): Picture {
  const bytes = width * height * 4;
  const buffer = into !== undefined && into.byteLength >= bytes ? into : new ArrayBuffer(bytes);
  const from = new Uint8Array(source.buffer, 0, source.width * source.height * 4);
  const to = new Uint8Array(buffer, 0, bytes);
  const stepX = source.width / width;
  const stepY = source.height / height;
  for (let y = 0, at = 0; y < height; y++) {
    const sy = Math.max(0, (y + 0.5) * stepY - 0.5);
    const top = Math.min(source.height - 1, Math.floor(sy));
    const bottom = Math.min(source.height - 1, top + 1);
    const fy = sy - top;
    for (let x = 0; x < width; x++) {
      const sx = Math.max(0, (x + 0.5) * stepX - 0.5);
      const left = Math.min(source.width - 1, Math.floor(sx));
      const right = Math.min(source.width - 1, left + 1);
      const fx = sx - left;
      const a = (top * source.width + left) * 4;
      const b = (top * source.width + right) * 4;
      const c = (bottom * source.width + left) * 4;
      const d = (bottom * source.width + right) * 4;
      for (let channel = 0; channel < 4; channel++, at++) {
        const above = (from[a + channel] as number) * (1 - fx) + (from[b + channel] as number) * fx;
        const below = (from[c + channel] as number) * (1 - fx) + (from[d + channel] as number) * fx;
        to[at] = above * (1 - fy) + below * fy + 0.5;
      }
    }
  }
  return { buffer, width, height };
}
