/**
 * Preparation on the GPU against the definition in float64: a table that has every option beside every other one, RGBA and
 * frames as cameras have them. In software: it shows what is computed, not how fast.
 */
import { expect, type Page, test } from '@playwright/test';
import fc from 'fast-check';
import type { Prepare } from '../src/core/card.ts';
import { widen } from '../src/engine/numbers.ts';
import { disagreement, optionsOf, pictureOf } from '../src/engine/prepareReference.fixture.ts';
import { whyNotOnGpu } from '../src/engine/whyNotOnGpu.ts';
import { coefficientsOf } from '../src/pixels/yuv.ts';
import { type Host, startHost } from '../server/host.ts';
import { buildHarness } from './gpu/buildHarness.ts';
import type { Given, Prepared } from './gpu/harness.ts';

type Harness = typeof import('./gpu/harness.ts');

const types = ['float32', 'float16', 'uint8', 'int32', 'uint32'] as const;
const cases = 50;
/** Of DESIGN: RGB within 1/255 of the range; interpolation of ours is exact but for float32. */
const rgbUnits = 0.1;

let host: Host;
let page: Page;
let hasAdapter = false;

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser }) => {
  const harness = await buildHarness();
  host = await startHost({ replace: (path) => (path === '/harness.js' ? harness : undefined) });
  page = await browser.newPage();
  await page.goto(`${host.url}/404`);
  hasAdapter = await page.evaluate(`import('/harness.js').then((made) => ((window.harness = made), made.open()))`);
});

test.afterAll(async () => {
  await page.close();
  await host.close();
});

const prepared = (given: Given, prepare: Prepare): Promise<Prepared> =>
  page.evaluate(([what, how]) => (window as never as { harness: Harness }).harness.prepare(what, how), [
    given,
    prepare,
  ] as const);

function numbers(bytes: readonly number[], type: Prepare['type']): ArrayLike<number> {
  const { buffer } = Uint8Array.from(bytes);
  switch (type) {
    case 'float16':
      return widen(new Uint16Array(buffer));
    case 'uint8':
      return new Uint8Array(buffer);
    case 'int32':
      return new Int32Array(buffer);
    case 'uint32':
      return new Uint32Array(buffer);
    default:
      return new Float32Array(buffer);
  }
}

test(`${cases} preparations of RGBA agree with the definition`, async () => {
  test.skip(!hasAdapter, 'this browser has no WebGPU adapter');
  const side = fc.integer({ min: 1, max: 90 });
  const drawn = fc.sample(fc.tuple(side, side, optionsOf(types)), { numRuns: cases * 2, seed: 20_240_229 });
  // Sizes that do not fill whole words are prepared on the CPU.
  const served = drawn.filter(([, , prepare]) => whyNotOnGpu(prepare) === undefined).slice(0, cases);
  expect(served.length).toBe(cases);
  let buffers = 0;
  for (const [width, height, prepare] of served) {
    const picture = pictureOf(width, height, width * 97 + height);
    const { bytes, held } = await prepared({ ...picture, bytes: [...new Uint8Array(picture.buffer)] }, prepare);
    expect(disagreement(numbers(bytes, prepare.type), picture, prepare, rgbUnits), JSON.stringify(prepare)).toBe(
      undefined,
    );
    buffers = Math.max(buffers, held.buffers);
  }
  // Two tensors, a texture, taps, uniforms, two that are read: nothing is left behind by a change of size.
  expect(buffers).toBeLessThanOrEqual(9);
});

const base: Prepare = {
  input: 'x',
  width: 32,
  height: 32,
  fit: 'letterbox',
  color: 'rgb',
  layout: 'nchw',
  type: 'float32',
  scale: 1,
  mean: [0, 0, 0],
  std: [1, 1, 1],
  pad: 114,
};

test('frames as cameras and files have them agree with their colour space, are shown as they are fed, and are closed', async () => {
  test.skip(!hasAdapter, 'this browser has no WebGPU adapter');
  const camera = { matrix: 'smpte170m', primaries: 'smpte170m', transfer: 'smpte170m', fullRange: false } as const;
  const file = { matrix: 'bt709', primaries: 'bt709', transfer: 'bt709', fullRange: false } as const;
  // Shrunk more than twice, and enlarged.
  for (const [format, colorSpace] of [
    ['I420', camera],
    ['NV12', camera],
    ['I420', file],
    ['NV12', { ...file, fullRange: true }],
  ] as const)
    for (const [width, height] of [
      [96, 64],
      [20, 12],
    ] as const) {
      const name = `${format}, ${colorSpace.matrix}, ${width} × ${height}`;
      const frame = smoothFrame(format, width, height, colorSpace);
      const given = { bytes: frame.planes, width, height, yuv: { format, colorSpace } };
      const { bytes, picture = [], held } = await prepared(given, base);
      expect(held.frames, `frames left open: ${name}`).toBe(0);
      expect(picture.length).toBe(frame.rgba.length);
      const off = picture.map((value, i) => Math.abs(value - (frame.rgba[i] ?? NaN)));
      expect(Math.max(...off), `largest difference of a pixel: ${name}`).toBeLessThanOrEqual(8);
      expect(off.reduce((sum, each) => sum + each, 0) / off.length, `mean difference: ${name}`).toBeLessThanOrEqual(1);
      // The tensor is made of what is shown.
      const shown = { buffer: Uint8Array.from(picture).buffer, width, height };
      expect(disagreement(numbers(bytes, 'float32'), shown, base, 1), name).toBeUndefined();
    }
});

/** A gradient, as chroma between samples is a matter of taste; and what it is in RGBA by its colour space. */
function smoothFrame(
  format: 'I420' | 'NV12',
  width: number,
  height: number,
  colorSpace: { readonly matrix: 'smpte170m' | 'bt709'; readonly fullRange: boolean },
) {
  const luma = (x: number, y: number) => Math.round(60 + (100 * x) / width + (50 * y) / height);
  const u = (x: number) => Math.round(118 + (20 * x) / width);
  const v = (y: number) => Math.round(136 - (20 * y) / height);
  const planes: number[] = [];
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) planes.push(luma(x, y));
  const chroma: (readonly [number, number])[] = [];
  for (let y = 0; y < height; y += 2) for (let x = 0; x < width; x += 2) chroma.push([u(x), v(y)]);
  if (format === 'NV12') planes.push(...chroma.flat());
  else planes.push(...chroma.map(([each]) => each), ...chroma.map(([, each]) => each));
  const c = coefficientsOf(colorSpace);
  const rgba: number[] = [];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const light = c.gain * (luma(x, y) - c.black);
      const [du, dv] = [u(x - (x % 2)) - 128, v(y - (y % 2)) - 128];
      const rgb = [light + c.rv * dv, light - c.gu * du - c.gv * dv, light + c.bu * du];
      rgba.push(...rgb.map((value) => Math.min(255, Math.max(0, Math.round(value)))), 255);
    }
  return { planes, rgba };
}
