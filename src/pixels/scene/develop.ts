/**
 * The camera's part of the picture, in one pass over all pixels: light that wanders and flickers, and noise of the sensor.
 * Three multiplications and an addition per pixel: brightness has head room, so no channel runs over into the next.
 */
import type { ScenePayload } from '../../core/payload.ts';
import { ramp } from './sceneObjects.ts';
import { createRandom } from '../../core/createRandom.ts';
import { mixSeed } from '../../core/mixSeed.ts';

interface Grain {
  readonly amplitude: number;
  /** The same 0..2 * amplitude in three channels, opaque; a power of two long. */
  readonly words: Int32Array;
}

const grainLength = 1 << 16;
let grain: Grain | undefined;
let across = new Int32Array(0);

/** In place. */
export function develop(pixels: Int32Array, recipe: ScenePayload): void {
  const { width, height, seed, t, difficulty, motion } = recipe;
  const random = createRandom(mixSeed(seed, 4));
  const amplitude = Math.round(ramp(difficulty, 0, 5, 14));
  if (grain?.amplitude !== amplitude) grain = createGrain(amplitude);
  const { words } = grain;
  // Light: how bright at all, and a bright place that wanders.
  const pace = (0.2 + 0.5 * random()) * motion;
  const phase = random() * 2 * Math.PI;
  const flicker = ramp(difficulty, 0, 0.14, 0.4);
  const fall = ramp(difficulty, 0.08, 0.25, 0.5);
  const now = t * pace + phase;
  const level = 1 - flicker * (0.5 + 0.5 * Math.sin(now * 1.7));
  const lightX = 0.5 + 0.4 * Math.sin(now);
  const lightY = 0.4 + 0.3 * Math.cos(now * 0.8);
  const headRoom = (255 - 2 * amplitude) / 255;
  if (across.length !== width) across = new Int32Array(width);
  for (let x = 0; x < width; x++) across[x] = (256 * (1 - fall * (x / width - lightX) ** 2)) | 0;
  // Each row begins elsewhere in the grain, and each frame too.
  const places = createRandom(mixSeed(seed, Math.round(t * 1e6)));
  for (let y = 0; y < height; y++) {
    const row = (256 * headRoom * level * (1 - fall * (y / height - lightY) ** 2)) | 0;
    let place = (places() * grainLength) | 0;
    const end = (y + 1) * width;
    for (let i = y * width, x = 0; i < end; i++, x++) {
      const gain = (row * (across[x] ?? 0)) >> 8;
      const pixel = pixels[i] ?? 0;
      const outer = (Math.imul(pixel & 0xff00ff, gain) >>> 8) & 0xff00ff;
      const middle = Math.imul((pixel >>> 8) & 255, gain) & 0xff00;
      pixels[i] = (outer | middle) + (words[place++ & (grainLength - 1)] ?? 0);
    }
  }
}

/** Two uniform numbers added: close to a bell, and bounded. */
function createGrain(amplitude: number): Grain {
  const random = createRandom(99);
  const words = new Int32Array(grainLength);
  for (let i = 0; i < grainLength; i++) {
    const value = Math.round((random() + random()) * amplitude);
    words[i] = 0xff000000 | (value << 16) | (value << 8) | value;
  }
  return { amplitude, words };
}
