/**
 * Writes a changed model as pieces: new bytes for what was changed, places of the original for the rest. Large weights may
 * stay in the original file altogether, which then lies beside the new graph as its external data.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { ByteSource } from './byteSource.ts';
import { bytesOf } from './elementTypes.ts';
import {
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
  sizeOf,
} from './onnxModel.ts';
import type { Span } from './protoCursor.ts';

export type Piece = Uint8Array | Span;

/** Name of the original file where it is the external data of the new graph, and from how many bytes on a weight stays in it. */
export interface Beside {
  readonly location: string;
  readonly minBytes: number;
}

/** Field numbers: onnx/onnx.proto. */
export function writeModel(model: OnnxModel, beside?: Beside): Piece[] {
  const { irVersion, opsets, graph, rest } = model;
  const head = new BinaryWriter();
  if (irVersion !== undefined) head.tag(1, WireType.Varint).int64(irVersion);
  return [
    head.finish(),
    ...rest,
    ...(graph === undefined ? [] : nested(7, graphPieces(graph, beside))),
    ...[...opsets].flatMap(([domain, version]) =>
      nested(8, [
        encode((w) => {
          text(w, 1, domain === 'ai.onnx' ? '' : domain);
          w.tag(2, WireType.Varint).int64(version);
        }),
      ]),
    ),
  ];
}

export function piecesLength(pieces: readonly Piece[]): number {
  return pieces.reduce((total, piece) => total + lengthOf(piece), 0);
}

/** The whole in memory. */
export function assemble(pieces: readonly Piece[], source: ByteSource): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(piecesLength(pieces));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece instanceof Uint8Array ? piece : source.read(piece.from, piece.to), at);
    at += lengthOf(piece);
  }
  return whole;
}

function lengthOf(piece: Piece): number {
  return piece instanceof Uint8Array ? piece.length : piece.to - piece.from;
}

function graphPieces({ nodes, initialisers, inputs, outputs, values, rest }: OnnxGraph, beside?: Beside): Piece[] {
  return [
    ...nodes.flatMap((node) => nested(1, nodePieces(node))),
    ...initialisers.flatMap((tensor) => nested(5, tensorPieces(tensor, beside))),
    ...inputs.flatMap((value) => nested(11, [valuePiece(value)])),
    ...outputs.flatMap((value) => nested(12, [valuePiece(value)])),
    ...values.flatMap((value) => nested(13, [valuePiece(value)])),
    ...rest,
  ];
}

function nodePieces({ span, name, op, domain, inputs, outputs, attributes }: OnnxNode): Piece[] {
  if (span !== undefined) return [span];
  return [
    encode((w) => {
      for (const each of inputs) text(w, 1, each);
      for (const each of outputs) text(w, 2, each);
      if (name !== '') text(w, 3, name);
      text(w, 4, op);
      if (domain !== '') text(w, 7, domain);
    }),
    ...attributes.flatMap((attribute) => nested(5, [attribute.span ?? encode((w) => writeAttribute(w, attribute))])),
  ];
}

/** Those that are made here hold numbers or text. AttributeProto types: 1 float, 2 int, 3 string, 6 floats, 7 ints. */
function writeAttribute(w: BinaryWriter, { name, value, float = false }: OnnxAttribute): void {
  text(w, 1, name);
  const type = (number: number) => w.tag(20, WireType.Varint).int32(number);
  if (typeof value === 'string') {
    text(w, 4, value);
    type(3);
  } else if (typeof value === 'number') {
    if (float) w.tag(2, WireType.Bit32).float(value);
    else w.tag(3, WireType.Varint).int64(value);
    type(float ? 1 : 2);
  } else {
    for (const each of value ?? []) {
      if (typeof each === 'string') throw new Error('No list of texts is ever made.');
      if (float) w.tag(7, WireType.Bit32).float(each);
      else w.tag(8, WireType.Varint).int64(each);
    }
    type(float ? 6 : 7);
  }
}

function tensorPieces(tensor: OnnxTensor, beside: Beside | undefined): Piece[] {
  const { name, dims, type, data, span } = tensor;
  const place = beside === undefined ? undefined : placeBeside(tensor, beside);
  if (span !== undefined && place === undefined) return [span];
  return [
    encode((w) => {
      for (const dim of dims) w.tag(1, WireType.Varint).int64(dim);
      w.tag(2, WireType.Varint).int32(type);
      text(w, 8, name);
      if (place !== undefined && beside !== undefined) {
        const entries = {
          location: beside.location,
          offset: String(place.from),
          length: String(place.to - place.from),
        };
        for (const [key, value] of Object.entries(entries))
          fork(w, 13, () => {
            text(w, 1, key);
            text(w, 2, value);
          });
        w.tag(14, WireType.Varint).int32(1);
      } else if (data.kind === 'new') w.tag(9, WireType.LengthDelimited).bytes(data.bytes);
      else throw new Error('A tensor without a place was made here.');
    }),
  ];
}

/** Where the elements of a large weight stand, one after the other as ORT reads them: raw, or packed floats. */
function placeBeside({ dims, type, data }: OnnxTensor, { minBytes }: Beside): Span | undefined {
  // Shapes are inferred from whole numbers, and the runtime reads no data file for that.
  if (type === 6 || type === 7) return undefined;
  const plain = data.kind === 'raw' || (data.kind === 'typed' && (data.field === 4 || data.field === 10));
  if (!plain) return undefined;
  const length = data.at.to - data.at.from;
  return length >= minBytes && length === Math.ceil(sizeOf(dims) * bytesOf(type)) ? data.at : undefined;
}

function valuePiece({ span, info, shaped, elementType }: OnnxValue): Piece {
  if (span !== undefined) return span;
  return encode((w) => {
    text(w, 1, info.name);
    fork(w, 2, () =>
      fork(w, 1, () => {
        w.tag(1, WireType.Varint).int32(elementType);
        if (!shaped) return;
        fork(w, 2, () => {
          for (const dim of info.shape)
            fork(w, 1, () => {
              if (typeof dim === 'number') w.tag(1, WireType.Varint).int64(dim);
              else if (dim !== '?') text(w, 2, dim);
            });
        });
      }),
    );
  });
}

/** A field of that number around pieces. */
function nested(field: number, pieces: readonly Piece[]): Piece[] {
  const head = new BinaryWriter().tag(field, WireType.LengthDelimited).uint32(piecesLength(pieces));
  return [head.finish(), ...pieces];
}

function encode(write: (w: BinaryWriter) => void): Uint8Array {
  const w = new BinaryWriter();
  write(w);
  return w.finish();
}

function fork(w: BinaryWriter, field: number, write: () => void): void {
  w.tag(field, WireType.LengthDelimited).fork();
  write();
  w.join();
}

function text(w: BinaryWriter, field: number, value: string): void {
  w.tag(field, WireType.LengthDelimited).string(value);
}
