/**
 * Downloads that are not finished yet: their bytes and, beside them, which file of the server they are of. The next try
 * goes on where they end, also after the page was closed.
 */
import * as v from 'valibot';
import { sha256 } from './sha256.ts';
import type { Shelf, ShelfWriter } from './shelf.ts';

/** By what a server's file is known again. */
export interface Validator {
  readonly etag?: string;
  readonly lastModified?: string;
}

export interface Part {
  readonly name: string;
  /** Of an earlier try. */
  readonly held: { readonly bytes: number; readonly validator: Validator } | undefined;
  read(into: Uint8Array<ArrayBuffer>): void;
  /** All that was there goes. */
  begin(validator: Validator): Promise<void>;
  write(bytes: Uint8Array<ArrayBuffer>, at: number): void;
  /** It stays for the next try, or until it is adopted. */
  close(): void;
  discard(): Promise<void>;
}

const prefix = 'download-';
const keptForMs = 7 * 24 * 3600 * 1000;

const ValidatorSchema = v.object({ etag: v.optional(v.string()), lastModified: v.optional(v.string()) });

/** Undefined: nothing can be stored here, or another tab downloads the same. */
export async function openPart(shelf: Shelf, url: string): Promise<Part | undefined> {
  const name = prefix + (await sha256(new TextEncoder().encode(url)));
  let writer: ShelfWriter;
  try {
    writer = await shelf.writer('parts', name);
  } catch {
    return undefined;
  }
  const validator = await readValidator(shelf, name);
  const bytes = writer.size();
  const held = validator === undefined || bytes === 0 ? undefined : { bytes, validator };
  return {
    name,
    held,
    read: (into) => void writer.read(into, 0),
    async begin(next) {
      writer.truncate(0);
      const beside = await shelf.writer('parts', `${name}.json`);
      try {
        const text = new TextEncoder().encode(JSON.stringify(next));
        beside.truncate(0);
        beside.write(text, 0);
        beside.flush();
      } finally {
        beside.close();
      }
    },
    write: (chunk, at) => writer.write(chunk, at),
    close() {
      writer.flush();
      writer.close();
    },
    async discard() {
      writer.close();
      await shelf.remove('parts', name);
      await shelf.remove('parts', `${name}.json`);
    },
  };
}

/** A download that may still go on; anything else among the parts is a leftover. */
export async function isPart(shelf: Shelf, name: string, now: number): Promise<boolean> {
  if (!name.startsWith(prefix)) return false;
  const bare = name.replace(/\.json$/, '');
  const file = await shelf.file('parts', bare);
  if (file === undefined || (await readValidator(shelf, bare)) === undefined) return false;
  const modified = file instanceof File ? file.lastModified : now;
  return now - modified < keptForMs;
}

async function readValidator(shelf: Shelf, name: string): Promise<Validator | undefined> {
  const file = await shelf.file('parts', `${name}.json`);
  if (file === undefined) return undefined;
  try {
    const parsed = v.safeParse(ValidatorSchema, JSON.parse(await file.text()));
    return parsed.success ? (parsed.output as Validator) : undefined;
  } catch {
    return undefined;
  }
}
