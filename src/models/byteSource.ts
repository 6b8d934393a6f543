/**
 * Bytes that can be read at any place: of an array in memory, or of a file that is never read as a whole.
 * Synchronous, because a reader that waits at each field would be ten times as slow; workers may read files so.
 */

export interface ByteSource {
  readonly size: number;
  /** The bytes from `from` up to `to`, both within the size. They may be a view: nobody writes into them. */
  read(from: number, to: number): Uint8Array;
}

export function sourceOfBytes(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, read: (from, to) => bytes.subarray(from, to) };
}
