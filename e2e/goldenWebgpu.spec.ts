/** The smallest detector of the fixtures on WebGPU in software: the same boxes as on WASM. */
import type { Detection } from '../src/core/result.ts';
import { hasFixtures, mediaBytes, modelBytes, noFixtures } from './fixtures.ts';
import { cardOf, expectBoxes, type GoldenBox, goldenOf, resultOf, sameOutputs } from './golden.ts';
import { expect, test } from './station.ts';

test('faces found on WebGPU are those that others found', async ({ station }) => {
  test.skip(!hasFixtures, noFixtures);
  test.setTimeout(180_000);
  await station.open('engine.provider=webgpu&source.ratePerS=5&source.width=160&source.height=120');
  const adapter = await station.page.evaluate(
    async () => (await (navigator as Navigator & { gpu?: GPU }).gpu?.requestAdapter()) ?? undefined,
  );
  test.skip(adapter === undefined, 'this browser has no software WebGPU adapter');
  const name = 'detection-ultraface-rfb320';
  const card = await cardOf(station, modelBytes(name));
  const [first] = goldenOf<GoldenBox[]>(name).filter(([picture]) => picture === 'ex_kimono.jpg');
  if (first === undefined) throw new Error('There are no golden boxes.');
  const [picture, boxes] = first;
  const found = (await resultOf(station, mediaBytes(`images/${picture}`), picture)) as Detection[];
  expectBoxes(found, boxes, `${name}, ${picture}`);
  await sameOutputs(station, name, card, picture);
  expect((await station.snapshot()).engine.provider).toBe('webgpu');
});
