/**
 * Real models on real pictures, against what others got from them: the raw outputs of a tensor prepared on a canvas, and
 * the results through Weir's own preparation, with the card that Weir guesses and nothing set by hand.
 */
import { readFileSync } from 'node:fs';
import type { ModelCard } from '../src/core/card.ts';
import { wholeFit } from '../src/core/engine.ts';
import type { ClassScore, ClassShare, Detection } from '../src/core/result.ts';
import type { TensorValue } from '../src/core/tensor.ts';
import { decode } from '../src/tasks/decode.ts';
import { fixture, hasFixtures, mediaBytes, modelBytes, noFixtures } from './fixtures.ts';
import { cardOf, expectBoxes, type GoldenBox, goldenOf, onCanvas, resultOf, sameOutputs } from './golden.ts';
import { expect, test } from './station.ts';

test('the guessed card alone gives what others got from these models', async ({ station }) => {
  test.skip(!hasFixtures, noFixtures);
  test.setTimeout(150_000);
  await station.run(
    'source.ratePerS=5&source.width=320&source.height=240&engine.provider=wasm&engine.threads=1&engine.sessions=1',
  );
  const table: string[] = [];
  const open = async (name: string): Promise<ModelCard> => {
    const card = await cardOf(station, modelBytes(name));
    table.push(`${name.padEnd(36)} ${card.task.kind}: ${card.reasons['task'] ?? ''}`);
    return card;
  };

  const classifier = 'classification-mobilenetv2-int8-qdq';
  await open(classifier);
  for (const [picture, [first]] of goldenOf<{ idx: number; p: number }[]>(classifier)) {
    const [best] = (await resultOf(station, mediaBytes(`images/${picture}`), picture)) as ClassScore[];
    expect.soft(best?.index, `${picture}: ${best?.label} ${best?.score}`).toBe(first?.idx);
  }

  for (const name of ['detection-yolox-nano', 'detection-fastestdet', 'detection-ultraface-rfb320']) {
    const card = await open(name);
    const golden = goldenOf<GoldenBox[]>(name);
    for (const [picture, boxes] of golden) {
      const found = (await resultOf(station, mediaBytes(`images/${picture}`), picture)) as Detection[];
      expectBoxes(found, boxes, `${name}, ${picture}`);
    }
    const [first] = golden;
    if (first === undefined) throw new Error(`${name} has no golden results.`);
    const [picture, boxes] = first;
    const canvas = await sameOutputs(station, name, card, picture);
    // A letterbox is no stretch: there the canvas only serves the comparison of the raw outputs.
    if (canvas.kind === 'detection' && name !== 'detection-yolox-nano')
      expectBoxes(canvas.items, boxes, `${name}, on a canvas`);
  }

  const segmentation = 'segmentation-deeplabv3-mnv2';
  const segments = await open(segmentation);
  for (const [picture, shares] of goldenOf<Record<string, number>>(segmentation)) {
    const found = (await resultOf(station, mediaBytes(`images/${picture}`), picture)) as ClassShare[];
    for (const [label, share] of Object.entries(shares)) {
      const got = found.find((each) => each.label === label)?.share ?? 0;
      expect.soft(Math.abs(got - share), `${picture}: ${label} ${got}, not ${share}`).toBeLessThanOrEqual(0.02);
    }
  }
  await sameOutputs(station, segmentation, segments, 'rf_dogs.jpg');

  const text = 'text-magika-v3_3';
  const { target_labels_space: kinds } = JSON.parse(
    readFileSync(fixture(`models/${text}/config.min.json`) ?? '', 'utf8'),
  ) as { target_labels_space: string[] };
  await station.configure({ source: { kind: 'files' } });
  await open(text);
  for (const file of ['markdown__README.md', 'pdf__magika_test.pdf', 'png__magika_test.png']) {
    const [best] = (await resultOf(station, mediaBytes(`files/${file}`), file, 'files')) as ClassScore[];
    expect.soft(kinds[best?.index ?? -1], file).toBe(file.split('__')[0]);
  }

  const style = 'style-candy-720';
  await station.configure({ source: { kind: 'images' } });
  const card = await open(style);
  await resultOf(station, mediaBytes('images/winml_fish_720.png'), 'fish.png');
  const { outputs } = await station.inspect();
  const picture = decode(outputs as unknown as TensorValue[], wholeFit({ width: 720, height: 720 }), card);
  const truth = await onCanvas(station, mediaBytes('images/gt_Bgr8_Bgra8_fish_720.png'), 0, 0);
  if (picture.kind !== 'image') throw new Error('The style is no picture.');
  expect(psnr(new Uint8Array(picture.picture.buffer), truth.rgba)).toBeGreaterThanOrEqual(30);
  console.log(table.join('\n'));
});

/** dB over the three colours of RGBA pixels. */
function psnr(a: Uint8Array, b: Uint8Array): number {
  expect(a.length).toBe(b.length);
  let sum = 0;
  for (let i = 0; i < a.length; i++) if (i % 4 !== 3) sum += ((a[i] ?? 0) - (b[i] ?? 0)) ** 2;
  return 10 * Math.log10(255 ** 2 / (sum / ((a.length * 3) / 4)));
}
