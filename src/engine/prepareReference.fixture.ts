/** Preparation as it is defined, in float64 and without regard to speed; what the tests of both preparers share. */
import fc from 'fast-check';
import type { Prepare } from '../core/card.ts';
import type { Picture } from '../core/payload.ts';

/** Noise: every pixel differs from its neighbours. */
export function pictureOf(width: number, height: number, seed: number): Picture {
  const bytes = new Uint8Array(width * height * 4);
  let state = seed | 1;
  for (let i = 0; i < bytes.length; i++) {
    state = Math.imul(state, 1_664_525) + 1_013_904_223;
    bytes[i] = state >>> 24;
  }
  return { buffer: bytes.buffer, width, height };
}

/** Mean over the covered source interval when shrinking more than 2x, else linear between pixel centres. */
function axis(size: number, ratio: number, at: number, sample: (index: number) => number, offset: number): number {
  if (ratio > 2) {
    const from = Math.max(0, at * ratio + offset);
    const to = Math.min(size, (at + 1) * ratio + offset);
    let sum = 0;
    for (let i = Math.floor(from); i < Math.min(size, Math.ceil(to)); i++)
      sum += sample(i) * (Math.min(to, i + 1) - Math.max(from, i));
    return sum / (to - from);
  }
  const centre = Math.min(size - 1, Math.max(0, (at + 0.5) * ratio + offset - 0.5));
  const low = Math.floor(centre);
  const high = Math.min(size - 1, low + 1);
  return sample(low) * (1 - (centre - low)) + sample(high) * (centre - low);
}

/** In tensor order, before rounding. */
export function reference(picture: Picture, p: Prepare): number[] {
  const pixels = new Uint8Array(picture.buffer);
  const { width: sw, height: sh } = picture;
  const scale = p.fit === 'letterbox' ? Math.min(p.width / sw, p.height / sh) : Math.max(p.width / sw, p.height / sh);
  const inner = p.fit === 'letterbox';
  const columns = inner ? Math.min(p.width, Math.max(1, Math.round(sw * scale))) : p.width;
  const rows = inner ? Math.min(p.height, Math.max(1, Math.round(sh * scale))) : p.height;
  const left = Math.floor((p.width - columns) / 2);
  const top = Math.floor((p.height - rows) / 2);
  const crop = p.fit === 'crop';
  const ratioX = crop ? 1 / scale : sw / columns;
  const ratioY = crop ? 1 / scale : sh / rows;
  const cropX = crop ? (sw - p.width / scale) / 2 : 0;
  const cropY = crop ? (sh - p.height / scale) / 2 : 0;
  const sampleAt = (x: number, y: number, c: number) =>
    axis(sh, ratioY, y, (v) => axis(sw, ratioX, x, (u) => pixels[(v * sw + u) * 4 + c] ?? NaN, cropX), cropY);
  const channels = p.color === 'gray' ? 1 : 3;
  const out: number[] = [];
  out.length = channels * p.width * p.height;
  for (let y = 0; y < p.height; y++)
    for (let x = 0; x < p.width; x++) {
      const inside = x >= left && x < left + columns && y >= top && y < top + rows;
      const [r, g, b] = inside
        ? ([0, 1, 2].map((c) => sampleAt(x - left, y - top, c)) as [number, number, number])
        : [p.pad, p.pad, p.pad];
      const values =
        p.color === 'rgb' ? [r, g, b] : p.color === 'bgr' ? [b, g, r] : [0.299 * r + 0.587 * g + 0.114 * b];
      values.forEach((value, c) => {
        const at = p.layout === 'nchw' ? (c * p.height + y) * p.width + x : (y * p.width + x) * channels + c;
        out[at] = (value * p.scale - (p.mean[c] ?? 0)) / (p.std[c] ?? 1);
      });
    }
  return out;
}

const side = fc.integer({ min: 1, max: 40 });
/** Of those that pixels can become. */
export const types = ['float32', 'float16', 'float64', 'uint8', 'int8', 'int16', 'int32', 'int64', 'uint64'] as const;
export const optionsOf = (given: readonly Prepare['type'][]) =>
  fc.record({
    input: fc.constant('x'),
    width: side,
    height: side,
    fit: fc.constantFrom('stretch' as const, 'letterbox' as const, 'crop' as const),
    color: fc.constantFrom('rgb' as const, 'bgr' as const, 'gray' as const),
    layout: fc.constantFrom('nchw' as const, 'nhwc' as const),
    type: fc.constantFrom(...given),
    scale: fc.constantFrom(1, 1 / 255, 1 / 128),
    mean: fc.constantFrom([0, 0, 0] as const, [0.485, 0.456, 0.406] as const, [104, 117, 123] as const),
    std: fc.constantFrom([1, 1, 1] as const, [0.229, 0.224, 0.225] as const),
    pad: fc.integer({ min: 0, max: 255 }),
  });

const limits: Record<string, readonly [number, number]> = {
  uint8: [0, 255],
  int8: [-128, 127],
  uint32: [0, 0xffffffff],
  uint64: [0, Number.MAX_SAFE_INTEGER],
};

/**
 * The first value that is further off than allowed, in words; undefined: all agree.
 * @param units of 255ths of the range of a channel, which is what may lie between `got` and the reference
 */
export function disagreement(
  got: ArrayLike<number | bigint>,
  picture: Picture,
  prepare: Prepare,
  units: number,
): string | undefined {
  const want = reference(picture, prepare);
  if (got.length !== want.length) return `${got.length} values, wanted ${want.length}`;
  const [low, high] = limits[prepare.type] ?? [-Infinity, Infinity];
  const integer = /int/.test(prepare.type);
  for (let i = 0; i < want.length; i++) {
    const exact = Math.min(high, Math.max(low, want[i] ?? NaN));
    const value = Number(got[i]);
    // Halves have 11 bits of their own; integers may round either way at a tie.
    const unit = prepare.scale / (prepare.std[channelOf(i, prepare)] ?? 1);
    const half = prepare.type === 'float16' ? Math.abs(exact) / 1024 : 0;
    const tolerance = integer ? 0.5 + (units / 5) * unit : units * unit + half;
    // A NaN must not slip through a comparison that is false for it.
    if (!(Math.abs(value - exact) <= tolerance + 1e-6)) return `at ${i}: ${value}, wanted ${exact}`;
  }
  return undefined;
}

function channelOf(index: number, { color, layout, width, height }: Prepare): number {
  if (color === 'gray') return 0;
  return layout === 'nhwc' ? index % 3 : Math.floor(index / (width * height));
}
