/**
 * What stands behind the shapes: a plain gradient with a faint grid at difficulty 0, then paper-cut hills, then clutter of
 * thin strokes. It stands still, so it is painted once per scene and size.
 */
import type { ScenePayload } from '../../core/payload.ts';
import { mixed, white } from './color.ts';
import { paletteOf, ramp } from './sceneObjects.ts';
import { createRandom } from '../../core/createRandom.ts';
import { mixSeed } from '../../core/mixSeed.ts';

export function paintBackground(pixels: Int32Array, recipe: ScenePayload): void {
  const { width, height, seed, difficulty } = recipe;
  const palette = paletteOf(recipe);
  if (palette === undefined) return;
  const random = createRandom(mixSeed(seed, 3));
  const cell = Math.max(8, Math.round(Math.min(width, height) / 12));
  const gridShare = 0.05 * Math.max(0, 1 - 2 * difficulty);
  for (let y = 0; y < height; y++) {
    const ground = mixed(palette.top, palette.bottom, y / height);
    const line = mixed(ground, white, gridShare);
    pixels.fill(y > 0 && y % cell === 0 ? line : ground, y * width, (y + 1) * width);
    for (let x = cell; x < width; x += cell) pixels[y * width + x] = line;
  }
  paintHills(pixels, recipe, palette, random);
  paintStrokes(pixels, recipe, palette.shapes, random);
}

/** Layers of waves, each a little darker or lighter than the one behind it. */
function paintHills(
  pixels: Int32Array,
  { width, height, difficulty }: ScenePayload,
  palette: { readonly top: number; readonly bottom: number; readonly shapes: readonly number[] },
  random: () => number,
): void {
  const layers = Math.round(ramp(difficulty, 0, 4, 7));
  const contrast = ramp(difficulty, 0, 0.1, 0.26);
  for (let layer = 0; layer < layers; layer++) {
    const base = height * (0.3 + (0.7 * (layer + random() * 0.6)) / layers);
    const tint = palette.shapes[Math.floor(random() * palette.shapes.length)] ?? white;
    const color = mixed(mixed(palette.top, palette.bottom, random()), tint, contrast * (0.4 + 0.6 * random()));
    const waves = Array.from({ length: 3 }, (_, i) => ({
      size: (height * 0.07 * (0.4 + random())) / (i + 1),
      pace: ((2 * Math.PI) / width) * (0.6 + random() * 1.6) * (i + 1),
      phase: random() * 2 * Math.PI,
    }));
    for (let x = 0; x < width; x++) {
      let crest = base;
      for (const { size, pace, phase } of waves) crest += size * Math.sin(x * pace + phase);
      const first = Math.max(0, Math.floor(crest));
      for (let y = first; y < height; y++) {
        const at = y * width + x;
        // The crest itself is weighed, so that it has no steps.
        pixels[at] = y === first ? mixed(color, pixels[at] ?? 0, crest - first) : color;
      }
    }
  }
}

/** Thin and bent, so that no one of them is a shape; hard scenes are full of them. */
function paintStrokes(
  pixels: Int32Array,
  { width, height, difficulty }: ScenePayload,
  colors: readonly number[],
  random: () => number,
): void {
  const count = Math.round(Math.max(0, ramp(difficulty, -10, 10, 90)));
  const short = Math.min(width, height);
  for (let i = 0; i < count; i++) {
    const color = colors[Math.floor(random() * colors.length)] ?? white;
    const share = 0.15 + 0.4 * random() * difficulty;
    const half = short * (0.0015 + 0.004 * random());
    const length = short * (0.05 + 0.25 * random());
    const bend = (random() - 0.5) * 5;
    let angle = random() * 2 * Math.PI;
    let x = random() * width;
    let y = random() * height;
    const step = Math.max(0.5, half * 0.8);
    for (let gone = 0; gone < length; gone += step) {
      dab(pixels, width, height, x, y, half, color, share);
      angle += (bend * step) / length;
      x += Math.cos(angle) * step;
      y += Math.sin(angle) * step;
    }
  }
}

function dab(
  pixels: Int32Array,
  width: number,
  height: number,
  x: number,
  y: number,
  half: number,
  color: number,
  share: number,
): void {
  const reach = half + 0.5;
  for (let row = Math.max(0, Math.floor(y - reach)); row <= Math.min(height - 1, y + reach); row++)
    for (let column = Math.max(0, Math.floor(x - reach)); column <= Math.min(width - 1, x + reach); column++) {
      const distance = Math.hypot(column + 0.5 - x, row + 0.5 - y);
      const over = Math.min(1, Math.max(0, reach - distance)) * share;
      const at = row * width + column;
      if (over > 0) pixels[at] = mixed(pixels[at] ?? 0, color, over);
    }
}
