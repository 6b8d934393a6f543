// AssemblyScript: from RGBA bytes to the planes or pixels of an input tensor, by WebAssembly SIMD.
// It exists because canvas scaling misses the tolerance and an ORT graph for the same work is several times slower.

function group(bytes: v128, at: i32): v128 {
  const wide = at < 2 ? i16x8.extend_low_i8x16_u(bytes) : i16x8.extend_high_i8x16_u(bytes);
  return f32x4.convert_i32x4_u(at & 1 ? i32x4.extend_high_i16x8_u(wide) : i32x4.extend_low_i16x8_u(wide));
}

/** row = a * wa + b * wb, four pixels at a time. */
function mix(a: usize, b: usize, wa: f32, wb: f32, row: usize, groups: i32): void {
  const x = f32x4.splat(wa);
  const y = f32x4.splat(wb);
  for (let i = 0; i < groups; i++) {
    const p = v128.load(a);
    const q = v128.load(b);
    v128.store(row, f32x4.add(f32x4.mul(group(p, 0), x), f32x4.mul(group(q, 0), y)), 0);
    v128.store(row, f32x4.add(f32x4.mul(group(p, 1), x), f32x4.mul(group(q, 1), y)), 16);
    v128.store(row, f32x4.add(f32x4.mul(group(p, 2), x), f32x4.mul(group(q, 2), y)), 32);
    v128.store(row, f32x4.add(f32x4.mul(group(p, 3), x), f32x4.mul(group(q, 3), y)), 48);
    a += 16;
    b += 16;
    row += 64;
  }
}

/** row += a * w. */
function add(a: usize, w: f32, row: usize, groups: i32): void {
  const x = f32x4.splat(w);
  for (let i = 0; i < groups; i++) {
    const p = v128.load(a);
    v128.store(row, f32x4.add(v128.load(row, 0), f32x4.mul(group(p, 0), x)), 0);
    v128.store(row, f32x4.add(v128.load(row, 16), f32x4.mul(group(p, 1), x)), 16);
    v128.store(row, f32x4.add(v128.load(row, 32), f32x4.mul(group(p, 2), x)), 32);
    v128.store(row, f32x4.add(v128.load(row, 48), f32x4.mul(group(p, 3), x)), 48);
    a += 16;
    row += 64;
  }
}

/**
 * Separable resize and the affine map of `Prepare`. `source` is RGBA with `sourceWidth` pixels a row. Per output row and
 * column there is a start index (i32) and `taps` weights (f32). `row` holds one blended source row (f32x4 a pixel).
 * `affine`: four factors, then four terms, by tensor channel. `color`: 0 rgb, 1 bgr, 2 gray. Steps are in bytes.
 */
export function resize(
  source: usize,
  sourceWidth: i32,
  row: usize,
  yStarts: usize,
  yWeights: usize,
  yTaps: i32,
  rows: i32,
  xStarts: usize,
  xWeights: usize,
  xTaps: i32,
  columns: i32,
  affine: usize,
  color: i32,
  target: usize,
  rowStep: i32,
  pixelStep: i32,
  channelStep: i32,
): void {
  const factor = v128.load(affine);
  const term = v128.load(affine, 16);
  const luma = f32x4(0.299, 0.587, 0.114, 0);
  const groups = (sourceWidth + 3) >> 2;
  const stride = sourceWidth << 2;
  for (let y = 0; y < rows; y++) {
    let from = source + <usize>(load<i32>(yStarts + ((<usize>y) << 2)) * stride);
    let weight = yWeights + <usize>((y * yTaps) << 2);
    if (yTaps == 1) mix(from, from, load<f32>(weight), 0, row, groups);
    else mix(from, from + stride, load<f32>(weight), load<f32>(weight, 4), row, groups);
    for (let tap = 2; tap < yTaps; tap++) {
      const w = load<f32>(weight + ((<usize>tap) << 2));
      // Tap counts are padded to one maximum, so a trailing weight is often zero.
      if (w != 0) add(from + <usize>(tap * stride), w, row, groups);
    }
    let out = target + <usize>(y * rowStep);
    let wx = xWeights;
    for (let x = 0; x < columns; x++) {
      const at = row + ((<usize>load<i32>(xStarts + ((<usize>x) << 2))) << 4);
      let sum = f32x4.mul(v128.load(at), v128.load_splat<f32>(wx));
      // Two taps, the common case, without a loop.
      if (xTaps > 1) sum = f32x4.add(sum, f32x4.mul(v128.load(at, 16), v128.load_splat<f32>(wx, 4)));
      for (let tap = 2; tap < xTaps; tap++) {
        const next = v128.load(at + ((<usize>tap) << 4));
        sum = f32x4.add(sum, f32x4.mul(next, v128.load_splat<f32>(wx + ((<usize>tap) << 2))));
      }
      wx += (<usize>xTaps) << 2;
      if (color == 2) {
        const g = f32x4.mul(sum, luma);
        sum = f32x4.splat(f32x4.extract_lane(g, 0) + f32x4.extract_lane(g, 1) + f32x4.extract_lane(g, 2));
        store<f32>(out, f32x4.extract_lane(f32x4.add(f32x4.mul(sum, factor), term), 0));
      } else {
        if (color == 1) sum = v128.shuffle<f32>(sum, sum, 2, 1, 0, 3);
        sum = f32x4.add(f32x4.mul(sum, factor), term);
        v128.store_lane<f32>(out, sum, 0);
        v128.store_lane<f32>(out + channelStep, sum, 1);
        v128.store_lane<f32>(out + channelStep + channelStep, sum, 2);
      }
      out += pixelStep;
    }
  }
}

/**
 * The affine map alone, for a picture that has the input's size already: RGBA to three planes, four pixels at a time.
 * `count` is rounded up to 4: leave room behind the last plane; a plane's overhang is overwritten by the next one's start.
 */
export function toPlanes(source: usize, count: i32, affine: usize, bgr: bool, target: usize): void {
  const low = i32x4.splat(255);
  const plane = (<usize>count) << 2;
  for (let channel = 0; channel < 3; channel++) {
    const factor = v128.load_splat<f32>(affine + ((<usize>channel) << 2));
    const term = v128.load_splat<f32>(affine + ((<usize>channel) << 2), 16);
    const shift = (bgr ? 2 - channel : channel) << 3;
    let out = target + <usize>channel * plane;
    for (let i = 0; i < count; i += 4) {
      const bytes = v128.and(i32x4.shr_u(v128.load(source + ((<usize>i) << 2)), shift), low);
      v128.store(out, f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(bytes), factor), term));
      out += 16;
    }
  }
}

/** f32 -> IEEE half, round to nearest even (Giesen, float_to_half_fast3_rtne). */
export function toHalf(source: usize, target: usize, count: i32): void {
  for (let i = 0; i < count; i++) {
    const bits = load<u32>(source + ((<usize>i) << 2));
    const sign = bits & 0x80000000;
    const magnitude = bits ^ sign;
    let half: u32;
    if (magnitude >= 0x47800000) half = magnitude > 0x7f800000 ? 0x7e00 : 0x7c00;
    else if (magnitude < 0x38800000)
      half = reinterpret<u32>(reinterpret<f32>(magnitude) + reinterpret<f32>(0x3f000000)) - 0x3f000000;
    else half = (magnitude + 0xc8000fff + ((magnitude >> 13) & 1)) >> 13;
    store<u16>(target + ((<usize>i) << 1), <u16>(half | (sign >> 16)));
  }
}

/** f32 -> 8-bit integer in [low, high], half away from zero. `count` is rounded up to 4: leave room. */
export function toByte(source: usize, target: usize, count: i32, low: f32, high: f32): void {
  const bottom = f32x4.splat(low);
  const top = f32x4.splat(high);
  const half = f32x4.splat(0.5);
  const signBit = i32x4.splat(0x80000000);
  for (let i = 0; i < count; i += 4) {
    const v = f32x4.max(f32x4.min(v128.load(source + ((<usize>i) << 2)), top), bottom);
    const whole = i32x4.trunc_sat_f32x4_s(f32x4.add(v, v128.or(half, v128.and(v, signBit))));
    store<u8>(target + i, <u8>i32x4.extract_lane(whole, 0), 0);
    store<u8>(target + i, <u8>i32x4.extract_lane(whole, 1), 1);
    store<u8>(target + i, <u8>i32x4.extract_lane(whole, 2), 2);
    store<u8>(target + i, <u8>i32x4.extract_lane(whole, 3), 3);
  }
}
