/**
 * Real models in the page against plain onnxruntime-web in Node on the same tensor: |d| <= 1e-3 x max|reference|.
 * The prepared input comes out of the page with the outputs, so preparation cannot hide a difference.
 */
import { buildConvGraph, buildSobel } from '../src/models/buildGraph.ts';
import { hasFixtures, modelBytes, noFixtures } from './fixtures.ts';
import { expect, test, type Station } from './station.ts';
import { expectClose, runPlain } from './tensors.ts';

const real = [
  { name: 'detection-ultraface-rfb320', task: 'detection' },
  { name: 'classification-mobilenetv2-int8-qdq', task: 'classification' },
  { name: 'detection-yolox-nano', task: 'detection' },
  { name: 'style-mobile-41k', task: 'image' },
  { name: 'imageop-sobel', task: 'image' },
];

test.describe('real models', () => {
  test.skip(!hasFixtures, noFixtures);
  for (const { name, task } of real) {
    test(`${name} agrees with plain onnxruntime-web`, async ({ station }) => {
      await station.run('source.width=640&source.height=360&source.ratePerS=10');
      const model = modelBytes(name);
      expect(await station.openModel(model)).toBeUndefined();
      await agrees(station, model);
      const now = await station.goesOn();
      expect(now.model?.task).toBe(task);
      expect(now.counts.failed).toBe(0);
    });
  }

  test('other types and layouts agree too: uint8 in, uint8 out, NHWC', async ({ station }) => {
    await station.run('source.width=320&source.height=240&source.ratePerS=10');
    for (const name of ['imageop-uint8-to-float', 'imageop-float-to-uint8', 'imageop-hwc-to-chw']) {
      await test.step(name, async () => {
        const model = modelBytes(name);
        expect(await station.openModel(model)).toBeUndefined();
        await agrees(station, model);
      });
    }
  });
});

test('generated graphs agree: Sobel and a stack of convolutions', async ({ station }) => {
  await station.run();
  for (const model of [buildSobel(120, 160), buildConvGraph({ input: [1, 3, 48, 64], layers: 2, channels: 8 })]) {
    expect(await station.openModel(model)).toBeUndefined();
    await agrees(station, model);
  }
  await station.goesOn();
});

test('switching models while the stream runs loses no count', async ({ station }) => {
  await station.run('source.ratePerS=60');
  const small = buildSobel(60, 80);
  const large = buildConvGraph({ input: [1, 3, 120, 160], layers: 2, channels: 8 });
  for (const model of [small, large, small, large]) {
    expect(await station.openModel(model)).toBeUndefined();
    await station.watch(300);
  }
  const now = await station.goesOn();
  expect(now.counts.failed).toBe(0);
  expect(now.counts.dropped.cancelled).toBeLessThan(20);
});

async function agrees(station: Station, model: Uint8Array): Promise<void> {
  const { inputs, outputs } = await station.inspect();
  expectClose(outputs, await runPlain(model, inputs));
}
