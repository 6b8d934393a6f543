/** The SIMD colour conversion against a float64 reference, for every format, matrix and range, odd sizes and strides included. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RawPayload } from '../core/payload.ts';
import { coefficientsOf, createYuv } from './yuv.ts';

const wasm = readFileSync(new URL('./yuv.wasm', import.meta.url));

const shapes = {
  I420: { planes: 3, halfWidth: true, halfHeight: true },
  I422: { planes: 3, halfWidth: true, halfHeight: false },
  I444: { planes: 3, halfWidth: false, halfHeight: false },
  NV12: { planes: 2, halfWidth: true, halfHeight: true },
} as const;
type Yuv = keyof typeof shapes;

function frame(format: Yuv, width: number, height: number, extra: number, seed: number): RawPayload {
  const { planes, halfWidth, halfHeight } = shapes[format];
  const cw = halfWidth ? (width + 1) >> 1 : width;
  const ch = halfHeight ? (height + 1) >> 1 : height;
  const layout = [{ offset: 0, stride: width + extra }];
  let at = (width + extra) * height;
  for (let i = 1; i < planes; i++) {
    const stride = cw * (format === 'NV12' ? 2 : 1) + extra;
    layout.push({ offset: at, stride });
    at += stride * ch;
  }
  const bytes = new Uint8Array(at);
  let state = seed | 1;
  for (let i = 0; i < at; i++) {
    state = Math.imul(state, 1_664_525) + 1_013_904_223;
    bytes[i] = state >>> 24;
  }
  return {
    kind: 'raw',
    format,
    buffer: bytes.buffer,
    layout,
    width,
    height,
    colorSpace: { matrix: null, fullRange: null },
  };
}

function reference(payload: RawPayload, x: number, y: number): number[] {
  const bytes = new Uint8Array(payload.buffer);
  const { halfWidth, halfHeight } = shapes[payload.format as Yuv];
  const cx = halfWidth ? x >> 1 : x;
  const cy = halfHeight ? y >> 1 : y;
  const at = (plane: number, px: number, py: number) => {
    const { offset, stride } = payload.layout[plane] ?? { offset: 0, stride: 0 };
    return bytes[offset + py * stride + px] ?? NaN;
  };
  const luma = at(0, x, y);
  const u = (payload.format === 'NV12' ? at(1, cx * 2, cy) : at(1, cx, cy)) - 128;
  const v = (payload.format === 'NV12' ? at(1, cx * 2 + 1, cy) : at(2, cx, cy)) - 128;
  const c = coefficientsOf(payload.colorSpace);
  const base = c.gain * (luma - c.black);
  return [base + c.rv * v, base - c.gu * u - c.gv * v, base + c.bu * u].map((value) =>
    Math.min(255, Math.max(0, Math.round(value))),
  );
}

describe('yuv', () => {
  it('agrees with the reference within 1 of 255', async () => {
    const yuv = await createYuv(wasm);
    const size = fc.integer({ min: 1, max: 70 });
    fc.assert(
      fc.property(
        fc.constantFrom(...(Object.keys(shapes) as Yuv[])),
        size,
        size,
        fc.integer({ min: 0, max: 40 }),
        fc.constantFrom('smpte170m', 'bt470bg', 'bt709', 'bt2020-ncl', null),
        fc.constantFrom(true, false, null),
        (format, width, height, extra, matrix, fullRange) => {
          const payload = {
            ...frame(format, width, height, extra, width * 31 + height),
            colorSpace: { matrix, fullRange },
          };
          const rgba = new Uint8Array(yuv.toPicture(payload).buffer);
          for (let y = 0; y < height; y++)
            for (let x = 0; x < width; x++) {
              const want = reference(payload, x, y);
              const at = (y * width + x) * 4;
              for (let c = 0; c < 3; c++)
                if (Math.abs((rgba[at + c] ?? NaN) - (want[c] ?? NaN)) > 1)
                  throw new Error(`${format} ${x},${y},${c}: ${rgba[at + c]}, wanted ${want[c]}`);
              if (rgba[at + 3] !== 255) throw new Error('alpha');
            }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('has the published BT.601 limited coefficients', () => {
    const c = coefficientsOf({ matrix: 'smpte170m', fullRange: false });
    expect([c.gain, c.rv, c.gu, c.gv, c.bu].map((value) => Number(value.toFixed(3)))).toEqual([
      1.164, 1.596, 0.392, 0.813, 2.017,
    ]);
  });

  it('orders BGRX and reuses a large enough buffer', async () => {
    const yuv = await createYuv(wasm);
    const payload: RawPayload = {
      kind: 'raw',
      format: 'BGRX',
      buffer: new Uint8Array([1, 2, 3, 0, 4, 5, 6, 0, 9, 9]).buffer,
      layout: [{ offset: 0, stride: 8 }],
      width: 2,
      height: 1,
      colorSpace: { matrix: null, fullRange: null },
    };
    const recycle = new ArrayBuffer(64);
    const picture = yuv.toPicture(payload, recycle);
    expect(picture.buffer).toBe(recycle);
    expect([...new Uint8Array(picture.buffer, 0, 8)]).toEqual([3, 2, 1, 255, 6, 5, 4, 255]);
  });

  it('refuses planes outside the buffer', async () => {
    const yuv = await createYuv(wasm);
    const payload = frame('I420', 16, 16, 0, 1);
    const layout = payload.layout.map((plane, i) => (i === 2 ? { ...plane, offset: plane.offset + 1 } : plane));
    expect(() => yuv.toPicture({ ...payload, layout })).toThrow(/do not fit/);
    expect(() => yuv.toPicture({ ...payload, layout: payload.layout.slice(0, 2) })).toThrow(/do not fit/);
  });
});
