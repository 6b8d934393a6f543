/**
 * Each source read bare: a loop over the API that the source itself uses, the pixels or bytes taken and counted, and
 * nothing else done with them.
 */
import '../../src/trustedTypes.ts';
import { createSchedule } from '../../src/core/arrivals/createSchedule.ts';
import { systemClock } from '../../src/core/clock.ts';
import { wakeAt } from '../../src/core/wakeAt.ts';

export type ToBareSource =
  | { readonly kind: 'plan'; readonly ratePerS: number; readonly ms: number }
  | { readonly kind: 'files' | 'video' | 'sound'; readonly files: readonly File[]; readonly ms: number }
  | { readonly kind: 'websocket'; readonly url: string; readonly ms: number }
  | { readonly kind: 'mjpeg'; readonly url: string; readonly partBytes: number; readonly ms: number }
  | { readonly kind: 'frames'; readonly readable: ReadableStream<VideoFrame>; readonly ms: number }
  | { readonly kind: 'live'; readonly readable: ReadableStream<AudioData>; readonly ms: number };
/** Units: deliveries of the source; for sound seconds of it. */
export type FromBareSource = { readonly perS: number } | { readonly error: string };

self.onmessage = async ({ data: message }: MessageEvent<ToBareSource>) => {
  try {
    postMessage({ perS: await read(message) } satisfies FromBareSource);
  } catch (error) {
    postMessage({ error: String(error) } satisfies FromBareSource);
  }
};

/** Counts until the time is over; the rate is over the time that truly passed. */
function counter(ms: number) {
  const started = performance.now();
  let count = 0;
  return {
    add: (by = 1) => (count += by),
    isOver: () => performance.now() - started >= ms,
    perS: () => (count / (performance.now() - started)) * 1000,
  };
}

async function read(message: ToBareSource): Promise<number> {
  switch (message.kind) {
    case 'plan':
      return plan(message.ratePerS, message.ms);
    case 'files':
      return files(message.files, message.ms);
    case 'video':
      return video(message.files[0], message.ms);
    case 'sound':
      return sound(message.files[0], message.ms);
    case 'websocket':
      return websocket(message.url, message.ms);
    case 'mjpeg':
      return mjpeg(message.url, message.partBytes, message.ms);
    case 'frames':
      return frames(message.readable, message.ms);
    case 'live':
      return live(message.readable, message.ms);
  }
}

function plan(ratePerS: number, ms: number): Promise<number> {
  const counts = counter(ms);
  const schedule = createSchedule({ arrivals: 'constant', ratePerS, seed: 7, startAt: systemClock.now() });
  return new Promise((done) => {
    let due = schedule.next();
    const wake = () => {
      for (; due <= systemClock.now(); due = schedule.next()) counts.add();
      if (counts.isOver()) done(counts.perS());
      else wakeAt(systemClock, due, wake);
    };
    wakeAt(systemClock, due, wake);
  });
}

async function files(chosen: readonly File[], ms: number): Promise<number> {
  const counts = counter(ms);
  for (let i = 0; !counts.isOver(); i++) {
    const bytes = await chosen[i % chosen.length]?.arrayBuffer();
    if (bytes !== undefined && bytes.byteLength > 0) counts.add();
  }
  return counts.perS();
}

async function video(file: File | undefined, ms: number): Promise<number> {
  const { ALL_FORMATS, BlobSource, Input, VideoSampleSink } = await import('mediabunny');
  if (file === undefined) throw new Error('No file.');
  const input = new Input({ source: new BlobSource(file), formats: ALL_FORMATS });
  const track = await input.getPrimaryVideoTrack();
  if (track === null) throw new Error('No video.');
  const sink = new VideoSampleSink(track);
  let buffer = new ArrayBuffer(0);
  const counts = counter(ms);
  while (!counts.isOver()) {
    for await (const sample of sink.samples()) {
      const frame = sample.toVideoFrame();
      if (buffer.byteLength < frame.allocationSize()) buffer = new ArrayBuffer(frame.allocationSize());
      await frame.copyTo(buffer);
      frame.close();
      sample.close();
      counts.add();
      if (counts.isOver()) break;
    }
  }
  const perS = counts.perS();
  input.dispose();
  return perS;
}

async function sound(file: File | undefined, ms: number): Promise<number> {
  const { ALL_FORMATS, AudioSampleSink, BlobSource, Input } = await import('mediabunny');
  if (file === undefined) throw new Error('No file.');
  const input = new Input({ source: new BlobSource(file), formats: ALL_FORMATS });
  const track = await input.getPrimaryAudioTrack();
  if (track === null) throw new Error('No sound.');
  const sink = new AudioSampleSink(track);
  const counts = counter(ms);
  while (!counts.isOver()) {
    for await (const sample of sink.samples()) {
      const plane = new Float32Array(sample.numberOfFrames);
      sample.copyTo(plane, { planeIndex: 0, format: 'f32-planar' });
      counts.add(sample.duration);
      sample.close();
      if (counts.isOver()) break;
    }
  }
  const perS = counts.perS();
  input.dispose();
  return perS;
}

function websocket(url: string, ms: number): Promise<number> {
  return new Promise((done, fail) => {
    const socket = new WebSocket(url);
    socket.binaryType = 'arraybuffer';
    let counts: ReturnType<typeof counter> | undefined;
    socket.onmessage = () => {
      counts ??= counter(ms);
      counts.add();
      if (!counts.isOver()) return;
      done(counts.perS());
      socket.onmessage = null;
      socket.close();
    };
    socket.onerror = () => fail(new Error('No WebSocket answers.'));
  });
}

async function mjpeg(url: string, partBytes: number, ms: number): Promise<number> {
  const abort = new AbortController();
  const response = await fetch(url, { signal: abort.signal });
  const reader = response.body?.getReader();
  const counts = counter(ms);
  // All parts are of one length, so that no header must be read; a frame is bytes in one piece all the same.
  let part = new Uint8Array(partBytes);
  let filled = 0;
  while (reader !== undefined && !counts.isOver()) {
    const { value } = await reader.read();
    for (let rest = value ?? new Uint8Array(0); rest.length > 0; ) {
      const more = rest.subarray(0, partBytes - filled);
      part.set(more, filled);
      filled += more.length;
      rest = rest.subarray(more.length);
      if (filled < partBytes) break;
      counts.add();
      part = new Uint8Array(partBytes);
      filled = 0;
    }
  }
  const perS = counts.perS();
  abort.abort();
  return perS;
}

async function frames(readable: ReadableStream<VideoFrame>, ms: number): Promise<number> {
  const reader = readable.getReader();
  let buffer = new ArrayBuffer(0);
  const counts = counter(ms);
  while (!counts.isOver()) {
    const { value: frame } = await reader.read();
    if (frame === undefined) break;
    if (buffer.byteLength < frame.allocationSize()) buffer = new ArrayBuffer(frame.allocationSize());
    await frame.copyTo(buffer);
    frame.close();
    counts.add();
  }
  const perS = counts.perS();
  await reader.cancel();
  return perS;
}

async function live(readable: ReadableStream<AudioData>, ms: number): Promise<number> {
  const reader = readable.getReader();
  const counts = counter(ms);
  while (!counts.isOver()) {
    const { value: piece } = await reader.read();
    if (piece === undefined) break;
    counts.add(piece.numberOfFrames / piece.sampleRate);
    piece.close();
  }
  const perS = counts.perS();
  await reader.cancel();
  return perS;
}
