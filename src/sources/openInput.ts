/**
 * A file of this computer, opened by the demuxers: whoever opens it ends it, also when it turns out to be of no use.
 * Demuxers are large and most visitors never need one, so they are fetched with the first file.
 */
import type { Input } from 'mediabunny';

export type Mediabunny = typeof import('mediabunny');

/** `take` has the input from then on; when it throws, the input is disposed. */
export async function openInput<T>(file: Blob, take: (input: Input, library: Mediabunny) => Promise<T>): Promise<T> {
  const library = await import('mediabunny');
  const input = new library.Input({ source: new library.BlobSource(file), formats: library.ALL_FORMATS });
  try {
    return await take(input, library);
  } catch (error) {
    input.dispose();
    throw error;
  }
}
