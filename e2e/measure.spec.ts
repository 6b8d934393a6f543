/** The ways to run a model, measured when asked: a table, the best of them serves, nothing that streams is lost. */
import { buildConvGraph } from '../src/models/buildGraph.ts';
import { expect, test } from './station.ts';

const model = buildConvGraph({ input: [1, 3, 96, 128], layers: 1, channels: 8 });

test('by hand: the run pauses, a table appears, the best way for the aim serves, and the run goes on', async ({
  station,
}) => {
  test.setTimeout(120_000);
  await station.run('source.ratePerS=30&source.width=320&source.height=240');
  expect(await station.openModel(model)).toBeUndefined();
  const before = await station.goesOn();
  await station.page.getByRole('button', { name: 'Measure the ways to run it' }).click();
  await expect(station.page.getByRole('button', { name: /Stop measuring/ })).toBeVisible();
  await station.until('paused', (now) => now.state === 'paused');
  await expect(station.page.getByRole('button', { name: 'Measure the ways to run it' })).toBeVisible({
    timeout: 60_000,
  });
  const serves = station.page.locator('tr[aria-current=true]');
  await expect(serves).toHaveCount(1);
  const now = await station.goesOn();
  expect(now.state).toBe('running');
  expect(now.counts.failed).toBe(before.counts.failed);
  // Bold where it is best: live frames want the lowest latency, and what serves has it.
  await expect(serves.locator('td').nth(1)).toHaveAttribute('data-best', 'true');
  await station.configure({ engine: { aim: 'throughput' } });
  await expect(serves.locator('td').nth(0)).toHaveAttribute('data-best', 'true');
});

test('Start ends the measuring; without a model there is nothing to measure', async ({ station }) => {
  await station.run('source.ratePerS=30&source.width=320&source.height=240');
  const ended = await station.page.evaluate(async () => {
    const measured = window.weir.measure().then(
      () => 'measured',
      (error: { code: string }) => error.code,
    );
    await new Promise((done) => setTimeout(done, 500));
    await window.weir.start();
    return measured;
  });
  expect(ended).toBe('cancelled');
  await station.goesOn();
  await station.open('engine.provider=simulated');
  const refused = await station.page.evaluate(() =>
    window.weir.measure().then(
      () => 'measured',
      (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
    ),
  );
  expect(refused).toBe('bad-settings: No model is open: open one first, then measure.');
});
