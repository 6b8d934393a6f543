/**
 * A tensor's last two dimensions as a small picture in one hue, dark for the smallest value.
 * For drawing only: values are sampled, so read numbers from the summary.
 */
import type { Picture } from '../core/payload.ts';
import type { NumberData } from './numbers.ts';

const maxSide = 256;
const minSide = 8;

/** The page's `--heat-0..4` in the dark theme, which the preview always has. */
const stops = [
  [0x12, 0x16, 0x1a],
  [0x12, 0x3a, 0x3a],
  [0x14, 0x5f, 0x5b],
  [0x15, 0x93, 0x89],
  [0x2e, 0xd3, 0xc2],
] as const;
/** 256 colours, dark for the smallest value. */
export const ramp = createRamp();

/** Of `[..., H, W]` the first plane, of `[1,H,W,C]` the first channel; undefined when a side is under 8. */
export function heatMapOf(values: NumberData, dims: readonly number[], min: number, max: number): Picture | undefined {
  const plane = planeOf(dims);
  if (plane === undefined) return undefined;
  const width = Math.min(plane.width, maxSide);
  const height = Math.min(plane.height, maxSide);
  const pixels = new Uint32Array(width * height);
  const scale = max > min ? 255 / (max - min) : 0;
  for (let y = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * plane.height) / height) * plane.width;
    for (let x = 0; x < width; x++) {
      const value = values[(row + Math.floor(((x + 0.5) * plane.width) / width)) * plane.step] ?? NaN;
      const level = Math.min(255, Math.max(0, Math.round((value - min) * scale)));
      // NaN and infinities stay transparent: they have no place on the ramp.
      pixels[y * width + x] = value - value === 0 ? (ramp[level] ?? 0) : 0;
    }
  }
  return { buffer: pixels.buffer, width, height };
}

function planeOf(dims: readonly number[]): { height: number; width: number; step: number } | undefined {
  const [rows = 0, columns = 0, last = 0] = dims.length === 4 ? dims.slice(1) : [];
  // NHWC: rows first, then columns, and far fewer channels at the end.
  const nhwc = last > 0 && last * 2 <= Math.min(rows, columns);
  const [height = 0, width = 0] = nhwc ? [rows, columns] : dims.slice(-2);
  return height >= minSide && width >= minSide ? { height, width, step: nhwc ? last : 1 } : undefined;
}

/** 256 RGBA values as little-endian words, straight lines between the stops. */
function createRamp(): Uint32Array {
  const out = new Uint32Array(256);
  const bytes = new Uint8Array(out.buffer);
  for (let i = 0; i < 256; i++) {
    const at = (i / 255) * (stops.length - 1);
    const low = Math.min(Math.floor(at), stops.length - 2);
    const share = at - low;
    for (let c = 0; c < 3; c++) {
      const from = stops[low]?.[c] ?? 0;
      bytes[i * 4 + c] = Math.round(from + ((stops[low + 1]?.[c] ?? 0) - from) * share);
    }
    bytes[i * 4 + 3] = 255;
  }
  return out;
}
