/** Both ways of preparing the same decoded frames of a video. */
import type { ToPrepare } from './prepare.worker.ts';

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
const kept = 8;

let frames: VideoFrame[] = [];
let worker: Worker | undefined;

/** @returns what they are, in words */
export async function loadFrames(videoBase64: string): Promise<string> {
  const video = document.createElement('video');
  video.muted = true;
  video.src = URL.createObjectURL(new Blob([bytesOf(videoBase64)], { type: 'video/mp4' }));
  await new Promise((done, fail) => {
    video.onloadeddata = done;
    video.onerror = () => fail(new Error('The video cannot be played.'));
  });
  frames = [];
  for (let i = 0; i < kept; i++) {
    const seeked = new Promise((done) => (video.onseeked = done));
    video.currentTime = 1 + i;
    await seeked;
    frames.push(new VideoFrame(video));
  }
  const [first] = frames;
  return `${first?.format} ${first?.displayWidth} x ${first?.displayHeight}`;
}

export function prepare(size: number, ms: number): Promise<number> {
  worker ??= new Worker(new URL('./prepare.worker.ts', import.meta.url), { type: 'module' });
  const preparing = worker;
  return new Promise((resolve, reject) => {
    preparing.onmessage = ({ data }: MessageEvent<number>) => resolve(data);
    preparing.onerror = (event) => reject(new Error(event.message));
    const given = frames.map((frame) => frame.clone());
    preparing.postMessage({ frames: given, size, ms } satisfies ToPrepare, given as never as Transferable[]);
  });
}

/** `drawImage`, `getImageData`, a loop over all pixels. */
export function prepareNaively(size: number, ms: number): number {
  const canvas = document.createElement('canvas');
  canvas.width = size;
  canvas.height = size;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error('No canvas.');
  const started = performance.now();
  let count = 0;
  let now = started;
  while (now - started < ms) {
    const frame = frames[count % frames.length];
    if (frame === undefined) throw new Error('No frames were loaded.');
    context.drawImage(frame, 0, 0, size, size);
    const { data } = context.getImageData(0, 0, size, size);
    const plane = size * size;
    const input = new Float32Array(3 * plane);
    for (let i = 0; i < plane; i++) {
      input[i] = ((data[i * 4] ?? 0) - 127) / 128;
      input[plane + i] = ((data[i * 4 + 1] ?? 0) - 127) / 128;
      input[2 * plane + i] = ((data[i * 4 + 2] ?? 0) - 127) / 128;
    }
    count += 1;
    now = performance.now();
  }
  return (now - started) / count;
}
