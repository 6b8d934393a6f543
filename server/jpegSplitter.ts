/**
 * Cuts a stream of JPEG files, which is what ffmpeg writes to a pipe, into its pictures, whatever the chunks it comes in.
 * It walks the markers (ITU-T T.81, annex B): a search for FF D9 alone would cut at the thumbnail inside a segment.
 */

const soi = 0xd8;
const eoi = 0xd9;
const sos = 0xda;

/** A picture beyond this is no picture: it is skipped, so that a broken stream never fills memory. */
const defaultMaxBytes = 64 * 1024 * 1024;

/** Returns a function that takes the next bytes and gives the pictures that are complete with them, each a copy. */
export function createJpegSplitter(maxBytes = defaultMaxBytes): (chunk: Uint8Array) => Buffer<ArrayBuffer>[] {
  let held = Buffer.alloc(256 * 1024);
  let end = 0;
  /** Next byte to look at; may lie beyond `end` when a segment is skipped. */
  let at = 0;
  let start = 0;
  let state: 'seeking' | 'markers' | 'scan' = 'seeking';

  const seekFrom = (index: number) => {
    state = 'seeking';
    start = at = index;
  };

  /** One step; false when it needs more bytes. */
  const step = (pictures: Buffer<ArrayBuffer>[]): boolean => {
    if (state === 'seeking') {
      const found = held.subarray(0, end).indexOf(0xff, at);
      if (found < 0 || found + 2 >= end) {
        start = at = found < 0 ? end : found;
        return false;
      }
      if (held[found + 1] !== soi || held[found + 2] !== 0xff) seekFrom(found + 1);
      else {
        start = found;
        at = found + 2;
        state = 'markers';
      }
      return true;
    }
    if (state === 'scan') {
      const found = at < end ? held.subarray(0, end).indexOf(0xff, at) : -1;
      if (found < 0 || found + 1 >= end) {
        at = found < 0 ? end : found;
        return false;
      }
      const code = held[found + 1] ?? 0;
      // FF 00 is a byte of data, FF D0-D7 a restart inside it; FF FF is filling.
      const stays = code === 0 || (code >= 0xd0 && code <= 0xd7);
      at = stays ? found + 2 : code === 0xff ? found + 1 : found;
      if (!stays && code !== 0xff) state = 'markers';
      return true;
    }
    if (at + 1 >= end) return false;
    const code = held[at + 1] ?? 0;
    if (held[at] !== 0xff || code === 0 || code === soi) {
      // Damaged or cut off: whatever begins after it counts.
      seekFrom(start + 2);
      return true;
    }
    if (code === 0xff) at += 1;
    else if (code === eoi) {
      pictures.push(Buffer.from(held.subarray(start, at + 2)));
      seekFrom(at + 2);
    } else if (code === 0x01 || (code >= 0xd0 && code <= 0xd7)) at += 2;
    else {
      if (at + 3 >= end) return false;
      const length = held.readUInt16BE(at + 2);
      if (length < 2) {
        seekFrom(start + 2);
        return true;
      }
      at += 2 + length;
      if (code === sos) state = 'scan';
    }
    return true;
  };

  return (chunk) => {
    if (end + chunk.length > held.length) {
      const larger = Buffer.alloc(Math.max(2 * held.length, end + chunk.length));
      held.copy(larger, 0, 0, end);
      held = larger;
    }
    held.set(chunk, end);
    end += chunk.length;
    const pictures: Buffer<ArrayBuffer>[] = [];
    while (step(pictures));
    if (end - start > maxBytes) seekFrom(end);
    held.copyWithin(0, start, end);
    end -= start;
    at -= start;
    start = 0;
    return pictures;
  };
}
