/** A browser that gives less than usual (no room to store, no WebGPU, no isolation): the page runs all the same, and says why. */
import { startHost } from '../server/host.ts';
import { nextGoodModel } from './nextGoodModel.ts';
import { expect, Station, test } from './station.ts';

test('without room to store anything the page opens, runs and remembers nothing', async ({ station }) => {
  const { page } = station;
  const devtools = await page.context().newCDPSession(page);
  // With 0 Chromium lets the first write pass, so it is one byte; `navigator.storage.estimate()` tells nobody of it.
  await devtools.send('Storage.overrideQuotaForOrigin', { origin: station.origin, quotaSize: 1 });
  await station.run();
  const written = await page.evaluate(async () => {
    try {
      const folder = await navigator.storage.getDirectory();
      const file = await (await folder.getFileHandle('probe', { create: true })).createWritable();
      await file.write(new Uint8Array(1000));
      await file.close();
      return 'written';
    } catch (error) {
      return error instanceof DOMException ? error.name : String(error);
    }
  });
  expect(written).toBe('QuotaExceededError');
  await nextGoodModel(station);
  // A tab off the record keeps models in memory, which may have room all the same; library.spec.ts fills a disk.
  for (const toast of await page.getByTestId('toast').all())
    await expect(toast).toHaveAttribute('data-code', 'storage-full');
});

for (const how of ['is full', 'is forbidden'] as const) {
  test(`the storage of the tab ${how}: the page opens, runs and changes its theme`, async ({ station }) => {
    const { page } = station;
    await page.addInitScript((words) => {
      const refuse = (name: string) => {
        throw new DOMException('refused by the test', name);
      };
      if (words === 'is full') Storage.prototype.setItem = () => refuse('QuotaExceededError');
      else
        for (const name of ['sessionStorage', 'localStorage'])
          Object.defineProperty(window, name, { get: () => refuse('SecurityError') });
    }, how);
    await station.run();
    const theme = () => page.evaluate(() => document.documentElement.dataset['theme']);
    const before = await theme();
    await page.keyboard.press('t');
    await expect.poll(theme).not.toBe(before);
    await nextGoodModel(station);
    await expect(page.getByTestId('toast')).toHaveCount(0);
  });
}

test('without WebGPU the station runs on WASM and says why', async ({ station }) => {
  const now = await station.run('engine.provider=webgpu');
  test.skip(now.engine.provider === 'webgpu', 'this browser has a WebGPU adapter');
  expect(now.engine.requested).toBe('webgpu');
  expect(now.engine.provider).toBe('wasm');
  expect(now.engine.fallback).toMatch(/WebGPU/);
});

test('without isolation there is one thread, and the reason is said', async ({ page }) => {
  const host = await startHost({ headers: {} });
  const station = new Station(page, host.url);
  try {
    const now = await station.run('engine.threads=2');
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
    expect(now.engine.threads).toBe(1);
    expect(now.engine.fallback).toMatch(/isolat/i);
    await station.goesOn(10);
  } finally {
    await host.close();
  }
});
