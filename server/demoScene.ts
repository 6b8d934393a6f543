/**
 * The pictures of the demo feed: three shapes that circle over a gradient, the same loop every time.
 * Each frame is encoded once, on demand, and kept: a loop of 120 frames is about a megabyte.
 */
import { encodePng } from './png.ts';

export const sceneSize = { width: 320, height: 240 } as const;
export const loopLength = 120;

const loop = new Map<number, Buffer>();

/** Frame `index` of the endless loop, as a PNG. */
export function demoFrame(index: number): Buffer {
  const at = ((index % loopLength) + loopLength) % loopLength;
  const known = loop.get(at);
  if (known !== undefined) return known;
  const made = encodePng(paint(at / loopLength), sceneSize.width, sceneSize.height);
  loop.set(at, made);
  return made;
}

type Inside = (dx: number, dy: number) => boolean;
interface Shape {
  readonly inside: Inside;
  readonly color: readonly [number, number, number];
  readonly phase: number;
  readonly turns: number;
  readonly orbit: number;
}

const shapes: readonly Shape[] = [
  { inside: (x, y) => x * x + y * y < 32 * 32, color: [232, 106, 70], phase: 0, turns: 1, orbit: 0.62 },
  { inside: (x, y) => Math.abs(x) < 26 && Math.abs(y) < 26, color: [72, 180, 164], phase: 0.37, turns: -1, orbit: 0.5 },
  { inside: (x, y) => y < 26 && y > 2 * Math.abs(x) - 34, color: [240, 200, 84], phase: 0.7, turns: 2, orbit: 0.34 },
];

/** `t` in 0..1 is the place in the loop. */
function paint(t: number): Uint8Array {
  const { width, height } = sceneSize;
  const rgb = new Uint8Array(width * height * 3);
  const placed = shapes.map((shape) => {
    const angle = 2 * Math.PI * (shape.phase + shape.turns * t);
    return {
      ...shape,
      cx: width / 2 + Math.cos(angle) * shape.orbit * (width / 2),
      cy: height / 2 + Math.sin(angle) * shape.orbit * (height / 2),
    };
  });
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const hit = placed.findLast((shape) => shape.inside(x - shape.cx, y - shape.cy));
      const level = 24 + Math.round((40 * y) / height);
      rgb.set(hit?.color ?? [level, level + 8, level + 20], (y * width + x) * 3);
    }
  }
  return rgb;
}
