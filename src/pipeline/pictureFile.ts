/**
 * The shown picture with its results as a PNG. Both are laid over each other here, pixel by pixel: drawing one canvas onto
 * another waits for the page where there is no GPU, and a mask replaces what lies under it.
 */
import type { Picture } from '../core/payload.ts';
import { resample } from '../core/resample.ts';

/** A small picture is enlarged to about this width, so that words on it can be read. */
const leastWidth = 640;

/** @param draw results over an empty canvas of this size; `pixelRatio` keeps words readable on large pictures */
export async function pictureFile(
  picture: Picture,
  draw: (ctx: OffscreenCanvasRenderingContext2D, width: number, height: number, pixelRatio: number) => void,
): Promise<Blob> {
  const times = Math.max(1, Math.ceil(leastWidth / picture.width));
  const [width, height] = [picture.width * times, picture.height * times];
  const { buffer } = times === 1 ? picture : resample(picture, width, height);
  const canvas = new OffscreenCanvas(width, height);
  const ctx = canvas.getContext('2d', { willReadFrequently: true });
  if (ctx === null) throw new Error('There is no canvas to draw on.');
  draw(ctx, width, height, Math.max(1, width / leastWidth));
  const { data: over } = ctx.getImageData(0, 0, width, height);
  const out = blend(new Uint8Array(buffer, 0, width * height * 4), over);
  ctx.putImageData(new ImageData(out, width, height), 0, 0);
  return canvas.convertToBlob({ type: 'image/png' });
}

/** Straight alpha over an opaque picture, RGBA both. */
export function blend(under: Uint8Array, over: Uint8ClampedArray | Uint8Array): Uint8ClampedArray<ArrayBuffer> {
  const out = new Uint8ClampedArray(under.length);
  for (let at = 0; at < out.length; at += 4) {
    const share = (over[at + 3] ?? 0) / 255;
    for (let c = at; c < at + 3; c++) out[c] = (over[c] ?? 0) * share + (under[c] ?? 0) * (1 - share);
    out[at + 3] = 255;
  }
  return out;
}
