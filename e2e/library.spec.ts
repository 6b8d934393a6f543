/**
 * Models kept in the browser, on a profile on disk: they survive, are managed by hand, and whatever breaks off, fills up, is
 * cleared or rots on the way, no half model is ever opened, and the page says what happened.
 */
import { writeFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { buildSobel } from '../src/models/buildGraph.ts';
import { type BrowserOnDisk, openBrowserOnDisk } from './browserOnDisk.ts';
import { expect, type Station, test } from './station.ts';

const quiet = 'source.ratePerS=10&source.width=160&source.height=120&engine.provider=wasm';
const sobel = buildSobel(60, 80);

/** The same model with a note of so many bytes (doc_string, field 6 of ModelProto): large to store, quick to compile. */
function padded(model: Uint8Array, bytes: number): Uint8Array {
  const length: number[] = [];
  for (let rest = bytes; ; rest >>>= 7) {
    length.push(rest > 127 ? (rest & 127) | 128 : rest);
    if (rest <= 127) break;
  }
  return Buffer.concat([model, Buffer.from([0x32, ...length]), Buffer.alloc(bytes, 'a')]);
}

let browser: BrowserOnDisk;
test.beforeAll(async () => {
  browser = await openBrowserOnDisk();
});
test.afterAll(() => browser.close());

const keeping = (page: Page) => page.getByTestId('keeping');
const isKept = (station: Station) =>
  expect(keeping(station.page)).toHaveText('Kept in this browser', { timeout: 20_000 });

/** Names of files in a folder of the library. */
function names(page: Page, folder: 'parts' | 'blobs' | 'entries'): Promise<string[]> {
  return page.evaluate(async (place) => {
    const found: string[] = [];
    try {
      const root = await (await navigator.storage.getDirectory()).getDirectoryHandle('weir-library');
      for await (const name of (await root.getDirectoryHandle(place)).keys()) found.push(name);
    } catch {
      // There is no library yet.
    }
    return found;
  }, folder);
}

const refusalOf = (station: Station, address: string) =>
  station.page.evaluate(
    (what) =>
      window.weir.openModel(what).then(
        () => undefined,
        ({ code, message }: { code: string; message: string }) => ({ code, message }),
      ),
    address,
  );

const hashOf = (station: Station) =>
  station.page.evaluate(() => new URLSearchParams(location.hash.slice(1)).get('model'));

test('a model survives the browser with its card, and is renamed, saved and deleted by hand', async ({ host }) => {
  const station = await browser.tab(host.url);
  await station.run(quiet);
  expect(
    await station.openFiles([
      { name: 'edges.onnx', bytes: sobel },
      { name: 'edges.json', bytes: Buffer.from('{"licence":"CC0","task":{"kind":"image","range":"0..1"}}') },
    ]),
  ).toBe(undefined);
  await isKept(station);
  await station.page.getByLabel('Range of the output').click();
  await station.page.getByRole('option', { name: '0 to 255' }).click();
  const address = await hashOf(station);
  expect(address).toMatch(/^sha256:[0-9a-f]{64}$/);
  // Others have no use for what only this browser keeps.
  await station.page.waitForTimeout(1500);
  await browser.restart();

  const again = await browser.tab(host.url);
  await again.run(`model=${address}&${quiet}`);
  const now = await again.until('the kept model', ({ model }) => model?.name === 'edges');
  expect(`sha256:${now.model?.sha256}`).toBe(address);
  await expect(again.page.getByLabel('Range of the output')).toHaveText(/0 to 255/);

  await again.page.keyboard.press('o');
  const sheet = again.page.getByRole('dialog');
  const row = sheet.getByTestId('kept');
  await expect(row).toContainText('edges');
  await expect(row).toContainText('CC0');
  await expect(sheet.getByTestId('room')).toHaveText(/ of .+ that this page may use/);
  await row.click();
  await sheet.getByRole('button', { name: 'Rename' }).click();
  await sheet.getByLabel('New name').fill('My edges');
  await sheet.getByLabel('New name').press('Enter');
  await expect(row).toContainText('My edges');
  const downloads: string[] = [];
  again.page.on('download', (download) => downloads.push(download.suggestedFilename()));
  await sheet.getByRole('button', { name: 'Save as files' }).click();
  await expect
    .poll(() => downloads.toSorted((a, b) => a.localeCompare(b)))
    .toEqual(['edges.onnx', 'My edges.card.json']);
  await row.getByRole('button', { name: 'Open My edges' }).click();
  await again.until('its new name', ({ model }) => model?.name === 'My edges');
  await again.page.keyboard.press('o');
  await row.click();
  await sheet.getByRole('button', { name: 'Delete', exact: true }).click();
  await sheet.getByRole('button', { name: /^Delete \d/ }).click();
  await expect(sheet.getByText('Nothing yet.')).toBeVisible();
  expect(await names(again.page, 'blobs')).toEqual([]);
  // What runs goes on; only its copy is gone.
  await again.page.keyboard.press('Escape');
  await again.goesOn();
  await expect(keeping(again.page)).toHaveText('');
  expect(await hashOf(again)).toBe(null);
  expect(await refusalOf(again, address ?? '')).toMatchObject({ code: 'not-kept' });
  expect(again.complaints).toEqual([]);
  await again.page.close();
});

test('a page that dies in mid-write leaves nothing that opens', async ({ host }) => {
  const large = padded(sobel, 200_000_000);
  const station = await browser.tab(host.url);
  await station.run(quiet);
  const watcher = await browser.tab(host.url);
  await watcher.page.goto(`${host.url}/_headers`);
  const path = test.info().outputPath('large.onnx');
  writeFileSync(path, large);
  const chooser = station.page.waitForEvent('filechooser');
  await station.page.keyboard.press('o');
  await station.page.getByRole('button', { name: 'Choose files' }).click();
  await (await chooser).setFiles(path);
  await expect.poll(() => names(watcher.page, 'parts'), { intervals: [5], timeout: 20_000 }).not.toEqual([]);
  const session = await browser.context().newCDPSession(station.page);
  const crashed = station.page.waitForEvent('crash');
  session.send('Page.crash').catch(() => undefined);
  await crashed;
  // It was killed before its model was entered.
  expect(await names(watcher.page, 'entries')).toEqual([]);
  await station.page.close();

  const next = await browser.tab(host.url);
  await next.run(quiet);
  await next.page.keyboard.press('o');
  await expect(next.page.getByText('Nothing yet.')).toBeVisible();
  await expect
    .poll(async () => [...(await names(watcher.page, 'parts')), ...(await names(watcher.page, 'blobs'))])
    .toEqual([]);
  await next.page.close();
  await watcher.page.close();
});

test('two tabs keep the same model at once, and either opens it', async ({ host }) => {
  const tabs = [await browser.tab(host.url), await browser.tab(host.url)] as const;
  // Frames of two tabs at once are not what is looked at.
  await Promise.all(tabs.map((tab) => tab.run('engine.provider=simulated&source.ratePerS=1')));
  const large = padded(sobel, 12_000_000);
  expect(await Promise.all(tabs.map((tab) => tab.openModel(large, 'twice.onnx')))).toEqual([undefined, undefined]);
  for (const tab of tabs) await isKept(tab);
  const address = (await hashOf(tabs[0])) ?? '';
  expect(await hashOf(tabs[1])).toBe(address);
  for (const tab of tabs) expect(await refusalOf(tab, address)).toBe(undefined);
  expect(await names(tabs[0].page, 'blobs')).toEqual([address.slice('sha256:'.length)]);
  // What the other tab writes at this moment is on its way to its place.
  await expect.poll(() => names(tabs[0].page, 'parts')).toEqual([]);
  for (const { complaints, page } of tabs) {
    expect(complaints).toEqual([]);
    await page.close();
  }
});

test('a full storage, a rotten file and a cleared storage are told in words, and the page goes on', async ({
  host,
}) => {
  const station = await browser.tab(host.url);
  const { page } = station;
  await station.run(quiet);
  const session = await browser.context().newCDPSession(page);
  const toast = page.getByTestId('toast');

  await session.send('Storage.overrideQuotaForOrigin', { origin: host.url, quotaSize: 14_000_000 });
  expect(await station.openModel(padded(sobel, 20_000_000), 'large.onnx')).toBe(undefined);
  await expect(toast).toContainText('large.onnx was not kept');
  await expect(toast).toContainText('The model runs, but it is not kept.');
  await expect(keeping(page)).toHaveText('Not kept');
  expect(await names(page, 'parts')).toEqual([]);
  expect(await hashOf(station)).toBe(null);
  await session.send('Storage.overrideQuotaForOrigin', { origin: host.url });
  await station.goesOn();

  expect(await station.openModel(sobel, 'rotten.onnx')).toBe(undefined);
  await isKept(station);
  const address = (await hashOf(station)) ?? '';
  // One byte of it: the size is as it was.
  await page.evaluate(async (name) => {
    const root = await (await navigator.storage.getDirectory()).getDirectoryHandle('weir-library');
    const file = await (await root.getDirectoryHandle('blobs')).getFileHandle(name);
    const writer = await file.createWritable({ keepExistingData: true });
    await writer.write({ type: 'write', position: 200, data: Uint8Array.of(0xff) });
    await writer.close();
  }, address.slice('sha256:'.length));
  expect(await refusalOf(station, address)).toEqual({
    code: 'changed-file',
    message: 'The stored copy of rotten is damaged: its bytes are not those that were kept. It was not opened.',
  });
  await station.goesOn();
  // The file itself mends it.
  expect(await station.openModel(sobel, 'rotten.onnx')).toBe(undefined);
  await isKept(station);
  expect(await refusalOf(station, address)).toBe(undefined);

  await session.send('Storage.clearDataForOrigin', { origin: host.url, storageTypes: 'file_systems' });
  expect(await refusalOf(station, address)).toMatchObject({ code: 'not-kept' });
  await station.goesOn();
  await page.reload();
  await page.waitForFunction(() => 'weir' in window);
  await expect(toast).toContainText('The library of this browser has no such model');
  await station.until('the demo instead', (now) => now.model?.name === 'shapes' && now.counts.completed > 0);
  expect(station.complaints).toEqual([]);
  await page.close();
});
