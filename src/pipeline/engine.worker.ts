/**
 * Entry of an engine worker: one ORT instance, pixels and preparation included; disposable.
 *   pool (pipeline worker) -> ToEngine -> serveEngine
 *     load: createOrtSession -> first run on zeros -> loaded
 *     run:  createPixels.toPicture -> preparer.prepare -> session.run -> outputs transferred back
 */
import '../trustedTypes.ts';
import type { FromEngine, ToEngine } from '../engine/messages.ts';
import { createOrtSession } from '../engine/ortSession.ts';
import { loadPreparer } from '../engine/loadPreparer.ts';
import { serveEngine } from '../engine/serveEngine.ts';
import { createPixels } from '../pixels/createPixels.ts';

declare const self: DedicatedWorkerGlobalScope;

const pixels = createPixels();
const serve = serveEngine({
  toPicture: (payload, recycle) => pixels.toPicture(payload, recycle),
  createSession: createOrtSession,
  preparer: loadPreparer(),
  post: (message: FromEngine, transfer: Transferable[]) => self.postMessage(message, transfer),
});

self.onmessage = (event: MessageEvent<ToEngine>) => serve(event.data);
