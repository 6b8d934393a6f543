/** Heads of detectors on tensors small enough to know the answer by hand, and what must hold for any values in them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DetectionHead, detectionHeads, type ModelCard, type Task } from '../core/card.ts';
import { type Fit, wholeFit } from '../core/engine.ts';
import type { Detection } from '../core/result.ts';
import type { TensorValue } from '../core/tensor.ts';
import { decode } from './decode.ts';
import { priorsOf } from './decodeYunet.ts';
import { placesOf } from './gridPlaces.ts';

const square = wholeFit({ width: 64, height: 64 });
const floats = (name: string, dims: number[], values: ArrayLike<number>): TensorValue => ({
  name,
  type: 'float32',
  dims,
  data: Float32Array.from(values),
});
const task = (head: DetectionHead, more = {}): Task => ({
  kind: 'detection',
  head,
  scoreThreshold: 0.5,
  iouThreshold: 0.5,
  ...more,
});
const card = (head: DetectionHead, labels?: string[]): ModelCard => ({
  name: 'm',
  task: task(head),
  reasons: {},
  ...(labels === undefined ? {} : { labels }),
});
const boxes = (head: DetectionHead, outputs: TensorValue[], fit: Fit = square, labels?: string[]) =>
  decode(outputs, fit, card(head, labels)).items as readonly Detection[];

describe('heads', () => {
  it('yolov5: objectness times class; pixels, or shares of the input', () => {
    const rows = [16, 16, 8, 16, 0.9, 0.1, 0.8, 32, 32, 8, 8, 0.4, 1, 0];
    const expected = [{ label: 'cat', score: expect.closeTo(0.72), box: [12, 8, 8, 16], index: 1 }];
    expect(boxes('yolov5', [floats('y', [1, 2, 7], rows)], square, ['dog', 'cat'])).toEqual(expected);
    const shares = rows.map((value, i) => (i % 7 < 4 ? value / 64 : value));
    expect(boxes('yolov5', [floats('y', [1, 2, 7], shares)], square, ['dog', 'cat'])).toEqual(expected);
  });

  it('yolox: offsets on the grid of strides 8, 16 and 32', () => {
    const count = placesOf(64, 64);
    expect(count).toBe(64 + 16 + 4);
    const data = new Float32Array(count * 6);
    // The second place of the second row of stride 16.
    data.set([0.5, 0.25, Math.log(2), Math.log(1), 0.9, 1], (64 + 4 + 1) * 6);
    expect(boxes('yolox', [floats('y', [1, count, 6], data)])).toEqual([
      {
        label: 'class 0',
        score: expect.closeTo(0.9),
        box: [expect.closeTo(8), expect.closeTo(12), expect.closeTo(32), expect.closeTo(16)],
        index: 0,
      },
    ]);
    expect(() => boxes('yolox', [floats('y', [1, 5, 6], new Float32Array(30))])).toThrow('has 84 places');
  });

  it('fastestdet: one grid, tanh and sigmoid', () => {
    const [columns, rows, place] = [4, 4, 5];
    const data = new Float32Array(7 * 16);
    [0.8, 0, 0, 0, 0, 0.1, 0.9].forEach((value, channel) => {
      data[channel * 16 + place] = value;
    });
    expect(boxes('fastestdet', [floats('758', [1, 7, rows, columns], data)])).toEqual([
      { label: 'class 1', score: expect.closeTo(0.8 ** 0.6 * 0.9 ** 0.4), box: [0, 0, 32, 32], index: 1 },
    ]);
  });

  it('yunet: priors, root of score and quality, five points', () => {
    const priors = priorsOf(160, 120);
    expect(priors).toHaveLength(1076);
    const at = priors.findIndex(({ side, x, y }) => side === 32 && x === 56 && y === 40);
    const loc = new Float32Array(1076 * 14);
    loc.set([1, 0, 0, 0, 1, 1], at * 14);
    const conf = new Float32Array(1076 * 2);
    conf[at * 2 + 1] = 0.81;
    const iou = new Float32Array(1076).fill(1);
    const outputs = [floats('loc', [1076, 14], loc), floats('conf', [1076, 2], conf), floats('iou', [1076, 1], iou)];
    const [face] = boxes('yunet', outputs, wholeFit({ width: 160, height: 120 }), ['background', 'face']);
    expect(face).toMatchObject({ label: 'face', score: expect.closeTo(0.9) });
    [43.2, 24, 32, 32].forEach((value, i) => expect(face?.box[i]).toBeCloseTo(value, 4));
    expect(face?.points).toHaveLength(5);
    expect(face?.points?.[0]).toMatchObject({ x: expect.closeTo(59.2, 4), y: expect.closeTo(43.2, 4) });
  });

  it('rows: end to end of six, and of seven with the number of the image', () => {
    const expected = [
      { label: 'class 3', score: expect.closeTo(0.9), box: [8, 8, 24, 40], index: 3 },
      { label: 'class 1', score: expect.closeTo(0.6), box: [8, 8, 24, 40], index: 1 },
    ];
    const six = [8, 8, 32, 48, 0.6, 1, 8, 8, 32, 48, 0.9, 3, 0, 0, 0, 0, 0, 0];
    expect(boxes('rows', [floats('y', [1, 3, 6], six)])).toEqual(expected);
    const seven = [0, 8, 8, 32, 48, 3, 0.9, 0, 8, 8, 32, 48, 1, 0.6, 1, 8, 8, 32, 48, 2, 0.9];
    expect(boxes('rows', [floats('y', [3, 7], seven)])).toEqual(expected);
    expect(boxes('rows', [floats('y', [0, 7], [])])).toEqual([]);
  });

  it('nms: indices of NonMaxSuppression, or boxes, scores and classes apart', () => {
    const four = floats('boxes', [1, 3, 4], [0, 0, 9, 9, 8, 8, 32, 48, 1, 1, 5, 5]);
    const scores = floats('scores', [1, 2, 3], [0.1, 0.2, 0.1, 0.1, 0.9, 0.3]);
    const indices: TensorValue = {
      name: 'selected',
      type: 'int64',
      dims: [2, 3],
      data: BigInt64Array.from([0n, 1n, 1n, 0n, 1n, 2n]),
    };
    const expected = [{ label: 'class 1', score: expect.closeTo(0.9), box: [8, 8, 24, 40], index: 1 }];
    expect(boxes('nms', [four, scores, indices])).toEqual(expected);
    const apart = [
      floats('num_detections', [1], [2]),
      four,
      floats('scores', [1, 3], [0.2, 0.9, 0.9]),
      floats('classes', [1, 3], [0, 1, 1]),
    ];
    expect(boxes('nms', apart)).toEqual(expected);
  });

  it('a -pose model gives its points, a -seg model the masks of its objects', () => {
    const pose = Array.from({ length: 4 + 1 + 17 * 3 }, (_, row) => [32, 32, 16, 16, 0.9][row] ?? row % 3);
    const [person] = boxes('yolov8', [floats('o', [1, pose.length, 1], pose)], square, ['person']);
    expect(person?.points).toHaveLength(17);
    expect(person?.points?.[0]).toEqual({ x: 2, y: 0, score: 1 });

    const rows = 4 + 1 + 8;
    const head = Array.from({ length: rows }, (_, row) => [16, 16, 16, 32, 0.9, 1][row] ?? 0);
    const protos = new Float32Array(8 * 64).fill(-1);
    // The left half of the input belongs to it.
    for (let i = 0; i < 64; i++) if (i % 8 < 4) protos[i] = 1;
    const result = decode([floats('o', [1, rows, 1], head), floats('p', [1, 8, 8, 8], protos)], square, {
      name: 'm',
      reasons: {},
      task: { kind: 'instances', scoreThreshold: 0.5, iouThreshold: 0.5 },
      labels: ['person'],
    });
    if (result.kind !== 'instances') throw new Error('no instances');
    expect(result.items).toMatchObject([{ label: 'person', box: [8, 0, 16, 32] }]);
    // Inside its box and where the prototypes say so: columns 1 to 2 (of 8 pixels each), rows 0 to 3.
    const inside = [...result.mask.values].flatMap((value, at) => (value === 1 ? [at] : []));
    expect(inside).toEqual([1, 2, 9, 10, 17, 18, 25, 26]);
    expect(result.mask).toMatchObject({ box: [-0, -0, 64, 64], colors: [0] });
  });
});

describe('whatever the values', () => {
  const shapes: Readonly<Record<DetectionHead, readonly (readonly [string, number[]])[]>> = {
    yolov8: [['output0', [1, 7, 40]]],
    yolov5: [['output0', [1, 40, 8]]],
    yolox: [['output', [1, 84, 8]]],
    fastestdet: [['758', [1, 8, 4, 4]]],
    ssd: [
      ['scores', [1, 30, 3]],
      ['boxes', [1, 30, 4]],
    ],
    yunet: [
      ['loc', [priorsOf(64, 64).length, 14]],
      ['conf', [priorsOf(64, 64).length, 2]],
      ['iou', [priorsOf(64, 64).length, 1]],
    ],
    rows: [['output', [1, 30, 6]]],
    nms: [
      ['boxes', [1, 30, 4]],
      ['scores', [1, 30]],
      ['classes', [1, 30]],
    ],
  };
  const seeds = fc.integer({ min: 1, max: 2 ** 30 });
  /** 640 x 360 in a letterbox of 64 x 64. */
  const fit: Fit = {
    sourceWidth: 640,
    sourceHeight: 360,
    scaleX: 0.1,
    scaleY: 0.1,
    offsetX: 0,
    offsetY: 14,
    inputWidth: 64,
    inputHeight: 64,
  };

  function valuesOf(head: DetectionHead, seed: number): TensorValue[] {
    let state = seed;
    return shapes[head].map(([name, dims]) => {
      const size = dims.reduce((a, b) => a * b, 1);
      const values = Float32Array.from({ length: size }, () => {
        state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
        const value = state / 0x7fffffff;
        // Now and then something that no head should choke on.
        return state % 97 === 0 ? Number.NaN : state % 89 === 0 ? 1e30 : value * (head === 'yolov8' ? 60 : 1.2);
      });
      return floats(name, dims, values);
    });
  }

  it.each(detectionHeads.map((head) => [head]))('%s: boxes lie inside the frame, best first', (head) => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const found = boxes(head, valuesOf(head, seed), fit);
        for (const { box, score } of found) {
          const [x, y, width, height] = box;
          expect(x >= 0 && y >= 0 && width > 0 && height > 0).toBe(true);
          expect(x + width).toBeLessThanOrEqual(640 + 1e-6);
          expect(y + height).toBeLessThanOrEqual(360 + 1e-6);
          expect(score).toBeGreaterThanOrEqual(0.5);
        }
        expect(found.map(({ score }) => score)).toEqual(found.map(({ score }) => score).sort((a, b) => b - a));
      }),
      { numRuns: 40 },
    );
  });

  it('the order in which a head lists its places means nothing', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const [output] = valuesOf('yolov5', seed);
        const data = output?.data as Float32Array;
        const rows = Array.from({ length: 40 }, (_, i) => [...data.subarray(i * 8, i * 8 + 8)]);
        const turned = floats('output0', [1, 40, 8], rows.toReversed().flat());
        expect(boxes('yolov5', [turned], fit)).toEqual(boxes('yolov5', valuesOf('yolov5', seed), fit));
      }),
      { numRuns: 40 },
    );
  });

  it('says when the outputs are not those of the head', () => {
    for (const head of detectionHeads)
      expect(() => boxes(head, [floats('y', [10], new Float32Array(10))])).toThrow(
        expect.objectContaining({ code: 'bad-output' }),
      );
  });
});
