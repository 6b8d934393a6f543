/**
 * Renders scenes as the detector sees them in the browser, by the same code: the scene's painter and the preparation module.
 *
 *   tsx training/render.ts --out FOLDER --count N --first SEED [--difficulty 0.5]
 *
 * writes images.u8 ([N,3,192,320] RGB bytes) and truth.json (boxes in input pixels, classes, visibility).
 */
import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import type { Prepare } from '../src/core/card.ts';
import type { ScenePayload } from '../src/core/payload.ts';
import { createPreparer } from '../src/engine/preparer.ts';
import { drawScene } from '../src/pixels/scene/drawScene.ts';
import { sceneClasses } from '../src/pixels/scene/outline.ts';
import { createRandom } from '../src/core/createRandom.ts';
import { mixSeed } from '../src/core/mixSeed.ts';
import { sceneTruth } from '../src/pixels/scene/sceneTruth.ts';

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    count: { type: 'string' },
    first: { type: 'string', default: '0' },
    difficulty: { type: 'string' },
  },
});
if (values.out === undefined || values.count === undefined)
  throw new Error('Say where to and how many: tsx training/render.ts --out FOLDER --count N');

/** As the card says, but bytes: the network divides by 255 itself while it learns. */
const prepare: Prepare = {
  input: 'images',
  width: 320,
  height: 192,
  fit: 'letterbox',
  color: 'rgb',
  layout: 'nchw',
  type: 'uint8',
  scale: 1,
  mean: [0, 0, 0],
  std: [1, 1, 1],
  pad: 114,
};

/** Mostly the shape of a camera's picture; small ones are quicker to draw and look the same in the input. */
const sizes = [
  [640, 360],
  [640, 360],
  [640, 360],
  [640, 480],
  [960, 540],
  [1280, 720],
  [320, 240],
] as const;

const count = Number(values.count);
const first = Number(values.first);
const preparer = await createPreparer(readFileSync(new URL('../src/engine/prepare.wasm', import.meta.url)));
mkdirSync(values.out, { recursive: true });
const images = createWriteStream(join(values.out, 'images.u8'));
const truth: { objects: number[][] }[] = [];
let buffer: ArrayBuffer | undefined;
for (let i = 0; i < count; i++) {
  const recipe = recipeOf(first + i);
  const picture = drawScene(recipe, buffer);
  buffer = picture.buffer;
  const { data, fit } = preparer.prepare(picture, prepare);
  const bytes = Uint8Array.from(data as Uint8Array);
  if (!images.write(bytes)) await once(images, 'drain');
  truth.push({
    objects: sceneTruth(recipe).map(({ label, box: [x, y, width, height], visibility }) => [
      sceneClasses.findIndex((name) => name === label),
      x * fit.scaleX + fit.offsetX,
      y * fit.scaleY + fit.offsetY,
      width * fit.scaleX,
      height * fit.scaleY,
      visibility,
    ]),
  });
}
images.end();
await once(images, 'finish');
writeFileSync(join(values.out, 'truth.json'), JSON.stringify({ classes: sceneClasses, frames: truth }));

function recipeOf(seed: number): ScenePayload {
  const random = createRandom(mixSeed(seed, 77));
  const [width, height] = sizes[Math.floor(random() * sizes.length)] ?? sizes[0];
  // The middle of the range counts most.
  const difficulty = values.difficulty === undefined ? (random() + random()) / 2 : Number(values.difficulty);
  return { kind: 'scene', seed, t: random() * 60, width, height, difficulty, motion: 4 * random() ** 2 };
}
