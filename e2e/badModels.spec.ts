/** Bad models: each time a code and a sentence on the page, the one before goes on, and the next good model runs. */
import { demoFrame } from '../server/demoScene.ts';
import { plainPng } from './badFrames.ts';
import { type BadModel, badModels, badRealModels, badWhenBright, oddModels } from './badModels.ts';
import { hasFixtures, noFixtures } from './fixtures.ts';
import { nextGoodModel } from './nextGoodModel.ts';
import { startSender } from './sender.ts';
import { expect, type Station, test } from './station.ts';

test('what is no model, or cannot run, is refused with its sentence, and each time the next good model runs', async ({
  station,
}) => {
  test.setTimeout(180_000);
  const foreign: string[] = [];
  station.page.on('request', (request) => {
    if (!request.url().startsWith(station.origin)) foreign.push(request.url());
  });
  await station.run('engine.firstRunLimitMs=2000');
  for (const row of badModels) await test.step(row.name, () => survives(station, row));
  expect((await station.snapshot()).counts.failed).toBe(0);
  expect(foreign, 'no model makes the page ask elsewhere').toEqual([]);
});

test('real files that cannot run are refused likewise', async ({ station }) => {
  test.skip(!hasFixtures, noFixtures);
  await station.run();
  for (const row of badRealModels) await test.step(row.name, () => survives(station, row));
});

/** As a person does it and sees it. */
async function survives(station: Station, { name, files, code, says }: BadModel): Promise<void> {
  const toast = station.page.getByTestId('toast');
  await station.drop(files());
  await expect.soft(toast, name).toHaveAttribute('data-code', code, { timeout: 20_000 });
  await expect.soft(toast.locator('h3'), name).toHaveText('bad.onnx was not opened');
  await expect.soft(toast.locator('p'), name).toHaveText(says);
  // The model that served still does.
  await station.goesOn();
  await nextGoodModel(station);
  await expect.soft(toast, `${name}: the sentence leaves with the next model`).toHaveCount(0);
}

test('outputs without elements, by the thousand, of text and of sequences: the rest is shown, and the page says what is not', async ({
  station,
}) => {
  await station.run();
  const { page } = station;
  for (const { name, bytes, shows, note } of oddModels) {
    await test.step(name, async () => {
      const before = await station.snapshot();
      await station.drop([{ name: 'odd.onnx', bytes: bytes() }]);
      await expect(page.getByTestId('result-text')).toHaveText(shows);
      await station.goesOn();
      if (note === undefined) await expect(page.getByTestId('model-note')).toHaveCount(0);
      else await expect(page.getByTestId('model-note')).toHaveText(note);
      await page.getByRole('button', { name: 'Task and preparation' }).click();
      const { items, wide } = await page.evaluate(() => ({
        items: document.querySelectorAll('[aria-label="output"]').length,
        wide: document.documentElement.scrollWidth > innerWidth,
      }));
      expect.soft(items, 'outputs in the list').toBeLessThanOrEqual(12);
      expect.soft(wide, 'the page is as wide as its window').toBe(false);
      expect((await station.snapshot()).counts.failed).toBe(before.counts.failed);
      await nextGoodModel(station);
    });
  }
});

for (const { name, bytes, says } of badWhenBright) {
  test(`${name}: one frame fails, a fresh worker serves the next`, async ({ station }) => {
    const sender = await startSender();
    await station.run('flow.policy=dropOldest&flow.capacity=1000');
    await station.drop([{ name: 'sometimes.onnx', bytes: bytes() }]);
    await station.until('it serves', (now) => now.model?.name === 'sometimes');
    await station.configure({ source: { kind: 'websocket', url: sender.url } });
    await sender.connected();
    const served = (completed: number, failed: number) =>
      station.until(`${completed} completed, ${failed} failed`, ({ sources }) => {
        const counts = sources['websocket'];
        return counts?.completed === completed && counts.failed === failed;
      });
    for (let i = 0; i < 3; i++) sender.send(demoFrame(i));
    await served(3, 0);
    sender.send(Buffer.from(plainPng(64, 64, 'white')));
    await served(3, 1);
    for (let i = 3; i < 6; i++) sender.send(demoFrame(i));
    const end = await served(6, 1);
    expect(end.sources['websocket']).toMatchObject({ offered: 7, refused: 0, missed: 0 });
    await expect(station.page.getByTestId('advice')).toContainText(says);
    await station.configure({ source: { kind: 'scene' } });
    await nextGoodModel(station);
    await sender.vanish();
    station.complaints.splice(0);
  });
}
