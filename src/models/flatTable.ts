/**
 * Tables of a flatbuffer, read field by field with every place checked: an ORT file is one. Format: flatbuffers.dev,
 * "FlatBuffer Internals".
 */
import type { ByteSource } from './byteSource.ts';

export class FlatTable {
  readonly #source: ByteSource;
  readonly #at: number;
  readonly #fields: DataView;

  /** @throws RangeError where the file is damaged */
  constructor(source: ByteSource, at: number) {
    this.#source = source;
    this.#at = at;
    const back = viewOf(source, at, 4).getInt32(0, true);
    const size = viewOf(source, at - back, 2).getUint16(0, true);
    this.#fields = viewOf(source, at - back, size);
  }

  /** The table that the file begins with. */
  static root(source: ByteSource): FlatTable {
    return new FlatTable(source, viewOf(source, 0, 4).getUint32(0, true));
  }

  text(field: number): string | undefined {
    const place = this.#target(field);
    return place === undefined ? undefined : textAt(this.#source, place);
  }

  int32(field: number): number | undefined {
    const place = this.#place(field);
    return place === undefined ? undefined : viewOf(this.#source, place, 4).getInt32(0, true);
  }

  int64(field: number): number | undefined {
    const place = this.#place(field);
    return place === undefined ? undefined : Number(viewOf(this.#source, place, 8).getBigInt64(0, true));
  }

  table(field: number): FlatTable | undefined {
    const place = this.#target(field);
    return place === undefined ? undefined : new FlatTable(this.#source, place);
  }

  tables(field: number): FlatTable[] {
    return this.#elements(field, 4).map((place) => new FlatTable(this.#source, targetOf(this.#source, place)));
  }

  int64s(field: number): number[] {
    return this.#elements(field, 8).map((place) => Number(viewOf(this.#source, place, 8).getBigInt64(0, true)));
  }

  #elements(field: number, size: number): number[] {
    const place = this.#target(field);
    if (place === undefined) return [];
    const length = viewOf(this.#source, place, 4).getUint32(0, true);
    if (length * size > this.#source.size) throw new RangeError('A list is longer than the file');
    return Array.from({ length }, (_, i) => place + 4 + i * size);
  }

  /** Undefined: the field has its default. */
  #place(field: number): number | undefined {
    const entry = 4 + 2 * field;
    const offset = entry + 2 <= this.#fields.byteLength ? this.#fields.getUint16(entry, true) : 0;
    return offset === 0 ? undefined : this.#at + offset;
  }

  #target(field: number): number | undefined {
    const place = this.#place(field);
    return place === undefined ? undefined : targetOf(this.#source, place);
  }
}

function targetOf(source: ByteSource, place: number): number {
  return place + viewOf(source, place, 4).getUint32(0, true);
}

function textAt(source: ByteSource, place: number): string {
  const length = viewOf(source, place, 4).getUint32(0, true);
  const { buffer, byteOffset, byteLength } = viewOf(source, place + 4, Math.min(length, 65_536));
  return new TextDecoder().decode(new Uint8Array(buffer, byteOffset, byteLength));
}

function viewOf(source: ByteSource, from: number, length: number): DataView {
  if (from < 0 || from + length > source.size) throw new RangeError('A place lies outside the file');
  const { buffer, byteOffset, byteLength } = source.read(from, from + length);
  return new DataView(buffer, byteOffset, byteLength);
}
