/**
 * Reads a model file before ORT sees a byte; started for one file and ended after it.
 *   page drops a file -> pipeline worker -> this worker: pre-flight, SHA-256 -> pipeline worker
 */
import '../trustedTypes.ts';
import { WeirError } from '../core/errors.ts';
import { preflight } from '../models/preflight.ts';
import { sha256 } from '../models/sha256.ts';
import type { FromLibrary, ToLibrary } from './protocol.ts';

const post = (message: FromLibrary, transfer: Transferable[] = []) => self.postMessage(message, { transfer });

self.onmessage = async ({ data }: MessageEvent<ToLibrary>) => {
  try {
    const facts = preflight(new Uint8Array(data.bytes), data.name);
    const hash = await sha256(data.bytes);
    post({ kind: 'read', facts, sha256: hash, bytes: data.bytes }, [data.bytes]);
  } catch (error) {
    post({ kind: 'refused', error: WeirError.wrap(error, 'not-a-model').toData() });
  }
};
