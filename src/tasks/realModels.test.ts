/**
 * Guess and decode on real models and pictures, against what others got from them. Needs WEIR_FIXTURES.
 * The picture is of the model's own size, so that no resizing stands between the two.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import * as ort from 'onnxruntime-web';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ModelFacts, Prepare } from '../core/card.ts';
import type { Fit } from '../core/engine.ts';
import type { Picture } from '../core/payload.ts';
import type { TensorInfo, TensorValue } from '../core/tensor.ts';
import { applyCard } from './applyCard.ts';
import { decode } from './decode.ts';
import { guessCard } from './guess.ts';

const fixtures = process.env['WEIR_FIXTURES'];
if (fixtures === undefined) console.info('Real models are not run: WEIR_FIXTURES is not set.');
const at = (...path: string[]) => join(fixtures ?? '', ...path);

interface Card {
  producer: string;
  opset: Record<string, number>;
  ops_top: Record<string, number>;
  inputs: { name: string; dtype: string; shape: (number | string)[] }[];
  outputs: { name: string; dtype: string; shape: (number | string)[] }[];
}

/** The facts from the card beside the model: `tasks/` does not know how files are read. */
function factsOf(name: string): ModelFacts {
  const card = JSON.parse(readFileSync(at('models', name, 'card.json'), 'utf8')) as Card;
  const infos = (list: Card['inputs']) =>
    list.map(({ name, dtype, shape }): TensorInfo => ({ name, type: dtype as TensorInfo['type'], shape }));
  return {
    format: 'onnx',
    bytes: 0,
    producer: card.producer,
    opsets: card.opset,
    operators: card.ops_top,
    inputs: infos(card.inputs),
    outputs: infos(card.outputs),
    nodes: 0,
    parameters: 0,
    externalFiles: [],
    metadata: {},
  };
}

async function run(name: string, picture: Picture, prepare: Prepare): Promise<{ outputs: TensorValue[]; fit: Fit }> {
  const session = await ort.InferenceSession.create(new Uint8Array(readFileSync(at('models', name, 'model.onnx'))));
  const { width, height } = prepare;
  expect([picture.width, picture.height]).toEqual([width, height]);
  const data = prepared(new Uint8Array(picture.buffer), width * height, prepare);
  const channels = data.length / (width * height);
  const results = await session.run({ [prepare.input]: new ort.Tensor('float32', data, [1, channels, height, width]) });
  const outputs = session.outputNames.map((output): TensorValue => {
    const { dims = [], data: values } = results[output] ?? {};
    return { name: output, type: 'float32', dims, data: values as Float32Array<ArrayBuffer> };
  });
  await session.release();
  const fit = { sourceWidth: width, sourceHeight: height, scaleX: 1, scaleY: 1, offsetX: 0, offsetY: 0 };
  return { outputs, fit: { ...fit, inputWidth: width, inputHeight: height } };
}

/** The definition in `core/card.ts`, NCHW float32. */
function prepared(rgba: Uint8Array, size: number, { scale, mean, std, color }: Prepare): Float32Array {
  const out = new Float32Array(size * 3);
  for (let c = 0; c < 3; c++) {
    const channel = color === 'bgr' ? 2 - c : c;
    for (let i = 0; i < size; i++)
      out[c * size + i] = ((rgba[i * 4 + channel] ?? 0) * scale - (mean[c] ?? 0)) / (std[c] ?? 1);
  }
  return out;
}

describe.skipIf(fixtures === undefined)('real models', () => {
  beforeAll(() => {
    ort.env.wasm.numThreads = 1;
    ort.env.logLevel = 'error';
  });

  it.each([
    ['classification-mnist', 'classification', 'gray'],
    ['classification-mobilenetv2-int8-qdq', 'classification', 'rgb'],
    ['detection-ultraface-rfb320', 'detection', 'rgb'],
    ['detection-yolox-nano', 'tensors', 'bgr'],
    ['segmentation-deeplabv3-mnv2', 'tensors', 'rgb'],
    ['style-candy-720', 'image', 'bgr'],
    ['style-mobile-41k', 'image', 'rgb'],
    ['imageop-hwc-to-chw', 'image', 'rgb'],
    ['audio-silero-vad-16k', 'tensors', undefined],
    ['text-bert-toy', 'classification', undefined],
  ])('%s is taken for %s', (name, kind, color) => {
    const card = guessCard(factsOf(name), 'model.onnx');
    expect([card.task.kind, card.prepare?.color]).toEqual([kind, color]);
  });

  it('mobilenetv2 sees the kitten as it does elsewhere', async () => {
    const name = 'classification-mobilenetv2-int8-qdq';
    const labels = readFileSync(at('models', name, 'synset.txt'), 'utf8')
      .trim()
      .split('\n');
    const card = applyCard(guessCard(factsOf(name), 'm.onnx'), {
      labels: labels.map((line) => line.replace(/^n\d+ /, '').slice(0, 200)),
    });
    if (card.prepare === undefined) throw new Error('no preparation');
    const { outputs, fit } = await run(name, readPng(at('media', 'images', 'winml_kitten_224.png')), card.prepare);
    const result = decode(outputs, fit, card);
    expect(result.items.slice(0, 3)).toMatchObject([
      { index: 281, label: 'tabby, tabby cat', score: expect.closeTo(0.7774, 1) },
      { index: 285, score: expect.closeTo(0.1465, 1) },
      { index: 282, score: expect.closeTo(0.0689, 1) },
    ]);
  });
});

/** PNG, 8 bits, RGB or RGBA, not interlaced: enough for the fixtures. https://www.w3.org/TR/png-3/ */
function readPng(path: string): Picture {
  const file = readFileSync(path);
  const parts: Buffer[] = [];
  for (let p = 8; p < file.length; p += 12 + file.readUInt32BE(p))
    if (file.toString('latin1', p + 4, p + 8) === 'IDAT')
      parts.push(file.subarray(p + 8, p + 8 + file.readUInt32BE(p)));
  const [width, height, depth, kind] = [file.readUInt32BE(16), file.readUInt32BE(20), file[24], file[25]];
  if (depth !== 8 || (kind !== 2 && kind !== 6)) throw new Error(`${path}: depth ${depth}, kind ${kind}`);
  const step = kind === 2 ? 3 : 4;
  const raw = inflateSync(Buffer.concat(parts));
  const line = width * step;
  let above = new Uint8Array(line);
  const rgba = new Uint8Array(width * height * 4).fill(255);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (line + 1)];
    const row = Uint8Array.from(raw.subarray(y * (line + 1) + 1, (y + 1) * (line + 1)));
    for (let x = 0; x < line; x++) {
      const a = row[x - step] ?? 0;
      const b = above[x] ?? 0;
      const c = above[x - step] ?? 0;
      const guess = [0, a, b, (a + b) >> 1, paeth(a, b, c)][filter ?? 0] ?? 0;
      row[x] = (row[x] ?? 0) + guess;
    }
    for (let x = 0; x < width; x++)
      for (let i = 0; i < step; i++) rgba[(y * width + x) * 4 + i] = row[x * step + i] ?? 0;
    above = row;
  }
  return { buffer: rgba.buffer, width, height };
}

function paeth(a: number, b: number, c: number): number {
  const [pa, pb, pc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
  if (pa <= pb && pa <= pc) return a;
  return pb <= pc ? b : c;
}
