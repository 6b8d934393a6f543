/**
 * Camera frames in their native format to RGBA, by our own SIMD module (`assembly/yuv.as.ts`).
 * Matrix and range come from the frame's colour space: the wrong one is off by 15 of 255.
 */
import { WeirError } from '../core/errors.ts';
import type { Picture, RawPayload } from '../core/payload.ts';

interface SimdExports {
  readonly memory: WebAssembly.Memory;
  configure(black: number, gain: number, rv: number, gu: number, gv: number, bu: number): void;
  convert(
    y: number,
    yStride: number,
    u: number,
    uStride: number,
    v: number,
    vStride: number,
    width: number,
    height: number,
    mode: number,
    chromaShift: number,
    target: number,
  ): void;
  reorder(
    source: number,
    stride: number,
    width: number,
    height: number,
    swap: number,
    opaque: number,
    target: number,
  ): void;
}

export interface Yuv {
  /** Throws `cannot-decode` when the planes do not lie inside the buffer. */
  toPicture(payload: RawPayload, recycle?: ArrayBuffer): Picture;
}

/** Kr and Kb of ITU-R BT.601, BT.709 and BT.2020. */
const matrices = { bt601: [0.299, 0.114], bt709: [0.2126, 0.0722], bt2020: [0.2627, 0.0593] } as const;

/** R = gain (Y - black) + rv V, G = gain (Y - black) - gu U - gv V, B = gain (Y - black) + bu U; U, V around 0, all 0..255. */
export interface Coefficients {
  readonly black: number;
  readonly gain: number;
  readonly rv: number;
  readonly gu: number;
  readonly gv: number;
  readonly bu: number;
}

/** A frame that names no matrix or range is taken as BT.601 limited, what browsers do with camera frames. */
export function coefficientsOf(colorSpace: RawPayload['colorSpace']): Coefficients {
  const [kr, kb] =
    colorSpace.matrix === 'bt709'
      ? matrices.bt709
      : colorSpace.matrix === 'bt2020-ncl'
        ? matrices.bt2020
        : matrices.bt601;
  const full = colorSpace.fullRange === true;
  const gain = full ? 1 : 255 / 219;
  const chroma = full ? 1 : 255 / 224;
  const kg = 1 - kr - kb;
  return {
    black: full ? 0 : 16,
    gain,
    rv: 2 * (1 - kr) * chroma,
    gu: ((2 * kb * (1 - kb)) / kg) * chroma,
    gv: ((2 * kr * (1 - kr)) / kg) * chroma,
    bu: 2 * (1 - kb) * chroma,
  };
}

/** Per format: chroma mode of the module (undefined: packed RGB), vertical chroma shift, planes needed, bytes a pixel. */
const formats = {
  I420: { mode: 0, shift: 1, planes: 3 },
  I420A: { mode: 0, shift: 1, planes: 3 },
  I422: { mode: 0, shift: 0, planes: 3 },
  I444: { mode: 2, shift: 0, planes: 3 },
  NV12: { mode: 1, shift: 1, planes: 2 },
  RGBA: { swap: 0, opaque: 0, planes: 1 },
  RGBX: { swap: 0, opaque: 1, planes: 1 },
  BGRA: { swap: 1, opaque: 0, planes: 1 },
  BGRX: { swap: 1, opaque: 1, planes: 1 },
} as const;

const pageBytes = 65_536;
const heapStart = 4096;
/** The loops read and write whole steps of 16 pixels. */
const slackBytes = 128;

export async function createYuv(wasm: BufferSource): Promise<Yuv> {
  const { instance } = await WebAssembly.instantiate(wasm, {});
  const simd = instance.exports as unknown as SimdExports;

  function toPicture(payload: RawPayload, recycle?: ArrayBuffer): Picture {
    const { width, height, buffer, layout } = payload;
    const format = formats[payload.format];
    checkPlanes(payload);
    const source = heapStart;
    const target = (source + buffer.byteLength + slackBytes + 15) & ~15;
    const size = width * height * 4;
    const missing = target + size + slackBytes - simd.memory.buffer.byteLength;
    if (missing > 0) simd.memory.grow(Math.ceil(missing / pageBytes));
    new Uint8Array(simd.memory.buffer).set(new Uint8Array(buffer), source);
    const plane = (index: number) => {
      const { offset, stride } = layout[index] ?? { offset: 0, stride: 0 };
      return { at: source + offset, stride };
    };
    const first = plane(0);
    if ('mode' in format) {
      const q = (value: number) => Math.round((value / 4) * 32_768);
      const c = coefficientsOf(payload.colorSpace);
      simd.configure(c.black, q(c.gain), q(c.rv), q(c.gu), q(c.gv), q(c.bu));
      const u = plane(1);
      const v = format.planes === 3 ? plane(2) : u;
      simd.convert(
        first.at,
        first.stride,
        u.at,
        u.stride,
        v.at,
        v.stride,
        width,
        height,
        format.mode,
        format.shift,
        target,
      );
    } else simd.reorder(first.at, first.stride, width, height, format.swap, format.opaque, target);
    const out = recycle !== undefined && recycle.byteLength >= size ? recycle : new ArrayBuffer(size);
    new Uint8Array(out).set(new Uint8Array(simd.memory.buffer, target, size));
    return { buffer: out, width, height };
  }

  return { toPicture };
}

/** Bytes of the last sample of each plane must lie inside the buffer: WebAssembly would read on into other memory. */
function checkPlanes({ format, layout, buffer, width, height }: RawPayload): void {
  const spec = formats[format];
  const ok =
    Number.isInteger(width) &&
    Number.isInteger(height) &&
    width > 0 &&
    height > 0 &&
    layout.length >= spec.planes &&
    layout.slice(0, spec.planes).every(({ offset, stride }, index) => {
      const rows = index > 0 && 'mode' in spec ? (height + spec.shift) >> spec.shift : height;
      const rowBytes = rowBytesOf(spec, index, width);
      return offset >= 0 && stride >= rowBytes && offset + stride * (rows - 1) + rowBytes <= buffer.byteLength;
    });
  if (!ok) throw new WeirError('cannot-decode', `The planes of a ${format} frame do not fit its buffer.`);
}

function rowBytesOf(spec: (typeof formats)[keyof typeof formats], index: number, width: number): number {
  if (!('mode' in spec)) return width * 4;
  if (index === 0 || spec.mode === 2) return width;
  const half = (width + 1) >> 1;
  return spec.mode === 1 ? half * 2 : half;
}
