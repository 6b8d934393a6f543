/**
 * NumPy's `.npy` format, versions 1 to 3: magic, header length, a Python dict, then the numbers in C order.
 * Source: numpy.lib.format, https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
import { WeirError } from '../errors.ts';
import type { TensorPayload } from '../payload.ts';
import type { TensorData, TensorType } from '../tensor.ts';

type View = new (buffer: ArrayBuffer, offset: number, length: number) => TensorData;

const types: Readonly<Record<string, { readonly type: TensorType; readonly bytes: number; readonly view: View }>> = {
  f2: { type: 'float16', bytes: 2, view: Uint16Array },
  f4: { type: 'float32', bytes: 4, view: Float32Array },
  f8: { type: 'float64', bytes: 8, view: Float64Array },
  u1: { type: 'uint8', bytes: 1, view: Uint8Array },
  i1: { type: 'int8', bytes: 1, view: Int8Array },
  b1: { type: 'bool', bytes: 1, view: Uint8Array },
  u2: { type: 'uint16', bytes: 2, view: Uint16Array },
  i2: { type: 'int16', bytes: 2, view: Int16Array },
  u4: { type: 'uint32', bytes: 4, view: Uint32Array },
  i4: { type: 'int32', bytes: 4, view: Int32Array },
  u8: { type: 'uint64', bytes: 8, view: BigUint64Array },
  i8: { type: 'int64', bytes: 8, view: BigInt64Array },
};

/** \x93NUMPY */
const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const maxHeaderBytes = 65_536;
const maxRank = 32;

export function isNpy(bytes: Uint8Array): boolean {
  return magic.every((byte, i) => bytes[i] === byte);
}

/** The array as a tensor; its numbers are a view of `bytes` where they are aligned, else a copy. @throws WeirError cannot-decode */
export function parseNpy(bytes: Uint8Array<ArrayBuffer>): TensorPayload {
  if (!isNpy(bytes) || bytes.length < 12) throw refused('it is cut off.');
  const numbers = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const long = (bytes[6] ?? 0) > 1;
  const headerBytes = long ? numbers.getUint32(8, true) : numbers.getUint16(8, true);
  const start = (long ? 12 : 10) + headerBytes;
  if (headerBytes > maxHeaderBytes || start > bytes.length) throw refused('its header is longer than the message.');
  const header = new TextDecoder('latin1').decode(bytes.subarray(long ? 12 : 10, start));
  const descr = /'descr':\s*'([<>=|]?)(\w{1,8})'/.exec(header);
  const shape = /'shape':\s*\(([\d,\sL]*)\)/.exec(header);
  if (descr === null || shape === null) throw refused('its header cannot be read; arrays of records are not taken.');
  const element = types[descr[2] ?? ''];
  if (element === undefined) throw refused(`its type is ${descr[2]}, which no input takes.`);
  if (descr[1] === '>' && element.bytes > 1)
    throw refused("it is big-endian: send array.astype(array.dtype.newbyteorder('<')).");
  if (/'fortran_order':\s*True/.test(header))
    throw refused('it is in Fortran order: send numpy.ascontiguousarray(array).');
  const dims = (shape[1] ?? '').split(',').flatMap((part) => (part.trim() === '' ? [] : [Number.parseInt(part, 10)]));
  const length = dims.reduce((product, dim) => product * dim, 1);
  const needed = length * element.bytes;
  if (dims.length > maxRank || start + needed > bytes.length)
    throw refused(
      `it announces ${dims.join(' × ') || 'one number'} of ${element.type} and holds ${bytes.length - start} bytes.`,
    );
  const offset = bytes.byteOffset + start;
  const data =
    offset % element.bytes === 0
      ? new element.view(bytes.buffer, offset, length)
      : new element.view(bytes.slice(start, start + needed).buffer, 0, length);
  return { kind: 'tensor', type: element.type, dims, data };
}

function refused(why: string): WeirError {
  return new WeirError('cannot-decode', `The .npy array was not taken: ${why}`);
}
