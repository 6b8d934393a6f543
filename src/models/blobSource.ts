/** A file that is read by parts and never as a whole. In a worker alone: only there may a file be read without waiting. */
import type { ByteSource } from './byteSource.ts';

/** Of the lib of workers alone, and benches are checked with that of pages. */
declare const FileReaderSync: new () => { readAsArrayBuffer(blob: Blob): ArrayBuffer };

export function sourceOfBlob(blob: Blob): ByteSource {
  const reader = new FileReaderSync();
  const read = (from: number, to: number) => {
    const bytes = reader.readAsArrayBuffer(blob.slice(from, to));
    return new Uint8Array(bytes);
  };
  return { size: blob.size, read };
}
