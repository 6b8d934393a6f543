/** Where the bytes of a download go: into memory, from which the model opens, and into the part, from which the next try goes on. */
import type { Part, Validator } from './parts.ts';

/** ORT cannot address more than 4 GB, and a tab does not get the five times of it that opening takes. */
export const maxModelBytes = 2 ** 31;

export interface Target {
  readonly length: number;
  readonly validator: Validator | undefined;
  reserve(total: number | undefined): void;
  restart(validator: Validator | undefined): Promise<void>;
  append(chunk: Uint8Array<ArrayBuffer>, total: number | undefined): void;
  close(): void;
  bytes(): ArrayBuffer;
  /** All of it is in the part too. */
  stored(): boolean;
}

/** What is held of an earlier try is there at once. */
export function createTarget(
  part: Part | undefined,
  onProgress: ((bytes: number, total: number | undefined) => void) | undefined,
): Target {
  let buffer = new Uint8Array(part?.held?.bytes ?? 0);
  let length = buffer.byteLength;
  let validator = part?.held?.validator;
  let writes = part !== undefined;
  let closed = false;
  if (length > 0) part?.read(buffer);
  const grow = (size: number) => {
    if (size <= buffer.byteLength) return;
    const larger = new Uint8Array(size);
    larger.set(buffer.subarray(0, length));
    buffer = larger;
  };
  const store = (work: () => void) => {
    if (!writes) return;
    try {
      work();
    } catch {
      // The disk is full: it is downloaded all the same, and the library says what it could not keep.
      writes = false;
    }
  };
  return {
    get length() {
      return length;
    },
    get validator() {
      return validator;
    },
    // With a known size the bytes go straight to their place; otherwise the buffer doubles.
    reserve: (total) => grow(Math.min(total ?? 1 << 20, maxModelBytes)),
    async restart(next) {
      length = 0;
      validator = next;
      await part?.begin(next ?? {}).catch(() => {
        writes = false;
      });
    },
    append(chunk, total) {
      const end = length + chunk.byteLength;
      if (end > buffer.byteLength) grow(Math.max(end, Math.min(buffer.byteLength * 2, maxModelBytes)));
      buffer.set(chunk, length);
      const at = length;
      store(() => part?.write(chunk, at));
      length = end;
      onProgress?.(length, total !== undefined && length <= total ? total : undefined);
    },
    close() {
      if (closed || part === undefined) return;
      closed = true;
      store(() => part.close());
    },
    bytes: () => (length === buffer.byteLength ? buffer.buffer : buffer.buffer.slice(0, length)),
    stored: () => writes,
  };
}
