/**
 * From an upright RGBA picture to the data of an input tensor, by our own SIMD module (`assembly/prepare.as.ts`).
 * Geometry is planned once per picture size and preparation; per frame there is one copy in and one call.
 */
import type { Prepare } from '../core/card.ts';
import type { Fit } from '../core/engine.ts';
import { WeirError } from '../core/errors.ts';
import type { Picture } from '../core/payload.ts';
import type { TensorData } from '../core/tensor.ts';
import { planResize, type ResizePlan } from './resizePlan.ts';

interface SimdExports {
  readonly memory: WebAssembly.Memory;
  resize(...numbers: [number, number, number, number, number, number, number, number, number, ...number[]]): void;
  toPlanes(source: number, count: number, affine: number, bgr: boolean, target: number): void;
  toHalf(source: number, target: number, count: number): void;
  toByte(source: number, target: number, count: number, low: number, high: number): void;
}

export interface Prepared {
  /** `[1,C,H,W]` or `[1,H,W,C]`; a view that the next call overwrites. */
  readonly data: TensorData;
  readonly fit: Fit;
}

export interface Preparer {
  /** Throws `cannot-feed` for a type that pixels cannot become. */
  prepare(picture: Picture, prepare: Prepare): Prepared;
}

interface Ready {
  readonly prepare: Prepare;
  readonly plan: ResizePlan;
  readonly source: number;
  readonly row: number;
  readonly xStarts: number;
  readonly xWeights: number;
  readonly yStarts: number;
  readonly yWeights: number;
  readonly affine: number;
  readonly floats: number;
  readonly narrow: number;
  readonly length: number;
}

const colors = { rgb: 0, bgr: 1, gray: 2 } as const;
const pageBytes = 65_536;
/** Below it lie the module's own few globals. */
const heapStart = 4096;

export async function createPreparer(wasm: BufferSource): Promise<Preparer> {
  const { instance } = await WebAssembly.instantiate(wasm, {
    env: {
      abort: () => {
        throw new Error('prepare.wasm aborted');
      },
    },
  });
  const simd = instance.exports as unknown as SimdExports;
  let ready: Ready | undefined;

  function prepare(picture: Picture, wanted: Prepare): Prepared {
    const { width, height } = picture;
    const fit = ready?.plan.fit;
    if (ready === undefined || ready.prepare !== wanted || fit?.sourceWidth !== width || fit.sourceHeight !== height)
      ready = layOut(simd, planResize(width, height, wanted), wanted);
    const { plan } = ready;
    new Uint8Array(simd.memory.buffer).set(new Uint8Array(picture.buffer, 0, width * height * 4), ready.source);
    const planar = wanted.layout === 'nchw';
    const sameSize = width === wanted.width && height === wanted.height;
    if (sameSize && planar && wanted.color !== 'gray')
      simd.toPlanes(ready.source, width * height, ready.affine, wanted.color === 'bgr', ready.floats);
    else resize(ready, planar, width);
    return { data: typed(simd, ready), fit: plan.fit };
  }

  function resize(ready: Ready, planar: boolean, sourceWidth: number): void {
    const { plan, prepare: wanted } = ready;
    const channels = wanted.color === 'gray' ? 1 : 3;
    const pixelStep = planar ? 4 : 4 * channels;
    const rowStep = wanted.width * pixelStep;
    simd.resize(
      ready.source,
      sourceWidth,
      ready.row,
      ready.yStarts,
      ready.yWeights,
      plan.y.count,
      plan.rows,
      ready.xStarts,
      ready.xWeights,
      plan.x.count,
      plan.columns,
      ready.affine,
      colors[wanted.color],
      ready.floats + plan.top * rowStep + plan.left * pixelStep,
      rowStep,
      pixelStep,
      planar ? wanted.width * wanted.height * 4 : 4,
    );
  }

  return { prepare };
}

/** Places everything in the module's memory, grows it when needed, writes tables and the letterbox border once. */
function layOut(simd: SimdExports, plan: ResizePlan, prepare: Prepare): Ready {
  const { sourceWidth, sourceHeight } = plan.fit;
  const channels = prepare.color === 'gray' ? 1 : 3;
  const length = prepare.width * prepare.height * channels;
  let at = heapStart;
  const take = (bytes: number) => {
    const start = at;
    // Rounded to a vector, with a spare one: the loops work in whole vectors.
    at += (bytes + 31) & ~15;
    return start;
  };
  const affine = take(32);
  const xStarts = take(plan.x.starts.byteLength);
  const xWeights = take(plan.x.weights.byteLength);
  const yStarts = take(plan.y.starts.byteLength);
  const yWeights = take(plan.y.weights.byteLength);
  const row = take((sourceWidth + 4) * 16);
  const floats = take(length * 4);
  const narrow = take(length * 2);
  const source = take(sourceWidth * sourceHeight * 4);
  const missing = at - simd.memory.buffer.byteLength;
  if (missing > 0) {
    try {
      simd.memory.grow(Math.ceil(missing / pageBytes));
    } catch (thrown) {
      throw new WeirError('out-of-memory', 'No memory left to prepare a picture of this size.', { cause: thrown });
    }
  }
  const memory = simd.memory.buffer;
  new Int32Array(memory, xStarts, plan.x.starts.length).set(plan.x.starts);
  new Int32Array(memory, yStarts, plan.y.starts.length).set(plan.y.starts);
  new Float32Array(memory, xWeights, plan.x.weights.length).set(plan.x.weights);
  new Float32Array(memory, yWeights, plan.y.weights.length).set(plan.y.weights);
  const factors = new Float32Array(memory, affine, 8).fill(0);
  const border = new Float32Array(memory, floats, length);
  const plane = prepare.width * prepare.height;
  for (let channel = 0; channel < channels; channel++) {
    const mean = prepare.mean[channel] ?? 0;
    const std = prepare.std[channel] ?? 1;
    factors[channel] = prepare.scale / std;
    factors[channel + 4] = -mean / std;
    const pad = (prepare.pad * prepare.scale - mean) / std;
    if (prepare.layout === 'nchw') border.fill(pad, channel * plane, (channel + 1) * plane);
    else for (let i = channel; i < length; i += channels) border[i] = pad;
  }
  return { prepare, plan, source, row, xStarts, xWeights, yStarts, yWeights, affine, floats, narrow, length };
}

/** The floats in the type the model wants; 8- and 16-bit types stay in the module's memory, wider ones take JavaScript. */
function typed(simd: SimdExports, ready: Ready): TensorData {
  const memory = simd.memory.buffer as ArrayBuffer;
  const { floats, narrow, length, prepare } = ready;
  const values = () => new Float32Array(memory, floats, length);
  switch (prepare.type) {
    case 'float32':
      return values();
    case 'float16':
      simd.toHalf(floats, narrow, length);
      return new Uint16Array(memory, narrow, length);
    case 'uint8':
      simd.toByte(floats, narrow, length, 0, 255);
      return new Uint8Array(memory, narrow, length);
    case 'int8':
      simd.toByte(floats, narrow, length, -128, 127);
      return new Int8Array(memory, narrow, length);
    case 'float64':
      return Float64Array.from(values());
    case 'uint16':
      return Uint16Array.from(values(), whole(0, 0xffff));
    case 'int16':
      return Int16Array.from(values(), whole(-0x8000, 0x7fff));
    case 'uint32':
      return Uint32Array.from(values(), whole(0, 0xffffffff));
    case 'int32':
      return Int32Array.from(values(), whole(-0x80000000, 0x7fffffff));
    case 'int64':
      return bigs(new BigInt64Array(length), values(), whole(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER));
    case 'uint64':
      return bigs(new BigUint64Array(length), values(), whole(0, Number.MAX_SAFE_INTEGER));
    case 'bool':
    case 'uint4':
    case 'int4':
    case 'string':
    case 'unknown':
      throw new WeirError('cannot-feed', `Pixels cannot become an input of type ${prepare.type}.`);
  }
}

function whole(low: number, high: number): (value: number) => number {
  return (value) => Math.sign(value) * Math.floor(Math.abs(Math.min(high, Math.max(low, value))) + 0.5);
}

function bigs<T extends BigInt64Array<ArrayBuffer> | BigUint64Array<ArrayBuffer>>(
  target: T,
  values: Float32Array,
  round: (value: number) => number,
): T {
  for (let i = 0; i < values.length; i++) target[i] = BigInt(round(values[i] ?? 0) || 0);
  return target;
}
