/**
 * Entry of an engine worker: one ORT instance, pixels and preparation included; disposable. As a feeder it has no ORT and
 * makes inputs ready for the engine worker behind its port.
 *   pool (pipeline worker) -> ToEngine -> serveEngine
 *     load: createOrtSession -> first run on zeros -> loaded
 *     run:  feedJobs: createPictures -> preparer.prepare; runReady: session.run -> outputs transferred back
 */
import '../trustedTypes.ts';
import type { FromEngine, ToEngine } from '../engine/messages.ts';
import { createOrtSession } from '../engine/ortSession.ts';
import { heapBytes, warmRuntime } from '../engine/ortBundles.ts';
import { loadPreparer } from '../engine/loadPreparer.ts';
import { serveEngine } from '../engine/serveEngine.ts';
import { createPictures } from './pictures.ts';

declare const self: DedicatedWorkerGlobalScope;

const serve = serveEngine({
  toPicture: createPictures(),
  createSession: createOrtSession,
  heapBytes,
  warmRuntime,
  preparer: loadPreparer(),
  post: (message: FromEngine, transfer: Transferable[]) => self.postMessage(message, transfer),
});

self.onmessage = (event: MessageEvent<ToEngine>) => serve(event.data);
