/** The scene is the same for the same recipe, and its truth is what is in the pixels. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ScenePayload } from '../../core/payload.ts';
import { colorOf, mixed, white } from './color.ts';
import { drawScene } from './drawScene.ts';
import { formOf, sceneClasses } from './outline.ts';
import { paintObject } from './paintObject.ts';
import { type SceneObject, sceneObjects } from './sceneObjects.ts';
import { sceneTruth } from './sceneTruth.ts';

const recipe: ScenePayload = {
  kind: 'scene',
  seed: 7,
  t: 3.21,
  width: 320,
  height: 240,
  difficulty: 0.5,
  motion: 1,
};
const sizes = fc.constantFrom([320, 240], [401, 299], [480, 270]);
const recipes = fc
  .record({
    seed: fc.nat(0xffffffff),
    t: fc.double({ min: 0, max: 1000, noNaN: true }),
    size: sizes,
    difficulty: fc.double({ min: 0, max: 1, noNaN: true }),
    motion: fc.double({ min: 0, max: 8, noNaN: true }),
  })
  .map(({ size: [width = 0, height = 0], ...rest }): ScenePayload => ({ kind: 'scene', width, height, ...rest }));

const copyOf = (of: ScenePayload) => Int32Array.from(new Int32Array(drawScene(of).buffer, 0, of.width * of.height));

describe('drawScene', () => {
  it('draws the same opaque pixels again, whatever was drawn in between and into whatever buffer', () => {
    fc.assert(
      fc.property(recipes, recipes, (first, other) => {
        const once = copyOf(first);
        drawScene(other);
        const used = new ArrayBuffer(first.width * first.height * 4 + 400);
        new Uint8Array(used).fill(99);
        const again = drawScene(first, used);
        expect(again.buffer).toBe(used);
        const words = new Int32Array(used, 0, once.length);
        expect(Buffer.compare(Buffer.from(once.buffer), Buffer.from(used, 0, once.byteLength))).toBe(0);
        expect(words.findIndex((word) => word >>> 24 !== 255)).toBe(-1);
      }),
      { numRuns: 15 },
    );
  });

  it('takes a buffer of its own where the given one is too small', () => {
    expect(drawScene(recipe, new ArrayBuffer(16)).buffer.byteLength).toBe(320 * 240 * 4);
  });

  it('is another picture for another seed, moment, difficulty and motion', () => {
    const base = copyOf(recipe);
    for (const change of [{ seed: 8 }, { t: 3.5 }, { difficulty: 0.9 }, { motion: 3 }])
      expect(copyOf({ ...recipe, ...change })).not.toEqual(base);
  });

  it('draws any size within the limits', () => {
    for (const [width, height] of [
      [16, 16],
      [4096, 16],
      [16, 700],
    ] as const)
      expect(drawScene({ ...recipe, width, height, difficulty: 1, motion: 16 })).toMatchObject({ width, height });
  });
});

describe('sceneObjects', () => {
  it('more of them, smaller ones, the harder it is; all classes about equally often', () => {
    const over = (difficulty: number) =>
      Array.from({ length: 300 }, (_, seed) => sceneObjects({ ...recipe, seed, difficulty })).flat();
    const [easy, medium, hard] = [over(0), over(0.5), over(1)];
    expect(easy.length).toBeLessThan(medium.length);
    expect(medium.length).toBeLessThan(hard.length);
    const smallest = (objects: SceneObject[]) => Math.min(...objects.map(({ radius }) => radius));
    expect(smallest(hard)).toBeLessThan(smallest(medium));
    for (const kind of sceneClasses) {
      const share = medium.filter((object) => object.kind === kind).length / medium.length;
      expect(share).toBeGreaterThan(0.1);
      expect(share).toBeLessThan(0.24);
    }
  });

  it('move on smoothly, and stand still without motion', () => {
    const near = sceneObjects({ ...recipe, t: recipe.t + 1 / 120 });
    sceneObjects(recipe).forEach(({ pose }, i) => {
      expect(Math.hypot(pose.x - (near[i]?.pose.x ?? 0), pose.y - (near[i]?.pose.y ?? 0))).toBeLessThan(2);
    });
    const still = { ...recipe, motion: 0 };
    expect(sceneTruth({ ...still, t: 900 })).toEqual(sceneTruth(still));
  });
});

interface Mask {
  /** 1 where the object, sharp and alone, covers half a pixel or more. */
  readonly pixels: Uint8Array;
  readonly count: number;
  /** left, top, right, bottom */
  readonly edges: readonly [number, number, number, number];
}

/** Rendered by the painter itself, white on black. */
function maskOf(object: SceneObject, width: number, height: number): Mask {
  const canvas = new Int32Array(width * height).fill(colorOf(0));
  const alone = { ...object, poses: [object.pose], softness: 0.5, color: white };
  paintObject({ pixels: canvas, width, height }, alone);
  const pixels = new Uint8Array(canvas.length);
  let [count, left, top, right, bottom] = [0, width, height, 0, 0];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      if (((canvas[y * width + x] ?? 0) & 255) < 112) continue;
      pixels[y * width + x] = 1;
      count += 1;
      left = Math.min(left, x);
      right = Math.max(right, x + 1);
      top = Math.min(top, y);
      bottom = y + 1;
    }
  return { pixels, count, edges: [left, top, right, bottom] };
}

describe('sceneTruth', () => {
  it('boxes agree with boxes measured from rendered masks within a pixel', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(recipes, (of) => {
        const truth = sceneTruth(of);
        for (const object of sceneObjects(of)) {
          const { count, edges } = maskOf(object, of.width, of.height);
          if (count === 0) continue;
          const errors = truth
            .filter(({ label }) => label === object.kind)
            .map(({ box: [x, y, width, height] }) =>
              Math.max(...[x, y, x + width, y + height].map((edge, i) => Math.abs(edge - (edges[i] ?? 0)))),
            );
          expect(Math.min(...errors)).toBeLessThanOrEqual(1);
          seen.add(object.kind);
        }
      }),
      { numRuns: 20 },
    );
    expect(seen.size).toBe(sceneClasses.length);
  });

  it('visibility is the share of the mask that later objects leave inside the picture', () => {
    const of: ScenePayload = { ...recipe, width: 480, height: 270, difficulty: 0.7 };
    let hidden = 0;
    for (let seed = 0; seed < 8; seed++) {
      const objects = sceneObjects({ ...of, seed });
      const truth = sceneTruth({ ...of, seed });
      const masks = objects.map((object) => maskOf(object, of.width, of.height));
      if (truth.length !== objects.length) continue;
      truth.forEach(({ box: [x, y, width, height], visibility }, i) => {
        const mask = masks[i];
        // A whole mask to compare with exists only for what is inside.
        if (mask === undefined || x <= 0 || y <= 0 || x + width >= of.width || y + height >= of.height) return;
        const above = masks.slice(i + 1);
        let left = 0;
        for (let at = 0; at < mask.pixels.length; at++)
          if (mask.pixels[at] === 1 && above.every(({ pixels }) => pixels[at] === 0)) left += 1;
        expect(Math.abs(left / mask.count - visibility)).toBeLessThan(0.08);
        if (visibility < 0.9) hidden += 1;
      });
    }
    expect(hidden).toBeGreaterThan(10);
  });
});

describe('forms', () => {
  it('are never nearer than they say, so that whole blocks may be skipped or filled', () => {
    const place = fc.double({ min: -60, max: 60, noNaN: true });
    fc.assert(
      fc.property(
        fc.constantFrom(...sceneClasses),
        fc.double({ min: 4, max: 40, noNaN: true }),
        place,
        place,
        place,
        place,
        (kind, radius, ax, ay, bx, by) => {
          const distances = new Float64Array(2);
          formOf(kind, radius).measure(Float64Array.of(ax, ay, bx, by), 2, distances);
          const [a = 0, b = 0] = distances;
          const apart = Math.hypot(ax - bx, ay - by);
          expect(Math.abs(a - b)).toBeLessThanOrEqual(apart + 1e-9);
        },
      ),
    );
  });
});

describe('mixed', () => {
  it('weighs each channel alone, ends included', () => {
    fc.assert(
      fc.property(fc.nat(0xffffff), fc.nat(0xffffff), fc.double({ min: 0, max: 1, noNaN: true }), (a, b, share) => {
        const word = mixed(colorOf(a), colorOf(b), share);
        for (const shift of [0, 8, 16]) {
          const from = (colorOf(a) >>> shift) & 255;
          const to = (colorOf(b) >>> shift) & 255;
          expect(Math.abs(((word >>> shift) & 255) - (from + (to - from) * share))).toBeLessThan(1.01);
        }
        expect(word >>> 24).toBe(255);
      }),
    );
    expect(mixed(colorOf(0x123456), white, 1)).toBe(white);
    expect(mixed(colorOf(0x123456), white, 0)).toBe(colorOf(0x123456));
  });
});
