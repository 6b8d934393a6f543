/** Writes `.npy` for tests, right and wrong ones; the layout is that of numpy.lib.format, version 1. */

/** A `.npy` of the given header and numbers; `pad` shifts the data off their alignment. */
export function npy(descr: string, shape: string, data: ArrayBufferView, more = "'fortran_order': False", pad = 0) {
  const text = `{'descr': '${descr}', ${more}, 'shape': ${shape}, }`;
  const header = `${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11 + pad)}\n`;
  const bytes = new Uint8Array(10 + header.length + data.byteLength);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 255, header.length >> 8]);
  bytes.set(new TextEncoder().encode(header), 10);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 10 + header.length);
  return bytes;
}
