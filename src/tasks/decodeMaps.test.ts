/** Classes of pixels, key points, sound and depth on tensors small enough to know the answer by hand. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ModelCard, Task } from '../core/card.ts';
import { type Fit, wholeFit } from '../core/engine.ts';
import type { TensorValue } from '../core/tensor.ts';
import { decode } from './decode.ts';
import { paintMask } from './paintMask.ts';
import { refineCard } from './refineCard.ts';
import { resultText } from './resultText.ts';

const floats = (name: string, dims: number[], values: ArrayLike<number>): TensorValue => ({
  name,
  type: 'float32',
  dims,
  data: Float32Array.from(values),
});
const card = (task: Task, labels?: string[]): ModelCard => ({
  name: 'm',
  task,
  reasons: {},
  ...(labels === undefined ? {} : { labels }),
});
const whole = wholeFit({ width: 32, height: 32 });

describe('segmentation', () => {
  const task: Task = { kind: 'segmentation', background: true };
  const labels = ['background', 'dog', 'cat'];
  /** Class 1 in the upper half, 2 in the rest; three channels would be taken for a picture's, classes they are here. */
  const classAt = (x: number, y: number) => (y < 16 ? 1 : x < 8 ? 2 : 0);
  const first = new Float32Array(3 * 32 * 32);
  const last = new Float32Array(3 * 32 * 32);
  for (let y = 0; y < 32; y++)
    for (let x = 0; x < 32; x++) {
      first[classAt(x, y) * 1024 + y * 32 + x] = 5;
      last[(y * 32 + x) * 3 + classAt(x, y)] = 5;
    }
  const run = (output: TensorValue, fit: Fit = whole, own: Task = task) => {
    const result = decode([output], fit, card(own, labels));
    if (result.kind !== 'segmentation') throw new Error('no segmentation');
    return result;
  };

  it('channels first, channels last, and class numbers are the same', () => {
    const expected = [
      { label: 'dog', index: 1, share: 0.5 },
      { label: 'background', index: 0, share: 0.375 },
      { label: 'cat', index: 2, share: 0.125 },
    ];
    const a = run(floats('y', [1, 3, 32, 32], first));
    const b = run(floats('y', [1, 32, 32, 3], last));
    const numbers: TensorValue = {
      name: 'y',
      type: 'int64',
      dims: [1, 32, 32],
      data: BigInt64Array.from({ length: 1024 }, (_, i) => BigInt(classAt(i % 32, Math.floor(i / 32)))),
    };
    expect(a.items).toEqual(expected);
    expect(b.items).toEqual(expected);
    expect(run(numbers)).toEqual(a);
    expect(b.mask).toEqual(a.mask);
    expect(resultText(a)).toBe('2 classes');
  });

  it('a letterbox is no part of the shares, and the mask knows where it lies', () => {
    const fit: Fit = { ...whole, sourceWidth: 64, sourceHeight: 32, scaleX: 0.5, scaleY: 0.5, offsetX: 0, offsetY: 8 };
    const { items, mask } = run(floats('y', [1, 3, 32, 32], first), fit);
    expect(items.find(({ index }) => index === 1)?.share).toBe(0.5);
    expect(mask.box).toEqual([-0, -16, 64, 64]);
  });

  it('without a background every class is painted', () => {
    const { mask } = run(floats('y', [1, 3, 32, 32], first), whole, { ...task, background: false });
    expect(new Set(mask.values)).toEqual(new Set([1, 2, 3]));
    expect([mask.colors[0], mask.colors[2]]).toEqual([0, 2]);
  });

  it('is painted at the pixels of the screen where it belongs, and nowhere else', () => {
    const sizes = fc.integer({ min: 8, max: 90 });
    fc.assert(
      fc.property(sizes, sizes, fc.integer({ min: 0, max: 31 }), fc.integer({ min: 0, max: 31 }), (w, h, mx, my) => {
        const values = new Uint8Array(1024);
        values[my * 32 + mx] = 1;
        const mask = { width: 32, height: 32, values, box: [0, 0, 64, 64] as const, colors: [4] };
        const { pixels } = paintMask(mask, { width: 64, height: 64 }, w, h, 1);
        pixels.forEach((pixel, at) => {
          const x = Math.floor((((at % w) + 0.5) * 32) / w);
          const y = Math.floor(((Math.floor(at / w) + 0.5) * 32) / h);
          expect(pixel !== 0).toBe(x === mx && y === my);
        });
      }),
      { numRuns: 20 },
    );
  });
});

describe('key points', () => {
  it('peaks of heat maps, a quarter of a cell towards the higher neighbour', () => {
    const maps = new Float32Array(2 * 64);
    maps.set([0.1, 0.9, 0.3], 2 * 8 + 2);
    maps[64 + 63] = 0.4;
    const result = decode(
      [floats('h', [1, 2, 8, 8], maps)],
      whole,
      card({ kind: 'keypoints', head: 'heatMaps', scoreThreshold: 0.5 }),
    );
    expect(result.items).toEqual([
      { x: 3.75 * 4, y: 2.5 * 4, score: expect.closeTo(0.9) },
      { x: 7.5 * 4, y: 7.5 * 4, score: expect.closeTo(0.4) },
    ]);
    expect(resultText(result)).toBe('1 point');
  });

  it('offsets are logits: the row first, then the column', () => {
    const maps = new Float32Array(3 * 64).fill(0.5);
    maps.fill(0, 0, 64);
    maps[3 * 8 + 4] = 1;
    const share = 1 / (1 + Math.exp(-1.6));
    maps[128 + 3 * 8 + 4] = share;
    const result = decode(
      [floats('o', [1, 3, 8, 8], maps)],
      whole,
      card({ kind: 'keypoints', head: 'offsets', scoreThreshold: 0.5 }),
    );
    expect(result.items).toEqual([
      { x: expect.closeTo(31 * (4 / 7 + 0.1), 3), y: expect.closeTo(31 * (3 / 7), 3), score: 1 },
    ]);
  });

  it('coordinates as they are: shares or pixels of the input, in the source picture', () => {
    const fit: Fit = { ...whole, sourceWidth: 320, sourceHeight: 320, scaleX: 0.1, scaleY: 0.1 };
    const task: Task = { kind: 'keypoints', head: 'direct', scoreThreshold: 0 };
    expect(decode([floats('p', [1, 2, 2], [0.5, 0.25, 1, 0])], fit, card(task)).items).toMatchObject([
      { x: 160, y: 80 },
      { x: 320, y: 0 },
    ]);
    expect(decode([floats('p', [1, 2, 3], [16, 8, 0.9, 32, 0, 0.1])], fit, card(task)).items).toMatchObject([
      { x: 160, y: 80, score: expect.closeTo(0.9) },
      { x: 320, y: 0, score: expect.closeTo(0.1) },
    ]);
  });
});

it('sound: one value over time, or a value for each frequency', () => {
  const task: Task = { kind: 'sound', show: 'activity', scoreThreshold: 0.5 };
  const state = floats('stateN', [2, 1, 4], new Float32Array(8));
  const result = decode([floats('output', [1, 1], [0.75]), state], whole, card(task));
  expect(result).toEqual({ kind: 'sound', items: [{ label: 'activity', score: 0.75 }], scoreThreshold: 0.5 });
  expect(resultText(result)).toBe('activity 0.75');
  const bins = Float32Array.from({ length: 33 }, (_, i) => i);
  const spectrum = decode([floats('mask', [1, 1, 33], bins)], whole, card({ ...task, show: 'spectrum' }));
  expect(spectrum).toMatchObject({ spectrum: bins, items: [{ score: 16 }] });
});

it('depth is a ramp from the nearest to the farthest, of any range', () => {
  const task: Task = { kind: 'image', range: 'auto', show: 'ramp', channel: 0 };
  const result = decode([floats('depth', [1, 2, 2], [100, 900, 500, 100])], whole, card(task));
  if (result.kind !== 'image') throw new Error('no image');
  const pixels = new Uint8Array(result.picture.buffer);
  expect([...pixels.subarray(0, 4)]).toEqual([0x12, 0x16, 0x1a, 255]);
  expect([...pixels.subarray(4, 8)]).toEqual([0x2e, 0xd3, 0xc2, 255]);
  expect([...pixels.subarray(12)]).toEqual([...pixels.subarray(0, 4)]);
});

it('of many channels three are shown, from the chosen one on', () => {
  const data = Float32Array.from({ length: 8 * 8 * 6 }, (_, i) => (i % 6) / 5);
  const task: Task = { kind: 'image', range: '0..1', show: 'picture', channel: 2 };
  const result = decode([floats('y', [1, 8, 8, 6], data)], whole, card(task));
  if (result.kind !== 'image') throw new Error('no image');
  expect([...new Uint8Array(result.picture.buffer).subarray(0, 4)]).toEqual([102, 153, 204, 255]);
});

describe('what the first run settles', () => {
  const kindAfter = (task: Task, output: TensorValue) => refineCard(card(task), [output]).task;
  const size = 8 * 8;

  it('heat maps far below zero are classes, classes that are never negative are pictures', () => {
    const points: Task = { kind: 'keypoints', head: 'heatMaps', scoreThreshold: 0.3 };
    const logits = Float32Array.from({ length: 17 * size }, (_, i) => (i % 7) - 3);
    expect(kindAfter(points, floats('y', [1, 17, 8, 8], logits)).kind).toBe('segmentation');
    expect(
      kindAfter(
        points,
        floats(
          'y',
          [1, 17, 8, 8],
          logits.map(() => 0.2),
        ),
      ),
    ).toBe(points);
    const classes: Task = { kind: 'segmentation', background: true };
    expect(kindAfter(classes, floats('y', [1, 5, 8, 8], new Float32Array(5 * size).fill(0.5))).kind).toBe('image');
    expect(kindAfter(classes, floats('y', [1, 5, 8, 8], new Float32Array(5 * size).fill(0.2)))).toBe(classes);
  });

  it('a YOLOX grid in pixels was decoded in the graph; one channel of hundreds is a distance', () => {
    const yolox: Task = { kind: 'detection', head: 'yolox', scoreThreshold: 0.3, iouThreshold: 0.5 };
    expect(kindAfter(yolox, floats('y', [1, 2, 6], [300, 9, 9, 9, 1, 1, 9, 9, 9, 9, 1, 1]))).toMatchObject({
      head: 'yolov5',
    });
    const image: Task = { kind: 'image', range: 'auto', show: 'picture', channel: 0 };
    expect(kindAfter(image, floats('y', [1, 1, 2, 2], [0, 400, 900, 3]))).toMatchObject({ show: 'ramp' });
    expect(kindAfter(image, floats('y', [1, 1, 2, 2], [0, 200, 255, 3]))).toBe(image);
  });

  it('says why', () => {
    const points: Task = { kind: 'keypoints', head: 'heatMaps', scoreThreshold: 0.3 };
    const { reasons } = refineCard(card(points), [floats('y', [1, 17, 8, 8], new Float32Array(17 * size).fill(-9))]);
    expect(reasons['task']).toContain('from −9 to −9');
  });
});
