/**
 * Draws the synthetic scene: shapes of six classes that drift over hills of cut paper. The demo that runs with nothing else.
 * Drawn by arithmetic, not on a canvas: the same pixels in every browser and in Node, where the training data are made.
 */
import type { Picture, ScenePayload } from '../../core/payload.ts';
import { paintBackground } from './background.ts';
import { develop } from './develop.ts';
import { paintObject, paintShadow } from './paintObject.ts';
import { sceneObjects } from './sceneObjects.ts';

interface Background {
  readonly width: number;
  readonly height: number;
  readonly seed: number;
  readonly difficulty: number;
  readonly pixels: Int32Array;
}

let background: Background | undefined;

/** Deterministic for one recipe; in `recycle` when that is large enough. Sizes are bounded in settings (4096 x 4096). */
export function drawScene(recipe: ScenePayload, recycle?: ArrayBuffer): Picture {
  const { width, height } = recipe;
  const bytes = width * height * 4;
  const buffer = recycle !== undefined && recycle.byteLength >= bytes ? recycle : new ArrayBuffer(bytes);
  const pixels = new Int32Array(buffer, 0, width * height);
  pixels.set(backgroundOf(recipe));
  const canvas = { pixels, width, height };
  for (const object of sceneObjects(recipe)) {
    paintShadow(canvas, object);
    paintObject(canvas, object);
  }
  // The plainest scene is evenly lit and without noise: a load that costs next to nothing.
  if (recipe.difficulty > 0) develop(pixels, recipe);
  return { buffer, width, height };
}

function backgroundOf(recipe: ScenePayload): Int32Array {
  const { width, height, seed, difficulty } = recipe;
  const same =
    background?.width === width &&
    background.height === height &&
    background.seed === seed &&
    background.difficulty === difficulty;
  if (background === undefined || !same) {
    const reuse = background?.pixels.length === width * height ? background.pixels : new Int32Array(width * height);
    background = { width, height, seed, difficulty, pixels: reuse };
    paintBackground(reuse, recipe);
  }
  return background.pixels;
}
