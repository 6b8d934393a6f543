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
import type { MendedModel, RepairKind } from '../core/repair.ts';
import { sourceOfBytes } from '../models/byteSource.ts';
import { readModel } from '../models/preflight.ts';
import { mend } from '../models/repair/mend.ts';
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
        const { facts, mended } = readAndMend(bytes, data.off, data.file.name);
        post({ kind: 'read', facts, sha256: hash, bytes, mended }, [bytes, ...graphOf(mended)]);
        return;
      }
      case 'mend': {
        const { mended } = readAndMend(data.bytes, data.off);
        post({ kind: 'mended', mended }, graphOf(mended));
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
let work: ((message: Exclude<ToLibrary, { kind: 'read' | 'mend' | 'build' }>) => Promise<void>) | undefined;

function readAndMend(bytes: ArrayBuffer, off: readonly RepairKind[], name?: string) {
  const source = sourceOfBytes(new Uint8Array(bytes));
  const { facts, model } = readModel(source, name);
  return { facts, mended: model === undefined ? undefined : mendOrLeave(model, source, off) };
}

/** A graph that the repairs stumble over is the runtime's to judge: opening never fails by them. */
function mendOrLeave(...given: Parameters<typeof mend>): MendedModel | undefined {
  try {
    return mend(...given);
  } catch (error) {
    const why = `The repairs could not read this graph: ${WeirError.wrap(error, 'not-a-model').message}`;
    return { repair: { notes: [], off: [], check: { status: 'unchecked', why } } };
  }
}

const graphOf = (mended: MendedModel | undefined) => (mended?.graph === undefined ? [] : [mended.graph.bytes]);
