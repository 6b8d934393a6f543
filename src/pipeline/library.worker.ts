/**
 * Reads a model file before ORT sees a byte, builds one, downloads one, and keeps them; started for one piece of work and
 * ended after it.
 *   page drops a file -> pipeline worker -> this worker: pre-flight, SHA-256 -> pipeline worker
 *   page turns the load dial -> pipeline worker -> this worker: graph -> pipeline worker
 *   address -> pipeline worker -> this worker: download, stored on its way -> pipeline worker
 *   model opens -> pipeline worker -> this worker: copied beside the opening, entered when it has served
 */
import '../trustedTypes.ts';
import { WeirError } from '../core/errors.ts';
import { preflight } from '../models/preflight.ts';
import { sha256 } from '../models/sha256.ts';
import { bytesOf } from './modelFiles.ts';
import type { FromLibrary, ToLibrary } from './protocol.ts';

const post = (message: FromLibrary, transfer: Transferable[] = []) => self.postMessage(message, { transfer });

self.onmessage = async ({ data }: MessageEvent<ToLibrary>) => {
  try {
    switch (data.kind) {
      case 'read': {
        const bytes = await bytesOf(data.file);
        const hash = await sha256(bytes);
        if (data.pinned !== undefined && hash !== data.pinned)
          throw new WeirError('changed-file', 'The file is not the one it should be.', { details: hash });
        const facts = preflight(new Uint8Array(bytes), data.file.name);
        post({ kind: 'read', facts, sha256: hash, bytes }, [bytes]);
        return;
      }
      case 'build': {
        // Only those who turn the dial need it.
        const { buildLoadGraph } = await import('../models/loadGraph.ts');
        const { bytes, ...costs } = buildLoadGraph(data.recipe);
        post({ kind: 'built', bytes: bytes.buffer, costs }, [bytes.buffer]);
        return;
      }
      default: {
        // Whoever only opens a file is not kept waiting for it.
        const { createLibraryWork } = await import('./libraryWork.ts');
        await (work ??= createLibraryWork(post))(data);
      }
    }
  } catch (error) {
    post({ kind: 'refused', error: WeirError.wrap(error, 'not-a-model').toData() });
  }
};
let work: ((message: Exclude<ToLibrary, { kind: 'read' | 'build' }>) => Promise<void>) | undefined;
