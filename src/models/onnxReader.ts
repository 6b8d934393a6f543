/**
 * Reads the structure of an ONNX protobuf: weights are stepped over by their length and stay where they are.
 * It runs before ORT sees a byte, so every length, depth and count in the file is taken for hostile.
 */
import { WeirError } from '../core/errors.ts';
import { type ByteSource, sourceOfBytes } from './byteSource.ts';
import { bytesOf, elementTypes } from './elementTypes.ts';
import {
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
  sizeOf,
} from './onnxModel.ts';
import { type Field, ProtoCursor, type Span } from './protoCursor.ts';

/** The place of a tensor in a data file is no number. */
export class ExternalPlaceError extends Error {
  constructor(readonly given: string) {
    super(`"${given.slice(0, 40)}" is no offset or length`);
  }
}

const maxDepth = 32;
/** Nodes, weights and values of one file; far more than any model has, and few enough for memory. */
const maxParts = 200_000;
/** Bytes of a list that is read at once. */
const maxListBytes = 4096;

/** @throws CutOffError, ExternalPlaceError, or another error on bytes that are no ONNX */
export function readOnnx(given: ByteSource | Uint8Array): OnnxModel {
  return new OnnxReader(given instanceof Uint8Array ? sourceOfBytes(given) : given).model();
}

class OnnxReader {
  readonly #cursor: ProtoCursor;
  #parts = 0;

  constructor(source: ByteSource) {
    this.#cursor = new ProtoCursor(source);
  }

  model(): OnnxModel {
    let irVersion: number | undefined;
    let producer: string | undefined;
    let graph: OnnxGraph | undefined;
    const opsets = new Map<string, number>();
    const metadata = new Map<string, string>();
    const functions: OnnxModel['functions'][number][] = [];
    const rest: Span[] = [];
    this.#cursor.eachField({ from: 0, to: this.#cursor.size }, ({ number, whole, wire, value, bytes }) => {
      if (number === 1) irVersion = value;
      else if (number === 7 && wire === 2) graph = this.#graph(bytes, 0, graph);
      else if (number === 8 && wire === 2) this.#opset(bytes, opsets);
      else {
        rest.push(whole);
        if (number === 2) producer = this.#cursor.text(bytes, true);
        else if (number === 14) {
          const [key, text] = this.#entry(bytes);
          if (key !== '') metadata.set(key, text);
        } else if (number === 25) functions.push(this.#function(bytes));
      }
    });
    return { irVersion, producer, opsets, metadata, functions, graph, rest };
  }

  /** @param before a second graph field is merged into the first, as protobuf has it */
  #graph(span: Span, depth: number, before?: OnnxGraph): OnnxGraph {
    if (depth > maxDepth) throw new Error('Subgraphs are nested too deeply');
    const { nodes, initialisers, inputs, outputs, values } = before ?? newGraph();
    const sparse = [...(before?.sparse ?? [])];
    const rest = [...(before?.rest ?? [])];
    this.#cursor.eachField(span, ({ number, whole, bytes, wire }) => {
      if (wire !== 2) rest.push(whole);
      else if (number === 1) nodes.push(this.#node(bytes, depth));
      else if (number === 5) initialisers.push(this.#tensor(bytes));
      else if (number === 11) inputs.push(this.#value(bytes));
      else if (number === 12) outputs.push(this.#value(bytes));
      else if (number === 13) values.push(this.#value(bytes));
      else {
        rest.push(whole);
        if (number !== 15) return;
        this.#cursor.eachField(bytes, (part) => {
          if (part.number === 1) sparse.push(this.#tensor(part.bytes));
        });
      }
    });
    return { nodes, initialisers, inputs, outputs, values, sparse, rest };
  }

  #node(span: Span, depth: number): OnnxNode {
    this.#count();
    const node = { name: '', op: '', domain: '' };
    const inputs: string[] = [];
    const outputs: string[] = [];
    const attributes: OnnxAttribute[] = [];
    this.#cursor.eachField(span, ({ number, bytes }) => {
      if (number === 1) inputs.push(this.#cursor.text(bytes));
      else if (number === 2) outputs.push(this.#cursor.text(bytes));
      else if (number === 3) node.name = this.#cursor.text(bytes);
      else if (number === 4) node.op = this.#cursor.text(bytes);
      else if (number === 5) attributes.push(this.#attribute(bytes, depth));
      else if (number === 7) node.domain = this.#cursor.text(bytes);
    });
    if (node.domain === 'ai.onnx') node.domain = '';
    return { ...node, inputs, outputs, attributes, span };
  }

  #attribute(span: Span, depth: number): OnnxAttribute {
    let name = '';
    let tensor: OnnxTensor | undefined;
    const tensors: OnnxTensor[] = [];
    const graphs: OnnxGraph[] = [];
    const numbers: number[] = [];
    const texts: string[] = [];
    let single: number | string | undefined;
    let float = false;
    let list = false;
    let long = false;
    const short = (part: Span) => {
      list = true;
      if (part.to - part.from + 8 * (numbers.length + texts.length) <= maxListBytes) return true;
      long = true;
      return false;
    };
    this.#cursor.eachField(span, ({ number, wire, value, bytes }) => {
      if (number === 1) name = this.#cursor.text(bytes);
      else if (number === 2 && wire === 5) [single, float] = [this.#cursor.view(bytes).getFloat32(0, true), true];
      else if (number === 3) single = value;
      else if (number === 4) single = this.#cursor.text(bytes, true);
      else if (number === 5) tensor = this.#tensor(bytes);
      else if (number === 6 || number === 11) graphs.push(this.#graph(bytes, depth + 1));
      else if (number === 7) {
        float = true;
        if (!short(bytes)) return;
        const view = this.#cursor.view(bytes);
        for (let at = 0; at + 4 <= view.byteLength; at += 4) numbers.push(view.getFloat32(at, true));
      } else if (number === 8) {
        if (!short(bytes)) return;
        if (wire === 0) numbers.push(value);
        else this.#cursor.eachVarint(bytes, (each) => numbers.push(each));
      } else if (number === 9) {
        if (short(bytes)) texts.push(this.#cursor.text(bytes));
      } else if (number === 10) tensors.push(this.#tensor(bytes));
    });
    const value = list ? (texts.length > 0 ? texts : numbers) : single;
    return {
      name,
      ...(value === undefined || long ? {} : { value }),
      ...(float ? { float } : {}),
      ...(tensor === undefined ? {} : { tensor }),
      ...(tensors.length === 0 ? {} : { tensors }),
      graphs,
      span,
    };
  }

  #tensor(span: Span): OnnxTensor {
    this.#count();
    const dims: number[] = [];
    const where = new Map<string, string>();
    let name = '';
    let type = 0;
    let external = false;
    let data: OnnxTensor['data'] = { kind: 'other' };
    let pieces = 0;
    this.#cursor.eachField(span, ({ number, wire, value, bytes }) => {
      // Some writers pack the dimensions, some give one field each.
      if (number === 1 && wire === 0) dims.push(value);
      else if (number === 1) this.#cursor.eachVarint(bytes, (dim) => dims.push(dim));
      else if (number === 2) type = value;
      else if (number === 8) name = this.#cursor.text(bytes);
      else if (number === 13) where.set(...this.#entry(bytes));
      else if (number === 14) external = value === 1;
      else if (isData(number)) {
        pieces += 1;
        data = number === 9 ? { kind: 'raw', at: bytes } : { kind: 'typed', field: number, at: bytes };
        if (pieces > 1 || wire !== 2 || number === 6) data = { kind: 'other' };
      }
      if (dims.length > 64) throw new Error('A tensor has too many dimensions');
    });
    if (external) data = externalPlace(where, sizeOf(dims) * bytesOf(type), name);
    return { name, dims, type, data, span };
  }

  /** A sequence, map or optional has no element type here: `unknown`, without a shape. */
  #value(span: Span): OnnxValue {
    this.#count();
    let name = '';
    let elementType = 0;
    let shaped = false;
    let negative = false;
    const shape: (number | string)[] = [];
    const readDimension = (part: Span) => {
      let size: number | string = '?';
      this.#cursor.eachField(part, ({ number, value, bytes }) => {
        if (number === 1) {
          negative ||= value < 0;
          size = value < 0 ? '?' : value;
        } else if (number === 2) size = this.#cursor.text(bytes) || '?';
      });
      shape.push(size);
    };
    const readTensorType = ({ number, value, bytes }: Field) => {
      if (number === 1) elementType = value;
      if (number !== 2) return;
      shaped = true;
      this.#cursor.eachField(bytes, (dimension) => dimension.number === 1 && readDimension(dimension.bytes));
    };
    this.#cursor.eachField(span, ({ number, bytes }) => {
      if (number === 1) name = this.#cursor.text(bytes);
      else if (number === 2)
        this.#cursor.eachField(
          bytes,
          (type) => type.number === 1 && this.#cursor.eachField(type.bytes, readTensorType),
        );
    });
    return { info: { name, type: elementTypes[elementType] ?? 'unknown', shape }, shaped, negative, elementType, span };
  }

  #opset(span: Span, opsets: Map<string, number>): void {
    let domain = '';
    let version = 0;
    this.#cursor.eachField(span, ({ number, value, bytes }) => {
      if (number === 1) domain = this.#cursor.text(bytes);
      else if (number === 2) version = value;
    });
    opsets.set(domain === '' ? 'ai.onnx' : domain, version);
  }

  #function(span: Span): OnnxModel['functions'][number] {
    let domain = '';
    const nodes: OnnxNode[] = [];
    this.#cursor.eachField(span, ({ number, bytes }) => {
      if (number === 7) nodes.push(this.#node(bytes, 1));
      else if (number === 10) domain = this.#cursor.text(bytes);
    });
    return { domain, nodes };
  }

  #entry(span: Span): [key: string, value: string] {
    let key = '';
    let value = '';
    this.#cursor.eachField(span, ({ number, bytes }) => {
      if (number === 1) key = this.#cursor.text(bytes, true);
      else if (number === 2) value = this.#cursor.text(bytes, true);
    });
    return [key, value];
  }

  #count(): void {
    this.#parts += 1;
    if (this.#parts > maxParts) throw new Error('The graph has more than 200 000 parts');
  }
}

function newGraph(): OnnxGraph {
  return { nodes: [], initialisers: [], sparse: [], inputs: [], outputs: [], values: [], rest: [] };
}

function isData(field: number): boolean {
  return (field >= 4 && field <= 7) || (field >= 9 && field <= 11);
}

function externalPlace(where: ReadonlyMap<string, string>, size: number, name: string): OnnxTensor['data'] {
  const given = where.get('length');
  const needed = Math.ceil(size);
  const length = given === undefined ? needed : placeOf(given);
  // The runtime would say that the file is missing, which it is not.
  if (length < needed)
    throw new WeirError(
      'missing-external-data',
      `Weight ${name.slice(0, 60)} needs ${needed} bytes, but the model says that ${length} of them are beside it: the model is damaged.`,
    );
  return {
    kind: 'external',
    location: where.get('location') ?? '',
    offset: placeOf(where.get('offset') ?? '0'),
    length,
  };
}

/** Offset or length, a decimal number in text; ORT reads a 64-bit one, no file has as many bytes. */
function placeOf(digits: string): number {
  const value = /^\d{1,16}$/.test(digits) ? Number(digits) : NaN;
  if (Number.isSafeInteger(value)) return value;
  throw new ExternalPlaceError(digits);
}
