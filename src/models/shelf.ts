/**
 * Where the library puts its files: three flat folders that survive the page. An interface, because what must hold when a
 * page dies in the middle of a write is tried out on a shelf in memory, step by step.
 */

/** `parts`: not finished, never opened; `blobs`: whole files by their SHA-256; `entries`: one JSON file for each model. */
export type Place = 'parts' | 'blobs' | 'entries';

export interface ShelfWriter {
  size(): number;
  /** Returns how many bytes were read. */
  read(into: Uint8Array<ArrayBuffer>, at: number): number;
  /** @throws QuotaExceededError */
  write(bytes: Uint8Array<ArrayBuffer>, at: number): void;
  truncate(size: number): void;
  /** What was written is on the disk when it returns. */
  flush(): void;
  close(): void;
}

export interface Shelf {
  names(place: Place): Promise<string[]>;
  /** Undefined: there is none. */
  file(place: Place, name: string): Promise<Blob | undefined>;
  /** What is there already stays. @throws NoModificationAllowedError while another one writes */
  writer(place: Place, name: string): Promise<ShelfWriter>;
  /** In one step: it is there whole or not at all. What had the name is replaced. */
  move(from: Place, name: string, to: Place, as: string): Promise<void>;
  /** Says whether it is gone: a file that is being written cannot be removed. */
  remove(place: Place, name: string): Promise<boolean>;
}
