/** What others got from real models, and how Weir is asked for the same: shared by the runs on WASM and on WebGPU. */
import { readFileSync } from 'node:fs';
import type { ModelCard } from '../src/core/card.ts';
import { wholeFit } from '../src/core/engine.ts';
import { overlap } from '../src/core/overlap.ts';
import type { Detection } from '../src/core/result.ts';
import type { TensorValue } from '../src/core/tensor.ts';
import { npy } from '../src/core/wire/npy.fixture.ts';
import { decode } from '../src/tasks/decode.ts';
import { fixture, mediaBytes, modelBytes } from './fixtures.ts';
import { expect, type Station } from './station.ts';
import { expectClose, runPlain } from './tensors.ts';

export interface GoldenBox {
  readonly label: string;
  readonly score: number;
  /** Corners in pixels of the picture. */
  readonly box: readonly [x1: number, y1: number, x2: number, y2: number];
}

/** What lies beside the model: results by the name of the picture. */
export function goldenOf<T>(name: string): [picture: string, results: T][] {
  const text = readFileSync(fixture(`models/${name}/golden.json`) ?? '', 'utf8');
  const [of] = Object.values(JSON.parse(text) as Record<string, Record<string, T>>);
  return Object.entries(of ?? {});
}

/** Opens a model under a name that says nothing, and gives the card that was guessed. */
export function cardOf(station: Station, bytes: Uint8Array): Promise<ModelCard> {
  return station.page.evaluate(async (base64) => {
    const file = new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], 'some.onnx');
    return (await window.weir.openModel(file)).card;
  }, Buffer.from(bytes).toString('base64'));
}

/** The result of one picture, after a fresh start with it as the only one. */
export function resultOf(station: Station, bytes: Uint8Array, name: string, kind: 'images' | 'files' = 'images') {
  return station.page.evaluate(
    async ({ base64, name, kind }) => {
      const file = new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], name);
      await window.weir.stop();
      await window.weir.configure({ source: { kind, files: [file], ratePerS: 20 } });
      await window.weir.start();
      return new Promise<unknown>((done) => {
        const stop = window.weir.subscribe(({ counts, result }) => {
          if (counts.completed === 0 || result === undefined) return;
          stop();
          done(result);
        });
      });
    },
    { base64: Buffer.from(bytes).toString('base64'), name, kind },
  );
}

/** The picture's RGBA pixels as a canvas of this browser makes them, drawn to this size. */
export async function onCanvas(station: Station, bytes: Uint8Array, width: number, height: number) {
  const { base64, full } = await station.page.evaluate(
    async ({ base64, width, height }) => {
      const blob = new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))]);
      const bitmap = await createImageBitmap(blob);
      const size = width > 0 ? [width, height] : [bitmap.width, bitmap.height];
      const canvas = new OffscreenCanvas(size[0] ?? 1, size[1] ?? 1);
      const context = canvas.getContext('2d');
      context?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
      const { data } = context?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: new Uint8ClampedArray() };
      let text = '';
      for (let at = 0; at < data.length; at += 32_768) text += String.fromCharCode(...data.subarray(at, at + 32_768));
      return { base64: btoa(text), full: [bitmap.width, bitmap.height] as const };
    },
    { base64: Buffer.from(bytes).toString('base64'), width, height },
  );
  return { rgba: new Uint8Array(Buffer.from(base64, 'base64')), full };
}

/** The definition in `core/card.ts`, for three channels. */
function prepared(rgba: Uint8Array, { width, height, scale, mean, std, color, layout }: Prepare): Float32Array {
  const size = width * height;
  const out = new Float32Array(size * 3);
  for (let c = 0; c < 3; c++)
    for (let i = 0; i < size; i++) {
      const value = ((rgba[i * 4 + (color === 'bgr' ? 2 - c : c)] ?? 0) * scale - (mean[c] ?? 0)) / (std[c] ?? 1);
      out[layout === 'nchw' ? c * size + i : i * 3 + c] = value;
    }
  return out;
}
type Prepare = NonNullable<ModelCard['prepare']>;

/** The raw outputs of one canvas-made tensor are those of plain onnxruntime-web; they come back with how they were made. */
export async function sameOutputs(station: Station, name: string, card: ModelCard, picture: string) {
  const { prepare } = card;
  if (prepare === undefined) throw new Error(`${name} takes no picture.`);
  const { rgba, full } = await onCanvas(station, mediaBytes(`images/${picture}`), prepare.width, prepare.height);
  const values = prepared(rgba, prepare);
  const { width, height } = prepare;
  const dims = prepare.layout === 'nchw' ? [1, 3, height, width] : [1, height, width, 3];
  await resultOf(station, npy('<f4', `(${dims.join(', ')})`, values), 'tensor.npy');
  const { inputs, outputs } = await station.inspect();
  expect(inputs[0]?.data, `${name} is fed with the tensor as it is`).toEqual(values);
  const plain = await runPlain(modelBytes(name), inputs);
  expectClose(outputs, plain, 1e-3);
  const [w, h] = full;
  const fit = { ...wholeFit({ width: w, height: h }), inputWidth: width, inputHeight: height };
  return decode(plain as unknown as TensorValue[], { ...fit, scaleX: width / w, scaleY: height / h }, card);
}

/** Boxes with a score of at least a half are there, where they should be and as sure. */
export function expectBoxes(found: readonly Detection[], golden: readonly GoldenBox[], what: string): void {
  for (const { label, score, box } of golden.filter((each) => each.score >= 0.5)) {
    const [x1, y1, x2, y2] = box;
    const best = found
      // One class has no name in the file.
      .filter((each) => each.label === label || each.label === 'object')
      .map((each) => ({ ...each, iou: overlap(each.box, [x1, y1, x2 - x1, y2 - y1]) }))
      .sort((a, b) => b.iou - a.iou)[0];
    expect.soft(best?.iou ?? 0, `${what}: ${label} ${score} at ${box.join()}`).toBeGreaterThanOrEqual(0.8);
    expect.soft(Math.abs((best?.score ?? 0) - score), `${what}: score of ${label} ${score}`).toBeLessThanOrEqual(0.1);
  }
}
