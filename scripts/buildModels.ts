/** Writes the built-in models and their cards into `public/models/`. Run it after a change of `src/models/buildGraph.ts`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import type { ModelCard } from '../src/core/card.ts';
import { buildSobel } from '../src/models/buildGraph.ts';

const folder = new URL('../public/models/', import.meta.url);

const sobel: ModelCard = {
  name: 'Sobel edges',
  task: { kind: 'image', range: '0..1' },
  prepare: {
    input: 'input',
    width: 320,
    height: 240,
    fit: 'stretch',
    color: 'rgb',
    layout: 'nchw',
    type: 'float32',
    scale: 1 / 255,
    mean: [0, 0, 0],
    std: [1, 1, 1],
    pad: 0,
  },
  licence: 'MIT',
  reasons: {
    task: 'Built in: the output is a picture of the same size as the input.',
    prepare: 'Built in: RGB in 0..1, as the graph was written.',
  },
};

mkdirSync(folder, { recursive: true });
writeFileSync(new URL('sobel.onnx', folder), buildSobel(240, 320));
// Short lists on one line, as the formatter wants them.
const json = JSON.stringify(sobel, null, 2).replace(
  /\[\s+([\d\s.,]+?)\s+\]/g,
  (_, list: string) => `[${list.replace(/\s+/g, ' ')}]`,
);
writeFileSync(new URL('sobel.json', folder), `${json}\n`);
