/** Tensor data of any element type from plain numbers: zeros, generated inputs, and tensors that change their type. */
import { WeirError } from '../core/errors.ts';
import type { TensorData, TensorType } from '../core/tensor.ts';

/** Zeros of a type; float16 as bits, 4-bit types two to a byte. @throws WeirError cannot-feed for what holds no numbers */
export function zeros(type: TensorType, size: number): TensorData {
  switch (type) {
    case 'float32':
      return new Float32Array(size);
    case 'float64':
      return new Float64Array(size);
    case 'float16':
    case 'uint16':
      return new Uint16Array(size);
    case 'uint8':
    case 'bool':
      return new Uint8Array(size);
    case 'int8':
      return new Int8Array(size);
    case 'int16':
      return new Int16Array(size);
    case 'uint32':
      return new Uint32Array(size);
    case 'int32':
      return new Int32Array(size);
    case 'uint64':
      return new BigUint64Array(size);
    case 'int64':
      return new BigInt64Array(size);
    case 'uint4':
    case 'int4':
      return new Uint8Array(Math.ceil(size / 2));
    case 'string':
    case 'unknown':
      throw new WeirError('cannot-feed', `An input of type ${type} cannot be filled with numbers.`);
  }
}

/** Lowest and highest value of each integer type. */
const ranges: Partial<Record<TensorType, readonly [number, number]>> = {
  uint8: [0, 0xff],
  int8: [-0x80, 0x7f],
  uint16: [0, 0xffff],
  int16: [-0x8000, 0x7fff],
  uint32: [0, 0xffffffff],
  int32: [-0x80000000, 0x7fffffff],
  uint64: [0, Number.MAX_SAFE_INTEGER],
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  bool: [0, 1],
  uint4: [0, 15],
  int4: [-8, 7],
};

export const isInteger = (type: TensorType) => ranges[type] !== undefined;

/** `valueAt(i)` for i in 0 … size - 1 as `type`: integers rounded and clamped, bool by being other than 0. */
export function fromNumbers(type: TensorType, size: number, valueAt: (index: number) => number): TensorData {
  const data = zeros(type, size);
  const range = ranges[type];
  const whole = (index: number) => {
    const value = valueAt(index);
    const [low, high] = range ?? [0, 0];
    return type === 'bool' ? Number(value !== 0) : Math.min(high, Math.max(low, Math.round(value) || 0));
  };
  if (type === 'uint4' || type === 'int4') {
    const bytes = data as Uint8Array;
    for (let i = 0; i < size; i++) bytes[i >> 1] = (bytes[i >> 1] ?? 0) | ((whole(i) & 15) << (4 * (i & 1)));
  } else if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    for (let i = 0; i < size; i++) data[i] = BigInt(whole(i));
  } else if (type === 'float16') {
    for (let i = 0; i < size; i++) data[i] = halfOf(valueAt(i));
  } else if (range === undefined) {
    for (let i = 0; i < size; i++) data[i] = valueAt(i);
  } else {
    for (let i = 0; i < size; i++) data[i] = whole(i);
  }
  return data;
}

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The bits of the nearest half; ties to even, beyond 65504 infinity (IEEE 754 binary16). */
export function halfOf(value: number): number {
  float[0] = value;
  const word = bits[0] ?? 0;
  const sign = (word >>> 16) & 0x8000;
  const magnitude = word & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  // 65520 and above round to infinity.
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  // Below the smallest normal half the unit is 2^-24.
  if (magnitude < 0x38800000) return sign | roundHalfEven(Math.abs(float[0]) * 2 ** 24);
  return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
}

function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}

/** Half bits to float32: shift into place and let one multiplication mend the exponent, subnormals included. */
export function widen(half: Uint16Array): Float32Array<ArrayBuffer> {
  const out = new Float32Array(half.length);
  const raw = new Uint32Array(out.buffer);
  for (let i = 0; i < half.length; i++) {
    const value = half[i] ?? 0;
    const sign = (value & 0x8000) << 16;
    if ((value & 0x7c00) === 0x7c00) {
      raw[i] = sign | 0x7f800000 | ((value & 0x3ff) << 13);
      continue;
    }
    raw[i] = (value & 0x7fff) << 13;
    out[i] = (out[i] ?? 0) * 2 ** 112;
    if (sign !== 0) out[i] = -(out[i] ?? 0);
  }
  return out;
}
