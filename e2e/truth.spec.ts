/** What the engine truly did: compared with the reference, profiled, counted; by hand and by `window.weir`. */
import { hasFixtures, modelBytes } from './fixtures.ts';
import { expect, test } from './station.ts';
import { buildConvGraph } from '../src/models/buildGraph.ts';

const model = hasFixtures
  ? modelBytes('detection-ultraface-rfb320')
  : buildConvGraph({ input: [1, 3, 96, 128], layers: 2, channels: 8 });

test('the operators are profiled, a frame is compared, and the run goes on', async ({ station }) => {
  test.setTimeout(90_000);
  await station.run('source.ratePerS=20&source.width=320&source.height=240');
  expect(await station.openModel(model)).toBeUndefined();
  await station.goesOn();
  const profile = await station.page.evaluate(() => window.weir.profile());
  expect(profile.provider).toBe('wasm');
  expect(profile.runs).toBeGreaterThanOrEqual(3);
  const inside = profile.nodes.reduce((sum, { ms }) => sum + ms, 0);
  expect(inside).toBeGreaterThan(0);
  // What lies between the operators is no operator's.
  expect(inside).toBeLessThanOrEqual(profile.runMs * 1.02);
  expect(profile.nodes.every(({ provider, name }) => provider === 'CPUExecutionProvider' && name !== '')).toBe(true);
  expect(profile.nodes.some(({ op }) => /Conv/.test(op))).toBe(true);
  await station.goesOn();
  const agreement = await station.page.evaluate(() => window.weir.compare());
  expect(agreement.provider).toBe('wasm');
  expect(agreement.worst).toBeLessThanOrEqual(1e-4);

  const { page } = station;
  await page.getByRole('button', { name: 'What truly ran' }).click();
  const fact = (name: string) => page.locator('dl > div', { hasText: name }).locator('dd');
  await expect(fact('Provider of each node')).toHaveText(`${profile.nodes.length} on CPU`);
  await expect(fact('All zero')).toHaveText('0 frames');
  await expect(fact('WASM heap')).toHaveText(/\d MB/);
  await expect(fact('Outputs checked')).not.toHaveText('0 frames');
  await page.getByRole('button', { name: 'Show the profile' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('row').nth(1)).toContainText(/Conv/);
  await dialog.getByRole('radio', { name: 'Nodes' }).check();
  await expect(dialog.getByRole('row')).toHaveCount(profile.nodes.length + 1);
  await page.keyboard.press('Escape');
  await station.goesOn();
});
