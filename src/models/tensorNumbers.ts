/** The values of a small tensor of numbers, such as the axes or the target shape that a node reads from one. */
import type { ByteSource } from './byteSource.ts';
import { type OnnxTensor, sizeOf } from './onnxModel.ts';
import { ProtoCursor, type Span } from './protoCursor.ts';

const maxValues = 1024;

/** Undefined: more than `most`, of another type, or not in the file. */
export function numbersOf(tensor: OnnxTensor, source: ByteSource, most = maxValues): readonly number[] | undefined {
  const count = sizeOf(tensor.dims);
  if (count > most) return undefined;
  const { data, type } = tensor;
  if (count === 0) return [];
  if (data.kind === 'new') return fixed(type, viewOf(data.bytes), count);
  if (data.kind === 'raw') return fixed(type, viewAt(data.at, source), count);
  if (data.kind !== 'typed') return undefined;
  if (data.field === 4 || data.field === 10) return fixed(type, viewAt(data.at, source), count);
  if (type !== 6 && type !== 7) return undefined;
  return varints(data.at, source, count);
}

function varints(at: Span, source: ByteSource, count: number): readonly number[] | undefined {
  const numbers: number[] = [];
  try {
    new ProtoCursor(source).eachVarint(at, (value) => numbers.length < count && numbers.push(value));
  } catch {
    // The last one is cut off: these are the bytes of something else, and no numbers.
    return undefined;
  }
  return numbers.length === count ? numbers : undefined;
}

function fixed(type: number, view: DataView, count: number): readonly number[] | undefined {
  const read: Readonly<Record<number, [size: number, at: (offset: number) => number]>> = {
    1: [4, (at) => view.getFloat32(at, true)],
    6: [4, (at) => view.getInt32(at, true)],
    7: [8, (at) => Number(view.getBigInt64(at, true))],
    11: [8, (at) => view.getFloat64(at, true)],
  };
  const [size, at] = read[type] ?? [0, () => NaN];
  if (size === 0 || view.byteLength < size * count) return undefined;
  return Array.from({ length: count }, (_, i) => at(i * size));
}

function viewAt({ from, to }: Span, source: ByteSource): DataView {
  return viewOf(source.read(from, to));
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
