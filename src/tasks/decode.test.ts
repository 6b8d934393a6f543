/** Each head on tensors small enough to know the answer by hand. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ModelCard, Task } from '../core/card.ts';
import type { Fit } from '../core/engine.ts';
import type { TensorValue } from '../core/tensor.ts';
import { decode } from './decode.ts';
import { isDistribution, softmax } from './decodeClassification.ts';
import { resultText } from './resultText.ts';

/** 640 x 360 letterboxed into 320 x 320. */
const fit: Fit = {
  sourceWidth: 640,
  sourceHeight: 360,
  scaleX: 0.5,
  scaleY: 0.5,
  offsetX: 0,
  offsetY: 70,
  inputWidth: 320,
  inputHeight: 320,
};
const card = (task: Task, more: Partial<ModelCard> = {}): ModelCard => ({ name: 'm', task, reasons: {}, ...more });
const floats = (name: string, dims: number[], values: ArrayLike<number>): TensorValue => ({
  name,
  type: 'float32',
  dims,
  data: Float32Array.from(values),
});

describe('detection', () => {
  const yolo: Task = { kind: 'detection', head: 'yolov8', scoreThreshold: 0.5, iouThreshold: 0.5 };
  const ssd: Task = { ...yolo, head: 'ssd' };

  it('yolov8: centres in input pixels, best class, suppression, letterbox taken off', () => {
    // Columns: two boxes of one thing, one below the threshold, one of the other class in the same place.
    const rows = [
      [100, 101, 50, 100],
      [160, 160, 50, 160],
      [40, 40, 10, 40],
      [20, 20, 10, 20],
      [0.9, 0.8, 0.4, 0.1],
      [0.1, 0.1, 0.3, 0.7],
    ];
    const result = decode([floats('output0', [1, 6, 4], rows.flat())], fit, card(yolo, { labels: ['cat'] }));
    expect(result).toEqual({
      kind: 'detection',
      items: [{ label: 'cat', score: expect.closeTo(0.9), box: [160, 160, 80, 40], index: 0 }],
    });
    const both = decode([floats('output0', [1, 6, 4], rows.flat())], fit, card(yolo));
    expect(both.items).toMatchObject([{ label: 'class 0' }, { label: 'class 1', score: expect.closeTo(0.7) }]);
    expect(resultText(both)).toBe('2 boxes');
  });

  it('ssd: shares of the input, background left out, either order of the outputs', () => {
    const scores = floats('scores', [1, 2, 2], [0.1, 0.9, 0.95, 0.05]);
    const boxes = floats('boxes', [1, 2, 4], [0.25, 0.5, 0.5, 0.75, 0, 0, 1, 1]);
    const labels = ['background', 'face'];
    const expected = [{ label: 'face', score: expect.closeTo(0.9), box: [160, 180, 160, 160], index: 1 }];
    expect(decode([scores, boxes], fit, card(ssd, { labels })).items).toEqual(expected);
    expect(decode([boxes, scores], fit, card(ssd, { labels })).items).toEqual(expected);
  });

  it('says when the outputs are not those of the head', () => {
    const other = [floats('y', [1, 10], new Float32Array(10))];
    for (const task of [yolo, ssd])
      expect(() => decode(other, fit, card(task))).toThrow(expect.objectContaining({ code: 'bad-output' }));
  });

  it('a score that is not a number is no detection', () => {
    const rows = [10, 10, 4, 4, Number.NaN];
    expect(decode([floats('o', [1, 5, 1], rows)], fit, card(yolo)).items).toEqual([]);
  });
});

describe('classification', () => {
  const task: Task = { kind: 'classification', softmax: 'auto', topK: 2 };

  it('logits become probabilities, probabilities stay', () => {
    const logits = decode([floats('y', [1, 3], [1, 3, 2])], fit, card(task, { labels: ['a', 'tabby', 'c'] }));
    expect(logits.items).toEqual([
      { label: 'tabby', index: 1, score: expect.closeTo(0.665, 3) },
      { label: 'c', index: 2, score: expect.closeTo(0.245, 3) },
    ]);
    expect(resultText(logits)).toBe('tabby 0.67');
    const shares = decode([floats('y', [1, 3, 1, 1], [0.2, 0.7, 0.1])], fit, card(task));
    expect(shares.items[0]).toEqual({ label: 'class 1', index: 1, score: expect.closeTo(0.7) });
    const scores = decode([floats('y', [3], [9, 3, 2])], fit, card({ ...task, softmax: 'no' }));
    expect(scores.items).toMatchObject([{ score: 9 }, { score: 3 }]);
  });

  it('64-bit integers are scores too', () => {
    const output: TensorValue = { name: 'y', type: 'int64', dims: [1, 2], data: new BigInt64Array([1n, 5n]) };
    expect(decode([output], fit, card(task)).items[0]).toMatchObject({ index: 1 });
  });

  it('softmax is a distribution, keeps the order, and takes any size of value', () => {
    const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(values, (list) => {
        const shares = softmax(Float64Array.from(list));
        expect(isDistribution(shares)).toBe(true);
        list.forEach((a, i) =>
          list.forEach((b, j) => {
            if (a > b) expect(shares[i]).toBeGreaterThanOrEqual(shares[j] ?? 0);
          }),
        );
      }),
    );
    expect([...softmax(Float64Array.of(Infinity, 0, Number.NaN))]).toEqual([1, 0, 0]);
  });
});

describe('image', () => {
  const task = (range: Extract<Task, { kind: 'image' }>['range']): Task => ({
    kind: 'image',
    range,
    show: 'picture',
    channel: 0,
  });
  const pixels = (
    outputs: TensorValue[],
    range: Extract<Task, { kind: 'image' }>['range'] = 'auto',
    into?: ArrayBuffer,
  ) => {
    const result = decode(outputs, fit, card(task(range)), into);
    if (result.kind !== 'image') throw new Error('not an image');
    const { buffer, width, height } = result.picture;
    return [...new Uint8Array(buffer, 0, width * height * 4)];
  };

  it('channels first, channels last, and one channel', () => {
    const first = floats('y', [1, 3, 1, 2], [0, 1, 0.2, 0.4, 0, 0.6]);
    expect(pixels([first])).toEqual([0, 51, 0, 255, 255, 102, 153, 255]);
    const last = floats('y', [1, 1, 2, 3], [0, 0.2, 0, 1, 0.4, 0.6]);
    expect(pixels([{ ...last, dims: [1, 2, 1, 3] }])).toEqual([0, 51, 0, 255, 255, 102, 153, 255]);
    expect(pixels([floats('y', [1, 1, 1, 2], [0, 1])])).toEqual([0, 0, 0, 255, 255, 255, 255, 255]);
  });

  it('finds the range by itself: 0..255, -1..1, bytes', () => {
    expect(pixels([floats('y', [1, 1, 1, 2], [-20, 300])]).slice(0, 5)).toEqual([0, 0, 0, 255, 255]);
    expect(pixels([floats('y', [1, 1, 1, 2], [-1, 0])]).slice(0, 5)).toEqual([0, 0, 0, 255, 128]);
    const bytes: TensorValue = { name: 'y', type: 'uint8', dims: [1, 1, 1, 2], data: new Uint8Array([1, 2]) };
    expect(pixels([bytes])).toEqual([1, 1, 1, 255, 2, 2, 2, 255]);
  });

  it('gives BGR networks their own order, and uses the buffer that it is given', () => {
    const output = floats('edges', [1, 3, 1, 1], [255, 128, 0]);
    const into = new ArrayBuffer(64);
    const prepare = { color: 'bgr' } as unknown as NonNullable<ModelCard['prepare']>;
    const result = decode([output], fit, card(task('0..255'), { prepare }), into);
    if (result.kind !== 'image') throw new Error('not an image');
    expect(result.picture.buffer).toBe(into);
    expect([...new Uint8Array(into, 0, 4)]).toEqual([0, 128, 255, 255]);
    expect(resultText(result)).toBe('edges 1 × 1');
    expect(pixels([output], '0..255', new ArrayBuffer(2))).toHaveLength(4);
  });

  it('says when no output is a picture', () => {
    expect(() => pixels([floats('y', [2, 3, 8, 8], new Float32Array(384))])).toThrow('No output is a picture');
    expect(() => pixels([floats('y', [1, 3, 0, 8], [])])).toThrow('No output is a picture');
  });
});

describe('tensors', () => {
  const tensors = (outputs: TensorValue[]) => {
    const result = decode(outputs, fit, card({ kind: 'tensors' }));
    if (result.kind !== 'tensors') throw new Error('not tensors');
    return result.items;
  };

  it('counts what is not finite and leaves it out of the numbers', () => {
    const [item] = tensors([floats('y', [1, 5], [1, Number.NaN, 3, Infinity, -Infinity])]);
    expect(item).toMatchObject({ min: 1, max: 3, mean: 2, nonFinite: 3 });
    expect(item?.histogram?.[0]).toBe(1);
    expect(item?.histogram?.[31]).toBe(1);
  });

  it('the histogram holds each finite value once, whatever the values', () => {
    fc.assert(
      fc.property(fc.float32Array({ minLength: 1, maxLength: 100 }), (data) => {
        const [item] = tensors([floats('y', [data.length], data)]);
        const sum = item?.histogram?.reduce((a, b) => a + b, 0) ?? 0;
        expect(sum + (item?.nonFinite ?? 0)).toBe(data.length);
      }),
    );
  });

  it('takes empty tensors, scalars and 64-bit integers', () => {
    expect(tensors([floats('y', [0, 4], [])])).toEqual([
      { name: 'y', type: 'float32', dims: [0, 4], min: 0, max: 0, mean: 0 },
    ]);
    expect(tensors([floats('y', [], [7])])[0]).toMatchObject({ min: 7, max: 7 });
    const long: TensorValue = { name: 'y', type: 'int64', dims: [2], data: new BigInt64Array([2n, 4n]) };
    expect(tensors([long])[0]).toMatchObject({ min: 2, max: 4, mean: 3 });
  });

  it('makes heat maps of the last two dimensions, of NHWC its first channel, never larger than 256', () => {
    const map = (dims: number[]) =>
      tensors([
        floats(
          'y',
          dims,
          Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => i),
        ),
      ])[0]?.heatMap;
    expect(map([1, 2, 16, 24])).toMatchObject({ width: 24, height: 16 });
    expect(map([1, 40, 30, 5])).toMatchObject({ width: 30, height: 40 });
    expect(map([1, 600, 300])).toMatchObject({ width: 256, height: 256 });
    expect(map([1, 1000])).toBeUndefined();
    const bytes = new Uint8Array(map([8, 8])?.buffer ?? new ArrayBuffer(0));
    expect([...bytes.subarray(0, 4)]).toEqual([0x12, 0x16, 0x1a, 255]);
    expect([...bytes.subarray(-4)]).toEqual([0x2e, 0xd3, 0xc2, 255]);
  });
});
