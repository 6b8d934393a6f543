/**
 * Entry of the pipeline worker: listens and posts; the work is in `station.ts`.
 *   page (api/) -> this worker -> station -> createPipeline -> engine workers
 *   telemetry and answers -> page
 */
import '../trustedTypes.ts';
import { systemClock } from '../core/clock.ts';
import { assertNever, WeirError, type WeirErrorData } from '../core/errors.ts';
import type { Settings } from '../core/settings.ts';
import type { DeviceFeed } from '../sources/device.ts';
import { createDeviceRequests, type DeviceRequests } from './deviceRequests.ts';
import { hasGpu } from '../engine/gpuDevice.ts';
import { createEngine, profileEngine } from './createEngine.ts';
import { createKeeper } from './keeper.ts';
import type { DeviceRequest, FromLibrary, FromPipeline, ModelFile, ToLibrary, ToPipeline } from './protocol.ts';
import { createStation } from './station.ts';

const reportEveryMs = 100;

const send = (message: FromPipeline, transfer: Transferable[] = []) => self.postMessage(message, { transfer });

const frames = createDeviceRequests<VideoFrame>();
const sound = createDeviceRequests<AudioData>();
let nextDevice = 0;

function acquire<T>(
  requests: DeviceRequests<T>,
  device: DeviceRequest['device'],
  { deviceId, width, height }: Settings['source'],
  signal: AbortSignal,
): Promise<DeviceFeed<T>> {
  const id = nextDevice++;
  return requests.acquire(
    id,
    signal,
    () => send({ kind: 'openDevice', id, device, deviceId, width, height }),
    () => send({ kind: 'closeDevice', id }),
  );
}

const startLibrary = () => new Worker(new URL('./library.worker.ts', import.meta.url), { type: 'module' });

type LibraryAnswer = Exclude<FromLibrary, { kind: 'refused' | 'progress' }>;

/** A worker for one piece of work, ended after it. */
async function askLibrary<K extends LibraryAnswer['kind']>(
  expected: K,
  message: ToLibrary,
  transfer: Transferable[] = [],
  signal?: AbortSignal,
  onProgress?: (bytes: number, total: number | undefined) => void,
): Promise<Extract<LibraryAnswer, { kind: K }>> {
  const worker = startLibrary();
  try {
    return await new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(new WeirError('cancelled', 'Reading was cancelled.')));
      worker.onerror = ({ message: details }) =>
        reject(new WeirError('out-of-memory', 'The file could not be read.', { details }));
      worker.onmessage = ({ data }: MessageEvent<FromLibrary>) => {
        if (data.kind === 'progress') onProgress?.(data.bytes, data.total);
        else if (data.kind === 'refused') reject(WeirError.fromData(data.error));
        else if (isAnswer(data, expected)) resolve(data);
        else reject(new Error(`The library worker answered ${data.kind} instead of ${expected}.`));
      };
      worker.postMessage(message, transfer);
    });
  } finally {
    worker.terminate();
  }
}

function isAnswer<K extends LibraryAnswer['kind']>(
  answer: LibraryAnswer,
  kind: K,
): answer is Extract<LibraryAnswer, { kind: K }> {
  return answer.kind === kind;
}

const keeper = createKeeper({ startLibrary, send });

/** Of these a copy is not worth its memory, where the file lies in the library. */
const largeBytes = 32e6;

async function describe(main: ModelFile) {
  const kept = main.bytes.byteLength > largeBytes ? keeper.id() : undefined;
  const taken = kept === undefined ? undefined : await askLibrary('taken', { kind: 'take', id: kept });
  const file = taken?.files[0] ?? main;
  return (await askLibrary('described', { kind: 'describe', file })).graph;
}

const station = createStation({
  clock: systemClock,
  sources: {
    feedUrl: `${self.location.protocol === 'https:' ? 'wss' : 'ws'}://${self.location.host}/feed`,
    acquireFrames: (device, wish, signal) => acquire(frames, device, wish, signal),
    acquireSound: (wish, signal) => acquire(sound, 'microphone', wish, signal),
  },
  read: (file, off, signal, pinned) =>
    askLibrary(
      'read',
      { kind: 'read', file, off, ...(pinned === undefined ? {} : { pinned }) },
      'bytes' in file ? [file.bytes] : [],
      signal,
    ),
  mend: async ({ bytes }, off) => (await askLibrary('mended', { kind: 'mend', bytes, off })).mended,
  build: (recipe, signal) => askLibrary('built', { kind: 'build', recipe }, [], signal),
  download: (url, store, onProgress, signal) =>
    askLibrary('downloaded', { kind: 'download', url, store }, [], signal, onProgress),
  take: (id, signal) => askLibrary('taken', { kind: 'take', id }, [], signal),
  isOwn: (url) => url.startsWith(new URL('/models/', self.location.href).href),
  keeper,
  describe,
  worker: `tab-${crypto.getRandomValues(new Uint32Array(1))[0]?.toString(36) ?? ''}`,
  cores: navigator.hardwareConcurrency,
  parkMs: 60_000,
  createEngine,
  profileEngine,
  hasGpu,
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
      void answer(message.id, () => {
        const error = station.refuses(message.settings);
        if (error !== undefined) return { kind: 'unchanged', id: message.id, error: error.toData() };
        return station.configure(message.settings, message.beside);
      });
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
    case 'measure':
      void answer(message.id, async () => ({ kind: 'measured', id: message.id, choices: await station.measure() }));
      return;
    case 'profile':
      void answer(message.id, async () => ({ kind: 'profiled', id: message.id, profile: await station.profile() }));
      return;
    case 'compare':
      void answer(message.id, async () => ({ kind: 'compared', id: message.id, agreement: await station.compare() }));
      return;
    case 'describe':
      void answer(message.id, async () => ({ kind: 'described', id: message.id, graph: await station.describe() }));
      return;
    case 'fillQueue':
      void answer(message.id, async () => ({
        kind: 'filled',
        id: message.id,
        stored: await station.fillQueue(message.source, message.count, message.ratePerS),
      }));
      return;
    case 'deadLetters':
      void answer(message.id, async () => ({
        kind: 'deadLetters',
        id: message.id,
        answer: await station.deadLetters(message.source, message.ask),
      }));
      return;
    case 'cancelMeasuring':
      station.cancelMeasuring();
      return;
    case 'export':
      void answer(message.id, async () => ({
        kind: 'exported',
        id: message.id,
        text: await station.export(message.format),
      }));
      return;
    case 'library':
      void answer(message.id, async () => {
        const { ask } = message;
        if (ask.do !== 'export') return { ...(await askLibrary('library', { kind: 'library', ask })), id: message.id };
        return { ...(await askLibrary('files', { kind: 'library', ask })), id: message.id };
      });
      return;
    case 'results':
      void answer(message.id, () => ({
        kind: 'results',
        id: message.id,
        view: station.results(message.search, message.limit),
      }));
      return;
    case 'picture':
      void answer(message.id, async () => ({ kind: 'picture', id: message.id, blob: await station.preview.toPng() }));
      return;
    case 'lifecycle':
      if (message.text === 'page frozen') station.lifecycle('frozen');
      if (message.text === 'page resumed') station.lifecycle('resumed');
      station.mark(message.text);
      return;
    case 'attachPreview':
      station.preview.attach(message.picture, message.overlay);
      return;
    case 'setPreview':
      station.preview.resize(message);
      return;
    case 'framesOpened':
      frames.opened(message.id, message);
      return;
    case 'soundOpened':
      sound.opened(message.id, message);
      return;
    case 'deviceFailed':
      frames.failed(message.id, message.error);
      sound.failed(message.id, message.error);
      return;
    default:
      assertNever(message);
  }
};

/** A timer that comes so much later than it was set says that this worker was held up, or the machine slept. */
const lagMarkMs = 250;
let reportedAt = systemClock.now();
setInterval(() => {
  const now = systemClock.now();
  const lateMs = now - reportedAt - reportEveryMs;
  reportedAt = now;
  if (lateMs > lagMarkMs) station.mark(`timer ${Math.round(lateMs)} ms late`);
  station.report();
}, reportEveryMs);
