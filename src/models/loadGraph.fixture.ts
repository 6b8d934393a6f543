/**
 * Counts what a graph costs from its bytes alone: an ONNX reader of a few lines that walks nodes and shapes.
 * It knows nothing of recipes and plans, so that the dial's own figures have something to be wrong against.
 */
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import type { LoadCosts } from '../core/loadRecipe.ts';

type Fields = Map<number, (Uint8Array | number)[]>;
interface Value {
  readonly dims: readonly number[];
  readonly bytes: number;
  /** Contents of an int64 tensor, which give shapes. */
  readonly numbers?: readonly number[];
}

/** Activations count with the layer before them. @param batch what the named dimension is */
export function walkCosts(model: Uint8Array, batch: number): LoadCosts {
  const graph = fields(parts(fields(model), 7)[0] ?? new Uint8Array());
  const values = new Map<string, Value>();
  let parameters = 0;
  for (const part of parts(graph, 5)) {
    const tensor = fields(part);
    const dims = (tensor.get(1) ?? []).map(Number);
    const isLong = tensor.get(2)?.[0] === 7;
    parameters += product(dims);
    const [raw = new Uint8Array()] = parts(tensor, 9);
    const numbers = isLong ? Array.from(new BigInt64Array(raw.slice().buffer), Number) : undefined;
    values.set(text(tensor, 8), {
      dims,
      bytes: product(dims) * (isLong ? 8 : 4),
      ...(numbers === undefined ? {} : { numbers }),
    });
  }
  for (const part of parts(graph, 11)) {
    const input = fields(part);
    const shape = fields(
      parts(fields(parts(fields(parts(input, 2)[0] as Uint8Array), 1)[0] as Uint8Array), 2)[0] as Uint8Array,
    );
    const dims = parts(shape, 1).map((dim) => Number(fields(dim).get(1)?.[0] ?? batch));
    values.set(text(input, 1), { dims, bytes: 4 * product(dims) });
  }
  let flops = 0;
  let trafficBytes = 0;
  for (const part of parts(graph, 1)) {
    const node = fields(part);
    const op = text(node, 4);
    const inputs = parts(node, 1).map((name) => valueOf(values, new TextDecoder().decode(name)));
    const dims = shapeOf(op, inputs, attributes(node));
    const output = { dims, bytes: 4 * product(dims) };
    values.set(text(node, 2), output);
    if (op === 'Conv') flops += 2 * product(dims) * product((inputs[1]?.dims ?? []).slice(1));
    if (op !== 'Relu') trafficBytes += [...inputs, output].reduce((sum, { bytes }) => sum + bytes, 0);
  }
  return { flops, parameters, trafficBytes };
}

function shapeOf(op: string, inputs: readonly Value[], given: ReadonlyMap<string, readonly number[]>): number[] {
  const [first, second] = inputs;
  const [n = 0, c = 0, h = 0, w = 0] = first?.dims ?? [];
  const broadcast = (other: readonly number[]) => {
    const mine = first?.dims ?? [];
    const rank = Math.max(mine.length, other.length);
    const at = (dims: readonly number[], i: number) => dims[i - (rank - dims.length)] ?? 1;
    return Array.from({ length: rank }, (_, i) => Math.max(at(mine, i), at(other, i)));
  };
  switch (op) {
    case 'Conv':
    case 'AveragePool': {
      const [kernel = 0] = given.get('kernel_shape') ?? [];
      const [stride = 1] = given.get('strides') ?? [];
      const [pad = 0] = given.get('pads') ?? [];
      const side = (size: number) => Math.floor((size + 2 * pad - kernel) / stride) + 1;
      return [n, op === 'Conv' ? (second?.dims[0] ?? 0) : c, side(h), side(w)];
    }
    case 'Relu':
      return [n, c, h, w];
    case 'GlobalAveragePool':
      return [n, c, 1, 1];
    case 'ReduceMean':
      return [n, c, h, w].map((size, axis) => ((given.get('axes') ?? []).includes(axis) ? 1 : size));
    case 'Expand':
      return broadcast(second?.numbers ?? []);
    case 'Sub':
    case 'Add':
      return broadcast(second?.dims ?? []);
    default:
      throw new Error(`The walk does not know ${op}.`);
  }
}

function attributes(node: Fields): Map<string, readonly number[]> {
  return new Map(
    parts(node, 5).map((part) => {
      const attribute = fields(part);
      return [text(attribute, 1), (attribute.get(8) ?? []).map(Number)];
    }),
  );
}

function valueOf(values: ReadonlyMap<string, Value>, name: string): Value {
  const value = values.get(name);
  if (value === undefined) throw new Error(`Nothing gives ${name}.`);
  return value;
}

function fields(bytes: Uint8Array): Fields {
  const found: Fields = new Map();
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    const value = wire === WireType.LengthDelimited ? reader.bytes() : Number(reader.int64());
    found.set(field, [...(found.get(field) ?? []), value]);
  }
  return found;
}

function parts(of: Fields, field: number): Uint8Array[] {
  return (of.get(field) ?? []).filter((value) => typeof value !== 'number');
}

function text(of: Fields, field: number): string {
  return new TextDecoder().decode(parts(of, field)[0]);
}

function product(dims: readonly number[]): number {
  return dims.reduce((a, b) => a * b, 1);
}
