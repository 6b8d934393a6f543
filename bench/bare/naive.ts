/**
 * The loop of the tutorials, all of it on the page: draw the video into a canvas of the input's size, read its pixels,
 * loop over them, run, decode, draw the picture and the boxes. Threads as ONNX Runtime chooses them.
 */
import { loadOrt } from '../../src/engine/ortBundles.ts';

export interface NaiveModel {
  readonly modelBase64: string;
  readonly input: string;
  readonly width: number;
  readonly height: number;
  readonly bgr: boolean;
  readonly scale: number;
  readonly mean: number;
  readonly head: 'ssd' | 'grid' | 'rows';
}

type Ort = Awaited<ReturnType<typeof loadOrt>>;
type Session = Awaited<ReturnType<Ort['InferenceSession']['create']>>;
interface Box {
  readonly score: number;
  readonly at: readonly [number, number, number, number];
}

let loaded: { readonly ort: Ort; readonly session: Session; readonly model: NaiveModel } | undefined;
let video: HTMLVideoElement | undefined;

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

export async function loadNaive(model: NaiveModel, videoBase64: string): Promise<void> {
  await loaded?.session.release();
  const ort = await loadOrt('wasm', 0);
  const session = await ort.InferenceSession.create(bytesOf(model.modelBase64), { executionProviders: ['wasm'] });
  loaded = { ort, session, model };
  if (video !== undefined) return;
  video = document.createElement('video');
  video.muted = true;
  video.loop = true;
  video.src = URL.createObjectURL(new Blob([bytesOf(videoBase64)], { type: 'video/mp4' }));
  document.body.append(video);
  const view = document.createElement('canvas');
  view.id = 'view';
  document.body.append(view);
  await video.play();
  video.pause();
}

/** Frames per second over `ms`. */
export async function runNaive(ms: number): Promise<{ perS: number; threads: number }> {
  if (loaded === undefined || video === undefined) throw new Error('Load a model first.');
  const { ort, session, model } = loaded;
  const { width, height } = model;
  const small = document.createElement('canvas');
  small.width = width;
  small.height = height;
  const reading = small.getContext('2d', { willReadFrequently: true });
  const view = document.querySelector<HTMLCanvasElement>('#view');
  const drawing = view?.getContext('2d');
  if (view === null || !reading || !drawing) throw new Error('No canvas.');
  view.width = video.videoWidth;
  view.height = video.videoHeight;
  await video.play();
  const turn = new MessageChannel();
  const started = performance.now();
  let frames = 0;
  let now = started;
  while (now - started < ms) {
    reading.drawImage(video, 0, 0, width, height);
    const { data } = reading.getImageData(0, 0, width, height);
    const size = width * height;
    const input = new Float32Array(3 * size);
    for (let i = 0; i < size; i++)
      for (let c = 0; c < 3; c++) {
        const value = data[i * 4 + (model.bgr ? 2 - c : c)] ?? 0;
        input[c * size + i] = (value - model.mean) * model.scale;
      }
    const results = await session.run({ [model.input]: new ort.Tensor('float32', input, [1, 3, height, width]) });
    const outputs = session.outputNames.map((name) => results[name]?.data as Float32Array);
    const boxes = suppress(decode(outputs, model));
    drawing.drawImage(video, 0, 0);
    drawing.strokeStyle = 'red';
    for (const { at } of boxes)
      drawing.strokeRect(
        at[0] * view.width,
        at[1] * view.height,
        (at[2] - at[0]) * view.width,
        (at[3] - at[1]) * view.height,
      );
    frames += 1;
    // The page gets its turn, as fast as it can be had.
    await new Promise((done) => {
      turn.port2.onmessage = done;
      turn.port1.postMessage(0);
    });
    now = performance.now();
  }
  video.pause();
  return { perS: (frames / (now - started)) * 1000, threads: ort.env.wasm.numThreads ?? 0 };
}

function decode(outputs: readonly Float32Array[], { head, width, height }: NaiveModel): Box[] {
  const [first = new Float32Array(), second = new Float32Array()] = outputs;
  const boxes: Box[] = [];
  if (head === 'ssd') {
    for (let i = 0; i < first.length / 2; i++) {
      const score = first[i * 2 + 1] ?? 0;
      if (score > 0.7)
        boxes.push({
          score,
          at: [second[i * 4] ?? 0, second[i * 4 + 1] ?? 0, second[i * 4 + 2] ?? 0, second[i * 4 + 3] ?? 0],
        });
    }
    return boxes;
  }
  const grid = head === 'grid' ? 22 : 0;
  const cells = head === 'grid' ? grid * grid : first.length / 85;
  const at = (cell: number, channel: number) =>
    first[head === 'grid' ? channel * cells + cell : cell * 85 + channel] ?? 0;
  for (let cell = 0; cell < cells; cell++) {
    let best = 0;
    for (let channel = 5; channel < 85; channel++) best = Math.max(best, at(cell, channel));
    const objectness = at(cell, head === 'grid' ? 0 : 4);
    const score = head === 'grid' ? objectness ** 0.6 * best ** 0.4 : objectness * best;
    if (score < 0.5) continue;
    const [x, y, w, h] =
      head === 'grid'
        ? [
            ((cell % grid) + Math.tanh(at(cell, 1))) / grid,
            (Math.floor(cell / grid) + Math.tanh(at(cell, 2))) / grid,
            sigmoid(at(cell, 3)),
            sigmoid(at(cell, 4)),
          ]
        : [at(cell, 0) / width, at(cell, 1) / height, Math.exp(at(cell, 2)) / width, Math.exp(at(cell, 3)) / height];
    boxes.push({ score, at: [x - w / 2, y - h / 2, x + w / 2, y + h / 2] });
  }
  return boxes;
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** Non-maximum suppression as every tutorial has it. */
function suppress(boxes: Box[]): Box[] {
  const kept: Box[] = [];
  for (const box of [...boxes].sort((a, b) => b.score - a.score))
    if (kept.every((other) => overlap(box, other) < 0.45)) kept.push(box);
  return kept;
}

function overlap({ at: a }: Box, { at: b }: Box): number {
  const w = Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0]));
  const h = Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
  const area = (at: Box['at']) => (at[2] - at[0]) * (at[3] - at[1]);
  return (w * h) / Math.max(1e-9, area(a) + area(b) - w * h);
}
