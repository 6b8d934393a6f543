/**
 * Draws the synthetic scene: softly coloured shapes on dark slate with a faint grid. The demo that runs with nothing else.
 * Drawn by arithmetic, not on a canvas: the same pixels in every browser, in a fraction of the time, into a kept buffer.
 */
import type { Picture, ScenePayload } from '../core/payload.ts';
import { type SceneShape, sceneShapes } from './sceneShapes.ts';

interface Background {
  readonly width: number;
  readonly height: number;
  readonly pixels: Int32Array;
}

/** A shape as the painter needs it; `margin` in pixels grows (or, negative, shrinks) it. */
interface Outline {
  /** Pixels from the edge, negative inside. */
  distance(x: number, y: number): number;
  /** From where to where the row at `y` lies in the shape; empty when from >= to. */
  span(y: number, margin: number): readonly [from: number, to: number];
}

/** Colours are signed words: an engine keeps small integers unboxed. */
const white = -1;
let background: Background | undefined;

/** Deterministic for one recipe; in `recycle` when that is large enough. Sizes are bounded in settings (4096 x 4096). */
export function drawScene(payload: ScenePayload, recycle?: ArrayBuffer): Picture {
  const { width, height } = payload;
  if (background?.width !== width || background.height !== height) background = drawBackground(width, height);
  const bytes = width * height * 4;
  const buffer = recycle !== undefined && recycle.byteLength >= bytes ? recycle : new ArrayBuffer(bytes);
  const pixels = new Int32Array(buffer, 0, width * height);
  pixels.set(background.pixels);
  for (const shape of sceneShapes(payload)) drawShape(pixels, width, height, shape);
  return { buffer, width, height };
}

/** The same for every frame, so it is drawn once per size. */
function drawBackground(width: number, height: number): Background {
  const pixels = new Int32Array(width * height);
  const cell = Math.max(8, Math.round(Math.min(width, height) / 12));
  for (let y = 0; y < height; y++) {
    const slate = mixed(0xff2d261f, 0xff221d18, y / height);
    const line = mixed(slate, 0xffe6d2be, 0.05);
    pixels.fill(y > 0 && y % cell === 0 ? line : slate, y * width, (y + 1) * width);
    for (let x = cell; x < width; x += cell) pixels[y * width + x] = line;
  }
  return { width, height, pixels };
}

/** What is surely inside is filled row by row; only the pixels at the rim are weighed one by one. */
function drawShape(pixels: Int32Array, width: number, height: number, shape: SceneShape): void {
  const { y, radius, color } = shape;
  const outline = shape.kind === 'circle' ? circle(shape) : polygon(shape, shape.kind === 'square' ? 4 : 3);
  const rim = Math.max(1, radius * 0.05);
  const rimColor = mixed(color, white, 0.35);
  const last = Math.min(height - 1, Math.ceil(y + radius));
  for (let row = Math.max(0, Math.floor(y - radius - 1)); row <= last; row++) {
    const middle = row + 0.5;
    const [outerFrom, outerTo] = outline.span(middle, 0.5);
    const [innerFrom, innerTo] = outline.span(middle, -rim - 0.5);
    const from = within(Math.floor(outerFrom), 0, width);
    const to = within(Math.ceil(outerTo), from, width);
    const hollow = innerFrom >= innerTo;
    const solidFrom = hollow ? to : within(Math.ceil(innerFrom), from, to);
    const solidTo = hollow ? to : within(Math.floor(innerTo), solidFrom, to);
    const start = row * width;
    pixels.fill(color, start + solidFrom, start + solidTo);
    for (let column = from; column < to; column++) {
      if (column === solidFrom) column = solidTo;
      if (column >= to) break;
      const inside = -outline.distance(column + 0.5, middle);
      const over = mixed(rimColor, color, within(inside - rim + 0.5, 0, 1));
      pixels[start + column] = mixed(pixels[start + column] ?? 0, over, within(inside + 0.5, 0, 1));
    }
  }
}

function circle({ x: cx, y: cy, radius }: SceneShape): Outline {
  return {
    distance: (x, y) => Math.sqrt((x - cx) ** 2 + (y - cy) ** 2) - radius,
    span: (y, margin) => {
      const reach = radius + margin;
      const half = reach > 0 ? Math.sqrt(Math.max(0, reach * reach - (y - cy) ** 2)) : 0;
      return [cx - half, cx + half];
    },
  };
}

/** The inside of `corners` half planes, whose normals point between the corners. */
function polygon({ x: cx, y: cy, radius, angle }: SceneShape, corners: number): Outline {
  const apothem = radius * Math.cos(Math.PI / corners);
  const normals = Array.from({ length: corners }, (_, i) => {
    const at = angle + ((i + 0.5) * 2 * Math.PI) / corners;
    return [Math.cos(at), Math.sin(at)] as const;
  });
  return {
    distance: (x, y) => {
      let far = -Infinity;
      for (const [nx, ny] of normals) far = Math.max(far, (x - cx) * nx + (y - cy) * ny);
      return far - apothem;
    },
    span: (y, margin) => {
      let from = -radius - 1;
      let to = radius + 1;
      for (const [nx, ny] of normals) {
        const bound = (apothem + margin - (y - cy) * ny) / nx;
        if (nx > 0) to = Math.min(to, bound);
        else from = Math.max(from, bound);
      }
      return [cx + from, cx + to];
    },
  };
}

const within = (value: number, low: number, high: number) => Math.max(low, Math.min(high, value));

/** From colour `a` to colour `b`, both opaque, as bytes R, G, B, A in a little-endian word. */
function mixed(a: number, b: number, share: number): number {
  return channel(a, b, share, 0) | channel(a, b, share, 8) | channel(a, b, share, 16) | 0xff000000;
}

function channel(a: number, b: number, share: number, shift: number): number {
  const from = (a >>> shift) & 255;
  const to = (b >>> shift) & 255;
  return ((from + (to - from) * share + 0.5) | 0) << shift;
}
