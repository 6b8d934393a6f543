/**
 * Reads the structure of an ONNX protobuf and nothing else: weights are stepped over by their length.
 * It runs before ORT sees a byte, so every length and depth in the file is taken for hostile.
 */
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import type { TensorInfo } from '../core/tensor.ts';
import { bytesOf, elementTypes } from './elementTypes.ts';

export interface OnnxStructure {
  irVersion: number | undefined;
  producer: string | undefined;
  hasGraph: boolean;
  nodes: number;
  parameters: number;
  readonly opsets: Map<string, number>;
  /** Type, qualified by its domain unless that is ai.onnx, to how often it occurs, subgraphs included. */
  readonly operators: Map<string, number>;
  readonly domains: Set<string>;
  readonly functionDomains: Set<string>;
  readonly inputs: TensorInfo[];
  readonly outputs: TensorInfo[];
  readonly initialisers: Set<string>;
  /** Location of a data file to the bytes that the model reads of it: the end of its last tensor. */
  readonly externalFiles: Map<string, number>;
  readonly metadata: Map<string, string>;
}

/** A part says that it is longer than what holds it; where the holder is the file, the file was cut off. */
export class CutOffError extends Error {
  constructor(
    readonly missingBytes: number,
    readonly holderBytes: number,
  ) {
    super(`${missingBytes} bytes are missing in a part of ${holderBytes} bytes`);
  }
}

/** The place of a tensor in a data file is no number. */
export class ExternalPlaceError extends Error {
  constructor(readonly given: string) {
    super(`"${given.slice(0, 40)}" is no offset or length`);
  }
}

const maxDepth = 32;
const maxTextBytes = 65_536;

/** @throws CutOffError, or the reader's errors on bytes that are no protobuf; field numbers: onnx/onnx.proto */
export function readOnnx(bytes: Uint8Array): OnnxStructure {
  const found: OnnxStructure = {
    irVersion: undefined,
    producer: undefined,
    hasGraph: false,
    nodes: 0,
    parameters: 0,
    opsets: new Map(),
    operators: new Map(),
    domains: new Set(),
    functionDomains: new Set(),
    inputs: [],
    outputs: [],
    initialisers: new Set(),
    externalFiles: new Map(),
    metadata: new Map(),
  };
  eachField(
    bytes,
    {
      2: (part) => (found.producer = text(part)),
      7: (part) => {
        found.hasGraph = true;
        readGraph(part, found, 0);
      },
      8: (part) => readOpset(part, found),
      14: (part) => {
        const [key, value] = readEntry(part);
        if (key !== '') found.metadata.set(key, value);
      },
      25: (part) =>
        eachField(part, {
          7: (node) => readNode(node, found, 1),
          10: (domain) => found.functionDomains.add(text(domain)),
        }),
    },
    { 1: (value) => (found.irVersion = value) },
  );
  return found;
}

function readGraph(bytes: Uint8Array, found: OnnxStructure, depth: number): void {
  if (depth > maxDepth) throw new Error('Subgraphs are nested too deeply');
  const top = depth === 0;
  eachField(bytes, {
    1: (part) => readNode(part, found, depth),
    5: (part) => readTensor(part, found, true, top),
    ...(top && {
      11: (part) => found.inputs.push(readValue(part)),
      12: (part) => found.outputs.push(readValue(part)),
    }),
    15: (part) => eachField(part, { 1: (values) => readTensor(values, found, true, top) }),
  });
}

function readNode(bytes: Uint8Array, found: OnnxStructure, depth: number): void {
  let type = '';
  let domain = '';
  eachField(bytes, {
    4: (part) => (type = text(part)),
    5: (part) => readAttribute(part, found, depth),
    7: (part) => (domain = text(part)),
  });
  found.nodes++;
  if (domain === 'ai.onnx') domain = '';
  found.domains.add(domain);
  const name = domain === '' ? type : `${domain}.${type}`;
  found.operators.set(name, (found.operators.get(name) ?? 0) + 1);
}

function readAttribute(bytes: Uint8Array, found: OnnxStructure, depth: number): void {
  const tensor = (part: Uint8Array) => readTensor(part, found, false, false);
  const graph = (part: Uint8Array) => readGraph(part, found, depth + 1);
  eachField(bytes, { 5: tensor, 6: graph, 10: tensor, 11: graph });
}

function readTensor(bytes: Uint8Array, found: OnnxStructure, counted: boolean, top: boolean): void {
  let size = 1;
  let type = 0;
  let external = false;
  const where = new Map<string, string>();
  const dimension = (value: number) => (size *= Math.max(0, value));
  eachField(
    bytes,
    {
      // Some writers pack the dimensions, some give one field each.
      1: (part) => {
        const packed = new BinaryReader(part);
        while (packed.pos < packed.len) dimension(Number(packed.int64()));
      },
      8: (part) => {
        if (top) found.initialisers.add(text(part));
      },
      13: (part) => where.set(...readEntry(part)),
    },
    { 1: dimension, 2: (value) => (type = value), 14: (value) => (external = value === 1) },
  );
  if (counted) found.parameters += size;
  if (!external) return;
  const location = where.get('location') ?? '';
  const length = where.get('length');
  const end = placeOf(where.get('offset') ?? '0') + (length === undefined ? size * bytesOf(type) : placeOf(length));
  found.externalFiles.set(location, Math.max(found.externalFiles.get(location) ?? 0, end));
}

/** Offset or length, a decimal number in text; ORT reads a 64-bit one, no file has as many bytes. */
function placeOf(digits: string): number {
  const value = /^\d{1,16}$/.test(digits) ? Number(digits) : NaN;
  if (Number.isSafeInteger(value)) return value;
  throw new ExternalPlaceError(digits);
}

/** A sequence, map or optional has no element type here: `unknown`, without a shape. */
function readValue(bytes: Uint8Array): TensorInfo {
  let name = '';
  let type = 0;
  const shape: (number | string)[] = [];
  const readShape = (part: Uint8Array) =>
    eachField(part, {
      1: (dim) => {
        let size: number | string = '?';
        eachField(dim, { 2: (t) => (size = text(t) || '?') }, { 1: (value) => (size = value < 0 ? '?' : value) });
        shape.push(size);
      },
    });
  eachField(bytes, {
    1: (part) => (name = text(part)),
    2: (part) =>
      eachField(part, { 1: (tensor) => eachField(tensor, { 2: readShape }, { 1: (value) => (type = value) }) }),
  });
  return { name, type: elementTypes[type] ?? 'unknown', shape };
}

function readOpset(bytes: Uint8Array, found: OnnxStructure): void {
  let domain = '';
  let version = 0;
  eachField(bytes, { 1: (part) => (domain = text(part)) }, { 2: (value) => (version = value) });
  found.opsets.set(domain === '' ? 'ai.onnx' : domain, version);
}

function readEntry(bytes: Uint8Array): [key: string, value: string] {
  let key = '';
  let value = '';
  eachField(bytes, { 1: (part) => (key = text(part)), 2: (part) => (value = text(part)) });
  return [key, value];
}

/** Calls the reader of each known field with its bytes or its number; what is unknown is stepped over. */
function eachField(
  bytes: Uint8Array,
  parts: Readonly<Record<number, (part: Uint8Array) => unknown>>,
  numbers: Readonly<Record<number, (value: number) => unknown>> = {},
): void {
  const r = new BinaryReader(bytes);
  while (r.pos < r.len) {
    const [field, wire] = r.tag();
    if (wire === WireType.LengthDelimited) {
      const end = r.uint32() + r.pos;
      if (end > r.len) throw new CutOffError(end - r.len, r.len);
      parts[field]?.(bytes.subarray(r.pos, end));
      r.pos = end;
    } else if (wire === WireType.Varint) {
      const value = r.int64();
      numbers[field]?.(Number(value));
    } else if (wire === WireType.Bit32 || wire === WireType.Bit64) {
      r.skip(wire);
    } else {
      throw new Error('Groups do not occur in ONNX');
    }
  }
}

/** Length-capped: names and metadata of a file are shown on the page. */
function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.subarray(0, maxTextBytes));
}
