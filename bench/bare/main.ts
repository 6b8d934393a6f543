/** The page of the bare loop: hands a model and one input to its worker and asks for runs per second. */
import '../../src/trustedTypes.ts';
import { type DecodeCase, decodeFor } from './decoding.ts';
import { loadFrames, prepare, prepareNaively } from './preparation.ts';
import { loadNaive, type NaiveModel, runNaive } from './naive.ts';
import type { ToCold } from './cold.worker.ts';
import type { FromBare, ToBare } from './bare.worker.ts';
import type { FromLoop, ToLoop } from './loop.worker.ts';
import type { FromPing, ToPing } from './ping.worker.ts';
import type { FromPreflight } from './preflight.worker.ts';
import type { FromBareSource, ToBareSource } from './sources.worker.ts';

export interface BareLoad {
  readonly modelBase64: string;
  readonly inputBase64: string;
  readonly inputName: string;
  readonly dims: readonly number[];
  readonly threads: number;
}

export interface Bare {
  /** ms from the bytes of a model to its first run in a fresh worker. */
  cold(what: Omit<ToCold, 'model'> & { modelBase64: string }): Promise<number>;
  /** The same of the file that was chosen, read first; then its bytes written to the private file system. ms of each. */
  coldFile(what: Omit<ToCold, 'model'>): Promise<{ runMs: number; writeMs: number }>;
  /** ms a frame of preparing to size x size: Weir's way in a worker, and the tutorials' way on the page. */
  loadFrames(videoBase64: string): Promise<string>;
  prepare(size: number, ms: number): Promise<number>;
  prepareNaively(size: number, ms: number): number;
  /** Decoding made-up outputs on this page, over and over. */
  decode(name: DecodeCase, ms: number): { msEach: number; count: number; found: number };
  /** The loop of the tutorials on this page. */
  loadNaive(model: NaiveModel, videoBase64: string): Promise<void>;
  runNaive(ms: number): Promise<{ perS: number; threads: number }>;
  load(what: BareLoad): Promise<void>;
  /** Runs per second over `ms`. */
  run(ms: number): Promise<number>;
  /** A session in a worker of its own; `ms` until its first run. The ones before it end with `endLoops`. */
  openLoop(
    what: Omit<ToLoop & { kind: 'load' }, 'kind' | 'model'> & { modelBase64: string },
  ): Promise<{ loop: number; ms: number }>;
  /** Runs per second over `ms`. */
  runLoop(loop: number, ms: number): Promise<number>;
  endLoops(): void;
  /** Reads what the file is that the page's file input holds; the worker stays, with what it read. */
  preflight(): Promise<FromPreflight>;
  /** Reads a source over its time; a device is opened here, where the browser allows it. */
  read(what: ToBareSource): Promise<number>;
  readDevice(device: 'camera' | 'screen' | 'microphone', ms: number): Promise<number>;
  /** Round trips between two workers, ms. */
  ping(what: ToPing): Promise<readonly number[]>;
}

const worker = new Worker(new URL('./bare.worker.ts', import.meta.url), { type: 'module' });

let pinger: Worker | undefined;

const ask = (message: ToBare) =>
  new Promise<FromBare>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<FromBare>) => resolve(data);
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage(message);
  });

function readSource(message: ToBareSource, transfer: Transferable[] = []): Promise<number> {
  const reader = new Worker(new URL('./sources.worker.ts', import.meta.url), { type: 'module' });
  return new Promise<number>((resolve, reject) => {
    reader.onmessage = ({ data }: MessageEvent<FromBareSource>) =>
      'perS' in data ? resolve(data.perS) : reject(new Error(data.error));
    reader.onerror = (event) => reject(new Error(event.message));
    reader.postMessage(message, transfer);
  }).finally(() => reader.terminate());
}

const loops: Worker[] = [];

function askLoop(loop: Worker, message: ToLoop): Promise<{ ms: number; runs: number }> {
  return new Promise((resolve, reject) => {
    loop.onmessage = ({ data }: MessageEvent<FromLoop>) =>
      'error' in data ? reject(new Error(data.error)) : resolve(data);
    loop.onerror = (event) => reject(new Error(event.message));
    loop.postMessage(message);
  });
}

function loopAt(index: number): Worker {
  const loop = loops[index];
  if (loop === undefined) throw new Error('There is no such loop.');
  return loop;
}

declare const MediaStreamTrackProcessor: new (init: {
  track: MediaStreamTrack;
  maxBufferSize?: number;
}) => { readonly readable: ReadableStream };

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

/** Until the first run of a fresh worker. */
async function firstRun(message: ToCold): Promise<void> {
  const fresh = new Worker(new URL('./cold.worker.ts', import.meta.url), { type: 'module' });
  await new Promise<void>((resolve, reject) => {
    fresh.onmessage = () => resolve();
    fresh.onerror = (event) => reject(new Error(event.message));
    fresh.postMessage(message, [message.model.buffer]);
  }).finally(() => fresh.terminate());
}

const bare: Bare = {
  async cold({ modelBase64, ...rest }) {
    const model = bytesOf(modelBase64);
    const started = performance.now();
    await firstRun({ model, ...rest });
    return performance.now() - started;
  },
  async coldFile(rest) {
    const file = document.querySelector('input')?.files?.[0];
    if (file === undefined) throw new Error('No file was chosen.');
    const started = performance.now();
    await firstRun({ model: new Uint8Array(await file.arrayBuffer()), ...rest });
    const runMs = performance.now() - started;
    const bytes = await file.arrayBuffer();
    const writer = new Worker(new URL('./opfs.worker.ts', import.meta.url), { type: 'module' });
    const writeMs = await new Promise<number>((resolve, reject) => {
      writer.onmessage = ({ data }: MessageEvent<number>) => resolve(data);
      writer.onerror = (event) => reject(new Error(event.message));
      writer.postMessage(bytes, [bytes]);
    }).finally(() => writer.terminate());
    return { runMs, writeMs };
  },
  loadFrames,
  prepare,
  prepareNaively,
  decode: decodeFor,
  loadNaive,
  runNaive,
  async load({ modelBase64, inputBase64, ...rest }) {
    const answer = await ask({
      kind: 'load',
      model: bytesOf(modelBase64),
      input: new Float32Array(bytesOf(inputBase64).buffer),
      ...rest,
    });
    if (answer.kind === 'failed') throw new Error(answer.message);
  },
  async run(ms) {
    const answer = await ask({ kind: 'run', ms });
    if (answer.kind !== 'ran') throw new Error('The bare loop did not run.');
    return answer.perS;
  },
  async openLoop({ modelBase64, ...rest }) {
    const loop = loops.push(new Worker(new URL('./loop.worker.ts', import.meta.url), { type: 'module' })) - 1;
    const { ms } = await askLoop(loopAt(loop), { kind: 'load', model: bytesOf(modelBase64), ...rest });
    return { loop, ms };
  },
  async runLoop(loop, ms) {
    const ran = await askLoop(loopAt(loop), { kind: 'run', ms });
    return (ran.runs / ran.ms) * 1000;
  },
  endLoops() {
    for (const loop of loops.splice(0)) loop.terminate();
  },
  preflight() {
    const [file] = document.querySelector<HTMLInputElement>('input[type=file]')?.files ?? [];
    const reader = new Worker(new URL('./preflight.worker.ts', import.meta.url), { type: 'module' });
    return new Promise((resolve, reject) => {
      reader.onmessage = ({ data }: MessageEvent<FromPreflight>) => resolve(data);
      reader.onerror = (event) => reject(new Error(event.message));
      reader.postMessage(file);
    });
  },
  read: (what) => readSource(what),
  ping: (what) =>
    new Promise((resolve, reject) => {
      const pinging = (pinger ??= new Worker(new URL('./ping.worker.ts', import.meta.url), { type: 'module' }));
      pinging.onmessage = ({ data }: MessageEvent<FromPing>) =>
        'error' in data ? reject(new Error(data.error)) : resolve(data.roundTripsMs);
      pinging.onerror = (event) => reject(new Error(event.message));
      pinging.postMessage(what);
    }),
  async readDevice(device, ms) {
    const { mediaDevices } = navigator;
    const size = { width: { ideal: 640 }, height: { ideal: 360 } };
    const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
    const stream = await (device === 'screen'
      ? mediaDevices.getDisplayMedia({ video: true })
      : mediaDevices.getUserMedia(device === 'camera' ? { video: size } : { audio: plain }));
    const [track] = stream.getTracks();
    if (track === undefined) throw new Error('The device gave nothing.');
    const sound = device === 'microphone';
    const { readable } = new MediaStreamTrackProcessor({ track, ...(sound ? {} : { maxBufferSize: 1 }) });
    const perS = await readSource({ kind: sound ? 'live' : 'frames', readable, ms }, [readable]);
    track.stop();
    return perS;
  },
};
Object.assign(window, { bare });
