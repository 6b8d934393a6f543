/**
 * Where the shapes of the synthetic scene are at a moment: a pure function of its recipe, so that any thread draws the
 * same picture and ground truth costs nothing. Motion is a triangle wave per axis: constant speed, bounce at the edges.
 */
import type { ScenePayload } from '../core/payload.ts';

export type ShapeKind = 'circle' | 'square' | 'triangle';

export interface SceneShape {
  readonly kind: ShapeKind;
  /** Centre and half extent of the bounding box, in pixels. */
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  /** Radians; squares tilt, triangles turn slowly. */
  readonly angle: number;
  /** Opaque, as bytes R, G, B, A in a little-endian word. */
  readonly color: number;
}

const kinds: readonly ShapeKind[] = ['circle', 'square', 'triangle'];
/** Blues, sand, green, rose: calm on dark slate. */
const colors = [
  0xffd8a86e, 0xff8fc4e0, 0xffa0c38c, 0xffa698d9, 0xffc0864f, 0xff6ba6c9, 0xff9aab74, 0xffb08bb9,
] as const;

/** 6 to 8 shapes, painted in this order. */
export function sceneShapes({ seed, t, width, height }: ScenePayload): SceneShape[] {
  const random = seeded(seed);
  const count = 6 + Math.floor(random() * 3);
  const short = Math.min(width, height);
  const colorShift = Math.floor(random() * colors.length);
  return Array.from({ length: count }, (_, i) => {
    const kind = kinds[i % kinds.length] ?? 'circle';
    const radius = short * (0.06 + 0.075 * random());
    const speed = short * (0.07 + 0.13 * random());
    const heading = random() * 2 * Math.PI;
    const startX = random();
    const startY = random();
    const turn = (random() - 0.5) * 0.7;
    const tilt = random() * 2 * Math.PI;
    return {
      kind,
      x: bounce(startX, Math.cos(heading) * speed * t, radius, width),
      y: bounce(startY, Math.sin(heading) * speed * t, radius, height),
      radius,
      angle: kind === 'circle' ? 0 : tilt + turn * t,
      color: colors[(i + colorShift) % colors.length] ?? colors[0],
    };
  });
}

/** From `start` (0..1 of the free way) after `moved` pixels, kept `margin` away from both edges. */
function bounce(start: number, moved: number, margin: number, size: number): number {
  const way = Math.max(1, size - 2 * margin);
  const period = 2 * way;
  const along = (((start * way + moved) % period) + period) % period;
  return margin + (along <= way ? along : period - along);
}

/** mulberry32: small, seeded, the same in every engine. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
