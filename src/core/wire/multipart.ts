/**
 * `multipart/x-mixed-replace`, the way in which network cameras send MJPEG over HTTP (W3C "server push"; RFC 2046 for the
 * form). Cameras are careless about it: line ends, dashes of the boundary and lengths are taken as they come.
 */
import { WeirError } from '../errors.ts';

export interface Multipart {
  /** Bodies of the parts that are whole now. @throws WeirError too-large */
  push(chunk: Uint8Array): Uint8Array<ArrayBuffer>[];
}

const latin1 = new TextDecoder('latin1');
/** Of a part. */
const maxPartBytes = 64 * 1024 * 1024;
const maxHeaderBytes = 16 * 1024;

/** The boundary of a Content-Type header, or undefined where it is none of this kind. */
export function boundaryOf(contentType: string | null): string | undefined {
  if (contentType === null || !/^multipart\//i.test(contentType.trim())) return undefined;
  const found = /boundary\s*=\s*(?:"([^"]*)"|([^;\s]+))/i.exec(contentType);
  // Some write the two dashes of the delimiter into the boundary itself.
  return (found?.[1] ?? found?.[2])?.replace(/^--/, '').slice(0, 200) || undefined;
}

/** Headers are looked for in pieces of this size, so that what follows them can be copied to its place at once. */
const headerStepBytes = 2048;

export function createMultipart(boundary: string): Multipart {
  const delimiter = new TextEncoder().encode(`--${boundary}`);
  /** Headers, and bodies that do not say their length. */
  let held = new Uint8Array(64 * 1024);
  /** What is held stands from `begin` to `end`; up to `searched` it has no delimiter. */
  let begin = 0;
  let end = 0;
  let searched = 0;
  let open:
    | { readonly kind: 'sized'; readonly body: Uint8Array<ArrayBuffer>; filled: number }
    | { kind: 'unsized' }
    | undefined;

  const hold = (bytes: Uint8Array) => {
    const size = end - begin + bytes.length;
    checkSize(size);
    if (end + bytes.length > held.length) {
      const kept = held.subarray(begin, end);
      // Moved to the front only when half of it is free: else thousands of small parts would move one chunk each.
      if (2 * size > held.length) held = new Uint8Array(Math.max(2 * held.length, size));
      held.set(kept);
      searched = Math.max(0, searched - begin);
      end -= begin;
      begin = 0;
    }
    held.set(bytes, end);
    end += bytes.length;
  };
  const drop = (until: number) => {
    begin = searched = until;
  };

  /** Finds the delimiter, then the empty line that ends the headers; what stands behind them is the body. */
  const findBody = (): boolean => {
    const start = indexOf(held.subarray(0, end), delimiter, begin);
    if (start < 0) {
      // What stands before the first delimiter is nobody's.
      drop(Math.max(begin, end - delimiter.length));
      return false;
    }
    const headersEnd = endOfHeaders(held.subarray(0, Math.min(end, start + maxHeaderBytes)), start);
    if (headersEnd === undefined) {
      if (end - start > maxHeaderBytes) drop(start + delimiter.length);
      return false;
    }
    const headers = latin1.decode(held.subarray(start, headersEnd));
    const declared = /^content-length:\s*(\d{1,12})\s*$/im.exec(headers);
    drop(headersEnd);
    if (declared === null) {
      open = { kind: 'unsized' };
      return true;
    }
    checkSize(Number(declared[1]));
    const sized = { kind: 'sized' as const, body: new Uint8Array(Number(declared[1])), filled: 0 };
    sized.filled = Math.min(end - begin, sized.body.length);
    sized.body.set(held.subarray(begin, begin + sized.filled));
    drop(begin + sized.filled);
    open = sized;
    return true;
  };

  /** The body up to the next delimiter. */
  const takeUnsized = (): Uint8Array<ArrayBuffer> | undefined => {
    const found = indexOf(held.subarray(0, end), delimiter, searched);
    if (found < 0) {
      searched = Math.max(begin, end - delimiter.length);
      return undefined;
    }
    const lineEnd = held[found - 1] !== 0x0a ? 0 : held[found - 2] === 0x0d ? 2 : 1;
    const body = held.slice(begin, Math.max(begin, found - lineEnd));
    drop(found);
    return body;
  };

  return {
    push(chunk) {
      const parts: Uint8Array<ArrayBuffer>[] = [];
      const close = (body: Uint8Array<ArrayBuffer>) => {
        if (body.length > 0) parts.push(body);
        open = undefined;
      };
      let rest = chunk;
      for (;;) {
        if (open?.kind === 'sized') {
          const { body } = open;
          const more = rest.subarray(0, body.length - open.filled);
          body.set(more, open.filled);
          open.filled += more.length;
          rest = rest.subarray(more.length);
          if (open.filled < body.length) return parts;
          close(body);
        } else if (open?.kind === 'unsized') {
          hold(rest);
          rest = rest.subarray(rest.length);
          const body = takeUnsized();
          if (body === undefined) return parts;
          close(body);
        } else if (!findBody()) {
          if (rest.length === 0) return parts;
          hold(rest.subarray(0, headerStepBytes));
          rest = rest.subarray(headerStepBytes);
        }
      }
    },
  };
}

function checkSize(bytes: number): void {
  if (bytes > maxPartBytes)
    throw new WeirError('too-large', `A part of the stream has more than ${maxPartBytes} bytes.`);
}

/** Behind the first empty line, with either line end; undefined when there is none yet. */
function endOfHeaders(bytes: Uint8Array, from: number): number | undefined {
  for (let at = bytes.indexOf(0x0a, from); at >= 0; at = bytes.indexOf(0x0a, at + 1)) {
    if (bytes[at + 1] === 0x0a) return at + 2;
    if (bytes[at + 1] === 0x0d && bytes[at + 2] === 0x0a) return at + 3;
  }
  return undefined;
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array, from: number): number {
  const first = wanted[0] as number;
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {
    let same = 1;
    while (same < wanted.length && bytes[at + same] === wanted[same]) same += 1;
    if (same === wanted.length) return at;
  }
  return -1;
}
