/**
 * Reads a model file before ORT sees a byte, or builds one; started for one piece of work and ended after it.
 *   page drops a file -> pipeline worker -> this worker: pre-flight, SHA-256 -> pipeline worker
 *   page turns the load dial -> pipeline worker -> this worker: graph -> pipeline worker
 */
import '../trustedTypes.ts';
import { assertNever, WeirError } from '../core/errors.ts';
import { preflight } from '../models/preflight.ts';
import { sha256 } from '../models/sha256.ts';
import type { FromLibrary, ToLibrary } from './protocol.ts';

const post = (message: FromLibrary, transfer: Transferable[] = []) => self.postMessage(message, { transfer });

self.onmessage = async ({ data }: MessageEvent<ToLibrary>) => {
  try {
    switch (data.kind) {
      case 'read': {
        const facts = preflight(new Uint8Array(data.bytes), data.name);
        const hash = await sha256(data.bytes);
        post({ kind: 'read', facts, sha256: hash, bytes: data.bytes }, [data.bytes]);
        return;
      }
      case 'build': {
        // Only those who turn the dial need it.
        const { buildLoadGraph } = await import('../models/loadGraph.ts');
        const { bytes, ...costs } = buildLoadGraph(data.recipe);
        post({ kind: 'built', bytes: bytes.buffer, costs }, [bytes.buffer]);
        return;
      }
      default:
        assertNever(data);
    }
  } catch (error) {
    post({ kind: 'refused', error: WeirError.wrap(error, 'not-a-model').toData() });
  }
};
