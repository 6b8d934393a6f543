/** The overlay on a canvas that only takes notes: nothing leaves the frame, nothing throws, words say what they should. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Detection, TaskResult } from '../core/result.ts';
import type { TruthObject } from '../core/truth.ts';
import { drawResult } from './draw.ts';
import { placeChip } from './drawChip.ts';
import { overlaps } from './placeLabel.ts';
import { tensorText } from './drawTensors.ts';
import { drawTruth } from './drawTruth.ts';

interface Note {
  readonly call: string;
  readonly args: readonly unknown[];
}

function notebook(): { ctx: OffscreenCanvasRenderingContext2D; notes: Note[] } {
  const notes: Note[] = [];
  const ctx = new Proxy(
    {},
    {
      get:
        (_, call: string) =>
        (...args: unknown[]) => {
          notes.push({ call, args });
          return { width: String(args[0]).length * 6 };
        },
      set: () => true,
    },
  );
  return { ctx: ctx as OffscreenCanvasRenderingContext2D, notes };
}

const size = { frameWidth: 640, frameHeight: 360, canvasWidth: 896, canvasHeight: 504, pixelRatio: 2 };
const draw = (result: TaskResult, other = {}) => {
  const { ctx, notes } = notebook();
  drawResult(ctx, result, { ...size, ...other });
  return notes;
};
const of = (notes: Note[], call: string) => notes.filter((note) => note.call === call).map(({ args }) => args);

describe('drawResult', () => {
  it('boxes in CSS pixels, label above, or below where there is no room', () => {
    const result: TaskResult = {
      kind: 'detection',
      items: [
        { label: 'face', score: 0.9, box: [100, 100, 64, 64] },
        { label: 'face', score: 0.8, box: [600, 0, 40, 40] },
      ],
    };
    const notes = draw(result);
    expect(of(notes, 'setTransform')).toEqual([[2, 0, 0, 2, 0, 0]]);
    expect(of(notes, 'rect')[0]).toEqual([70, 70, 44.8, 44.8].map((value) => expect.closeTo(value)));
    expect(of(notes, 'fillText').map(([text]) => text)).toEqual(['face 0.80', 'face 0.90']);
    const [corner, above] = of(notes, 'roundRect') as number[][];
    expect(above?.[1]).toBeCloseTo(70 - 19);
    expect(corner?.[1]).toBeCloseTo(28 + 3);
    expect((corner?.[0] ?? 0) + (corner?.[2] ?? 0)).toBeCloseTo(448);
  });

  it('centres a frame of another shape', () => {
    const result: TaskResult = { kind: 'detection', items: [{ label: 'a', score: 1, box: [0, 0, 10, 10] }] };
    const [rect] = of(draw(result, { frameWidth: 504, frameHeight: 504 }), 'rect');
    expect(rect?.[0]).toBeCloseTo((448 - 252) / 2);
  });

  it('five classes with bars, cut where too long', () => {
    const items = Array.from({ length: 8 }, (_, index) => ({ label: 'x'.repeat(60), index, score: 0.5 }));
    const texts = of(draw({ kind: 'classification', items }), 'fillText').map(([text]) => String(text));
    expect(texts).toHaveLength(10);
    expect(texts[1]).toMatch(/^x+…$/);
  });

  it('pictures need no overlay, empty results and empty canvases no drawing', () => {
    expect(of(draw({ kind: 'classification', items: [] }), 'fill')).toEqual([]);
    expect(draw({ kind: 'tensors', items: [] }, { frameWidth: 0 })).toEqual([]);
  });

  it('tensors: a line and a histogram each, three at most', () => {
    const item = {
      name: 'y',
      type: 'float32',
      dims: [1, 8],
      min: -1,
      max: 2,
      mean: 0.5,
      histogram: [1, 0, 3],
    } as const;
    const texts = of(draw({ kind: 'tensors', items: [item, item, item, item] }), 'fillText').map(([text]) => text);
    expect(texts.filter((text) => text === tensorText(item))).toHaveLength(3);
    expect(texts.at(-1)).toBe('and 1 more');
    expect(tensorText({ ...item, min: -1e-9, nonFinite: 2 })).toBe('y 1 × 8   −1.0e−9 to 2, mean 0.5, 2 not finite');
  });

  it('in a crowd the surest keep their words, and no word lies on another', () => {
    const items = Array.from({ length: 40 }, (_, i) => ({
      label: 'person',
      score: 1 - i / 100,
      box: [300 + (i % 3), 160, 20, 40] as const,
    }));
    const notes = draw({ kind: 'detection', items });
    expect(of(notes, 'rect')).toHaveLength(40);
    const chips = of(notes, 'roundRect') as [number, number, number, number][];
    expect(chips.length).toBeLessThan(10);
    const places = chips.map(([left, top, width, height]) => ({ left, top, width, height }));
    places.forEach((a, i) => places.slice(i + 1).forEach((b) => expect(overlaps(a, b)).toBe(false)));
    expect(of(notes, 'fillText').at(-1)?.[0]).toBe('person 1.00');
  });

  it('points of a person are joined, those of a face are not, and what is unsure or outside is left out', () => {
    const points = (count: number, score = 1) =>
      Array.from({ length: count }, (_, i) => ({ x: 10 + i * 10, y: 20, score: i === 16 ? score : 1 }));
    const person = draw({ kind: 'keypoints', items: points(17), scoreThreshold: 0.5 });
    expect(of(person, 'lineTo')).toHaveLength(16);
    expect(of(person, 'arc')).toHaveLength(34);
    const unsure = draw({ kind: 'keypoints', items: points(17, 0.1), scoreThreshold: 0.5 });
    expect(of(unsure, 'lineTo')).toHaveLength(15);
    expect(of(unsure, 'arc')).toHaveLength(32);
    const face = draw({ kind: 'keypoints', items: points(68), scoreThreshold: 0.5 });
    expect(of(face, 'lineTo')).toHaveLength(0);
    // A point at 640 and beyond lies outside the frame.
    expect(of(face, 'arc')).toHaveLength(2 * 64);
  });

  it('sound is a curve of what came before, a box of a face carries its points', () => {
    const item = { label: 'activity', score: 0.4 };
    expect(of(draw({ kind: 'sound', items: [item], scoreThreshold: 0.5 }), 'fillText')[0]?.[0]).toBe('activity 0.40');
    const box: Detection = { label: 'face', score: 1, box: [10, 10, 90, 90], points: [{ x: 20, y: 20, score: 1 }] };
    expect(of(draw({ kind: 'detection', items: [box] }), 'arc')).toHaveLength(2);
  });

  it('a chip that fits lies inside', () => {
    const number = fc.double({ min: -1000, max: 1000, noNaN: true });
    fc.assert(
      fc.property(number, number, (x, y) => {
        const area = { left: 10, top: 20, width: 300, height: 200 };
        const { left, top } = placeChip(x, y, 80, 16, area);
        expect(left >= 10 && left + 80 <= 310 && top >= 20 && top + 16 <= 220).toBe(true);
      }),
    );
  });
});

describe('drawTruth', () => {
  const truth: TruthObject[] = [
    { label: 'star', box: [0, 0, 64, 64], visibility: 1 },
    { label: 'ring', box: [200, 100, 64, 64], visibility: 0.4 },
    { label: 'ring', box: [400, 100, 64, 64], visibility: 0.1 },
  ];
  const words = (found: readonly Detection[], known?: readonly string[]) => {
    const { ctx, notes } = notebook();
    drawTruth(ctx, truth, found, size, known);
    expect(of(notes, 'rect')).toHaveLength(truth.length);
    return of(notes, 'fillText').map(([text]) => text);
  };
  const star: Detection = { label: 'star', score: 1, box: [2, 2, 64, 64] };

  it('says what the results missed and how much of it can be seen, but nothing of what can hardly be seen', () => {
    expect(words([star])).toEqual(['missed ring, 40 % seen']);
    expect(words([star, { label: 'ring', score: 1, box: [200, 100, 64, 64] }])).toEqual([]);
    // Too far off, or of another class, it has not been found.
    expect(words([star, { label: 'ring', score: 1, box: [250, 100, 64, 64] }])).toHaveLength(1);
    expect(words([star, { label: 'star', score: 1, box: [200, 100, 64, 64] }])).toHaveLength(1);
  });

  it('a model that knows other things has missed nothing', () => {
    expect(words([{ label: 'face', score: 1, box: [0, 0, 64, 64] }])).toEqual([]);
    expect(words([])).toEqual([]);
    // One that knows them and found nothing has missed them all.
    expect(words([], ['star', 'ring'])).toEqual(['missed star', 'missed ring, 40 % seen']);
  });
});
