/**
 * Entry of the pipeline worker: listens and posts; the work is in `station.ts`.
 *   page (api/) -> this worker -> station -> createPipeline -> engine workers
 *   telemetry and answers -> page
 */
import '../trustedTypes.ts';
import { systemClock } from '../core/clock.ts';
import { assertNever, WeirError, type WeirErrorData } from '../core/errors.ts';
import type { CameraFeed } from '../sources/camera.ts';
import { createEngine } from './createEngine.ts';
import type { FromLibrary, FromPipeline, ToLibrary, ToPipeline } from './protocol.ts';
import { createStation } from './station.ts';

const reportEveryMs = 100;

const send = (message: FromPipeline, transfer: Transferable[] = []) => self.postMessage(message, { transfer });

interface CameraRequest {
  resolve(feed: { readable: ReadableStream<VideoFrame>; facts: string }): void;
  reject(error: WeirError): void;
  ended(error: WeirError): void;
}
const cameras = new Map<number, CameraRequest>();
let nextCamera = 0;

const station = createStation({
  clock: systemClock,
  sources: {
    feedUrl: `${self.location.protocol === 'https:' ? 'wss' : 'ws'}://${self.location.host}/feed`,
    acquireCamera: (wish, signal) =>
      new Promise<CameraFeed>((resolve, reject) => {
        const id = nextCamera++;
        let ended = (_: WeirError) => {};
        const endedPromise = new Promise<WeirError>((settle) => {
          ended = settle;
        });
        cameras.set(id, { resolve: (opened) => resolve({ ...opened, ended: endedPromise }), reject, ended });
        signal.addEventListener('abort', () => {
          cameras.delete(id);
          send({ kind: 'closeCamera', id });
          reject(new WeirError('cancelled', 'The camera was closed.'));
        });
        send({ kind: 'openCamera', id, deviceId: wish.deviceId, width: wish.width, height: wish.height });
      }),
  },
  read: (file, signal) =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL('./library.worker.ts', import.meta.url), { type: 'module' });
      const end = () => worker.terminate();
      signal.addEventListener('abort', () => {
        end();
        reject(new WeirError('cancelled', 'Reading was cancelled.'));
      });
      worker.onerror = (event) => {
        end();
        reject(new WeirError('out-of-memory', 'The file could not be read.', { details: event.message }));
      };
      worker.onmessage = ({ data }: MessageEvent<FromLibrary>) => {
        end();
        if (data.kind === 'read') resolve(data);
        else reject(WeirError.fromData(data.error));
      };
      const message: ToLibrary = { kind: 'read', bytes: file.bytes, name: file.name };
      worker.postMessage(message, [file.bytes]);
    }),
  createEngine,
  send,
});

/** Runs a request and sends its answer: the value's message, or why it was refused. */
async function answer(id: number, work: () => FromPipeline | Promise<FromPipeline | void> | void): Promise<void> {
  try {
    send((await work()) ?? { kind: 'done', id });
  } catch (error) {
    send({ kind: 'refused', id, error: dataOf(error) });
  }
}

function dataOf(error: unknown): WeirErrorData {
  return WeirError.wrap(error, 'bad-settings').toData();
}

self.onmessage = ({ data: message }: MessageEvent<ToPipeline>) => {
  switch (message.kind) {
    case 'configure':
      void answer(message.id, () => station.configure(message.settings, message.files));
      return;
    case 'openModel':
      void answer(message.id, async () => ({
        kind: 'opened',
        id: message.id,
        model: await station.openModel(message.origin, message.card),
      }));
      return;
    case 'cancelOpening':
      station.cancelOpening();
      return;
    case 'editCard':
      void answer(message.id, () => station.editCard(message.patch));
      return;
    case 'start':
      void answer(message.id, async () => {
        await station.start();
        // Whoever waited for the answer finds the new run in the snapshot.
        station.report();
      });
      return;
    case 'pause':
      station.pause();
      station.report();
      return;
    case 'stop':
      void answer(message.id, async () => {
        const drained = station.stop();
        station.report();
        await drained;
        station.report();
      });
      return;
    case 'inspect':
      void answer(message.id, async () => ({ kind: 'inspected', id: message.id, inspection: await station.inspect() }));
      return;
    case 'attachPreview':
      station.preview.attach(message.picture, message.overlay);
      return;
    case 'setPreview':
      station.preview.resize(message);
      return;
    case 'cameraOpened':
      cameras.get(message.id)?.resolve(message);
      return;
    case 'cameraFailed': {
      const request = cameras.get(message.id);
      const error = WeirError.fromData(message.error);
      request?.reject(error);
      request?.ended(error);
      return;
    }
    default:
      assertNever(message);
  }
};

setInterval(() => station.report(), reportEveryMs);
