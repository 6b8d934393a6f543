/** What came as a payload; what cannot be read becomes a frame that fails with its reason, so that it is counted. */
import { WeirError } from '../core/errors.ts';
import type { Payload } from '../core/payload.ts';

export interface ReadPayload {
  readonly payload: Payload;
  readonly bytes: number;
}

export async function readFile(
  { name, size }: Pick<File, 'name' | 'size'>,
  maxBytes: number,
  read: () => Promise<ReadPayload>,
): Promise<ReadPayload> {
  const shown = name.slice(0, 60);
  if (size > maxBytes) return broken(tooLarge(shown, size, maxBytes));
  try {
    return await read();
  } catch (error) {
    const message = `${shown} cannot be read: it was moved or changed since it was chosen.`;
    return broken(new WeirError('cannot-decode', message, { cause: error }));
  }
}

export function broken(error: WeirError): ReadPayload {
  return { payload: { kind: 'broken', error: error.toData() }, bytes: 0 };
}

export function tooLarge(what: string, bytes: number, limit: number): WeirError {
  const inMiB = (value: number) => Math.ceil(value / 1024 ** 2);
  return new WeirError('too-large', `${what} has ${inMiB(bytes)} MiB; the limit is ${inMiB(limit)} MiB.`);
}
