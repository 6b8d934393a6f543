/** The same ONNX file with other names of its input and output: one of the peers knows them by fixed names only. */
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

type Names = Readonly<Record<string, string>>;
/** Returns the new bytes of a field that has a length, or undefined to keep it. */
type Change = (field: number, bytes: Uint8Array) => Uint8Array | undefined;

/** Field numbers: onnx/onnx.proto. */
export function renameTensors(model: Uint8Array, names: Names): Uint8Array {
  const name = (bytes: Uint8Array) => {
    const next = names[new TextDecoder().decode(bytes)];
    return next === undefined ? undefined : new TextEncoder().encode(next);
  };
  const node: Change = (field, bytes) => (field === 1 || field === 2 ? name(bytes) : undefined);
  const value: Change = (field, bytes) => (field === 1 ? name(bytes) : undefined);
  const graph: Change = (field, bytes) => {
    if (field === 1) return rewrite(bytes, node);
    return field === 11 || field === 12 || field === 13 ? rewrite(bytes, value) : undefined;
  };
  return rewrite(model, (field, bytes) => (field === 7 ? rewrite(bytes, graph) : undefined));
}

function rewrite(bytes: Uint8Array, change: Change): Uint8Array {
  const reader = new BinaryReader(bytes);
  const writer = new BinaryWriter();
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [field, wireType] = reader.tag();
    const next = wireType === WireType.LengthDelimited ? change(field, reader.bytes()) : skip();
    if (next === undefined) writer.raw(bytes.subarray(start, reader.pos));
    else writer.tag(field, wireType).bytes(next);

    function skip(): undefined {
      reader.skip(wireType, field);
    }
  }
  return writer.finish();
}
