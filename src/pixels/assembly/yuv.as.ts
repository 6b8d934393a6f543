// AssemblyScript: YUV planes of a camera frame to RGBA bytes, by WebAssembly SIMD, 16 pixels a step.
// It exists because without a GPU context every conversion by the browser waits for the page's main thread.

let yTerm: i32 = 16;
let yGain: i32 = 0;
let vToR: i32 = 0;
let uToG: i32 = 0;
let vToG: i32 = 0;
let uToB: i32 = 0;

/** Gains as Q15 of a quarter: a product of (sample << 6) comes out in sixteenths, with room for every standard. */
export function configure(black: i32, gain: i32, rv: i32, gu: i32, gv: i32, bu: i32): void {
  yTerm = black;
  yGain = gain;
  vToR = rv;
  uToG = gu;
  vToG = gv;
  uToB = bu;
}

function luma(samples: v128): v128 {
  return i16x8.q15mulr_sat_s(i16x8.shl(i16x8.sub(samples, i16x8.splat(<i16>yTerm)), 6), i16x8.splat(<i16>yGain));
}

function chroma(samples: v128): v128 {
  return i16x8.shl(i16x8.sub(samples, i16x8.splat(128)), 6);
}

function gain(samples: v128, by: i32): v128 {
  return i16x8.q15mulr_sat_s(samples, i16x8.splat(<i16>by));
}

/** Two vectors of sixteenths -> 16 bytes, rounded and saturated. */
function bytes(low: v128, high: v128): v128 {
  const half = i16x8.splat(8);
  return i8x16.narrow_i16x8_u(i16x8.shr_s(i16x8.add(low, half), 4), i16x8.shr_s(i16x8.add(high, half), 4));
}

/**
 * One frame. `mode`: 0 chroma of half width in two planes, 1 of half width interleaved (NV12), 2 of full width;
 * `chromaShift`: 1 when chroma has half the rows. Reads and writes up to 16 pixels past the end of each row: leave room.
 */
export function convert(
  y: usize,
  yStride: i32,
  u: usize,
  uStride: i32,
  v: usize,
  vStride: i32,
  width: i32,
  height: i32,
  mode: i32,
  chromaShift: i32,
  target: usize,
): void {
  const opaque = i8x16.splat(-1);
  for (let line = 0; line < height; line++) {
    const yRow = y + <usize>(line * yStride);
    const uRow = u + <usize>((line >> chromaShift) * uStride);
    const vRow = v + <usize>((line >> chromaShift) * vStride);
    let out = target + <usize>(line * width * 4);
    for (let x = 0; x < width; x += 16) {
      const samples = v128.load(yRow + x);
      const y0 = luma(i16x8.extend_low_i8x16_u(samples));
      const y1 = luma(i16x8.extend_high_i8x16_u(samples));
      let u0: v128, u1: v128, v0: v128, v1: v128;
      if (mode == 2) {
        const us = v128.load(uRow + x);
        const vs = v128.load(vRow + x);
        u0 = chroma(i16x8.extend_low_i8x16_u(us));
        u1 = chroma(i16x8.extend_high_i8x16_u(us));
        v0 = chroma(i16x8.extend_low_i8x16_u(vs));
        v1 = chroma(i16x8.extend_high_i8x16_u(vs));
      } else {
        let us: v128, vs: v128;
        if (mode == 1) {
          const pairs = v128.load(uRow + x);
          us = v128.and(pairs, i16x8.splat(255));
          vs = i16x8.shr_u(pairs, 8);
        } else {
          us = v128.load_ext<u8>(uRow + (x >> 1));
          vs = v128.load_ext<u8>(vRow + (x >> 1));
        }
        us = chroma(us);
        vs = chroma(vs);
        u0 = v128.shuffle<i16>(us, us, 0, 0, 1, 1, 2, 2, 3, 3);
        u1 = v128.shuffle<i16>(us, us, 4, 4, 5, 5, 6, 6, 7, 7);
        v0 = v128.shuffle<i16>(vs, vs, 0, 0, 1, 1, 2, 2, 3, 3);
        v1 = v128.shuffle<i16>(vs, vs, 4, 4, 5, 5, 6, 6, 7, 7);
      }
      const r = bytes(i16x8.add(y0, gain(v0, vToR)), i16x8.add(y1, gain(v1, vToR)));
      const g = bytes(
        i16x8.sub(y0, i16x8.add(gain(u0, uToG), gain(v0, vToG))),
        i16x8.sub(y1, i16x8.add(gain(u1, uToG), gain(v1, vToG))),
      );
      const b = bytes(i16x8.add(y0, gain(u0, uToB)), i16x8.add(y1, gain(u1, uToB)));
      const rgLow = v128.shuffle<i8>(r, g, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      const rgHigh = v128.shuffle<i8>(r, g, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
      const baLow = v128.shuffle<i8>(b, opaque, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      const baHigh = v128.shuffle<i8>(b, opaque, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
      v128.store(out, v128.shuffle<i16>(rgLow, baLow, 0, 8, 1, 9, 2, 10, 3, 11), 0);
      v128.store(out, v128.shuffle<i16>(rgLow, baLow, 4, 12, 5, 13, 6, 14, 7, 15), 16);
      v128.store(out, v128.shuffle<i16>(rgHigh, baHigh, 0, 8, 1, 9, 2, 10, 3, 11), 32);
      v128.store(out, v128.shuffle<i16>(rgHigh, baHigh, 4, 12, 5, 13, 6, 14, 7, 15), 48);
      out += 64;
    }
  }
}

/** Rows of four-byte pixels to tight RGBA: swaps red and blue, or makes opaque, or both. Same room as `convert`. */
export function reorder(
  source: usize,
  stride: i32,
  width: i32,
  height: i32,
  swap: bool,
  opaque: bool,
  target: usize,
): void {
  const alpha = opaque ? i32x4.splat(0xff000000) : i32x4.splat(0);
  for (let line = 0; line < height; line++) {
    const row = source + <usize>(line * stride);
    const out = target + <usize>(line * width * 4);
    for (let x = 0; x < width * 4; x += 16) {
      let p = v128.load(row + x);
      if (swap) p = v128.shuffle<i8>(p, p, 2, 1, 0, 3, 6, 5, 4, 7, 10, 9, 8, 11, 14, 13, 12, 15);
      v128.store(out + x, v128.or(p, alpha));
    }
  }
}
