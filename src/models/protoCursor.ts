/**
 * Walks protobuf fields at any place of a byte source through a small window, so that what is stepped over is never read.
 * Every length in the file is taken for hostile: a part never reaches beyond what holds it.
 */
import type { ByteSource } from './byteSource.ts';

/** Bytes of the file, from `from` up to `to`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A part says that it is longer than what holds it; where the holder is the file, the file was cut off. */
export class CutOffError extends Error {
  constructor(
    readonly missingBytes: number,
    readonly holder: Span,
  ) {
    super(`${missingBytes} bytes are missing in a part of ${holder.to - holder.from} bytes`);
  }
}

export interface Field {
  readonly number: number;
  /** The field with its tag. */
  readonly whole: Span;
  /** 0: a varint, in `value`. Others have `bytes`. */
  readonly wire: number;
  /** Whole numbers beyond 2^53 are rounded. */
  readonly value: number;
  readonly bytes: Span;
}

/** After a step over a weight: enough for the head of the next one. */
const smallWindow = 4096;
/** Where one part follows on another the window grows, so that a long list of nodes is read in few pieces. */
const largeWindow = 262_144;
/** Of a name; what is longer is damage. */
const maxTextBytes = 65_536;

export class ProtoCursor {
  readonly size: number;
  readonly #source: ByteSource;
  readonly #decoder = new TextDecoder();
  #window: Uint8Array = new Uint8Array(0);
  /** Where the window begins in the source. */
  #at = 0;
  #pos = 0;
  #reach = smallWindow;

  constructor(source: ByteSource) {
    this.#source = source;
    this.size = source.size;
  }

  /** Calls `take` with each field of a message, in order; `take` may walk on inside of it. */
  eachField(message: Span, take: (field: Field) => void): void {
    let from = message.from;
    while (from < message.to) {
      this.#pos = from;
      const tag = this.#varint(message);
      const wire = tag & 7;
      const number = (tag - wire) / 8;
      const value = wire === 0 ? this.#varint(message) : 0;
      const length = wire === 0 ? 0 : this.#lengthOf(wire, message);
      const bytes = { from: this.#pos, to: this.#pos + length };
      if (!(length >= 0) || number < 1) throw new Error('A field has no length or no number');
      if (bytes.to > message.to) throw new CutOffError(bytes.to - message.to, message);
      take({ number, whole: { from, to: bytes.to }, wire, value, bytes });
      from = bytes.to;
    }
  }

  /** Packed whole numbers. */
  eachVarint(part: Span, take: (value: number) => void): void {
    this.#pos = part.from;
    while (this.#pos < part.to) take(this.#varint(part));
  }

  /** A copy that lasts, for parts that are known to be small. */
  bytes({ from, to }: Span): Uint8Array<ArrayBuffer> {
    if (from >= this.#at && to <= this.#at + this.#window.length)
      return this.#window.slice(from - this.#at, to - this.#at);
    return new Uint8Array(this.#source.read(from, to));
  }

  view(part: Span): DataView {
    return new DataView(this.bytes(part).buffer);
  }

  /** @param cut what is longer is cut and not refused */
  text({ from, to }: Span, cut = false): string {
    if (to - from > maxTextBytes && !cut) throw new Error('A name is too long');
    return this.#decoder.decode(this.bytes({ from, to: Math.min(to, from + maxTextBytes) }));
  }

  #lengthOf(wire: number, message: Span): number {
    if (wire === 2) return this.#varint(message);
    if (wire === 1) return 8;
    if (wire === 5) return 4;
    throw new Error('Groups do not occur in ONNX');
  }

  /** As a signed number of 64 bits. */
  #varint({ to }: Span): number {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.#pos >= to) throw new Error('A number is cut off');
      const byte = this.#byte();
      const part = byte & 127;
      if (shift < 28) low |= part << shift;
      else if (shift === 28) {
        low |= part << 28;
        high |= part >> 4;
      } else high |= part << (shift - 32);
      if (byte < 128) return high * 4_294_967_296 + (low >>> 0);
    }
    throw new Error('A number is too long');
  }

  #byte(): number {
    const index = this.#pos - this.#at;
    this.#pos += 1;
    const byte = index < 0 ? undefined : this.#window[index];
    return byte ?? this.#refill();
  }

  #refill(): number {
    const at = this.#pos - 1;
    const next = at === this.#at + this.#window.length;
    this.#reach = next ? Math.min(largeWindow, 4 * this.#reach) : smallWindow;
    this.#at = at;
    this.#window = this.#source.read(at, Math.min(this.size, at + this.#reach));
    const [byte] = this.#window;
    if (byte === undefined) throw new Error('The file became shorter');
    return byte;
  }
}
