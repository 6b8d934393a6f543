/**
 * A smoke test in Firefox by WebDriver BiDi: the page opens, the demo, an image file, the demo feed, pause and stop.
 * It shows that Weir runs there; what each feature does in detail is tested in Chromium.
 */
import { writeFileSync } from 'node:fs';
import { expect, test as base } from '@playwright/test';
import { findFirefox, noFirefox } from '../scripts/firefox.ts';
import { demoFrame } from '../server/demoScene.ts';
import { type Host, startHost } from '../server/host.ts';
import type {} from '../src/api/weir.ts';
import type { Snapshot } from '../src/core/snapshot.ts';
import { BidiPage } from './bidi/bidiPage.ts';
import { type Firefox, launchFirefox } from './bidi/launchFirefox.ts';
import { expectConserved } from './conserved.ts';
import { fixture, noFixtures } from './fixtures.ts';
import { pause } from './station.ts';

const found = findFirefox();

const test = base.extend<{ tab: BidiPage }, { host: Host; firefox: Firefox }>({
  host: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, give) => {
      const host = await startHost();
      await give(host);
      await host.close();
    },
    { scope: 'worker' },
  ],
  firefox: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, give) => {
      if (found === undefined) throw new Error(noFirefox);
      const firefox = await launchFirefox(found.path);
      console.log(`Firefox as its session names it: ${firefox.version}`);
      await give(firefox);
      await firefox.close();
    },
    { scope: 'worker' },
  ],
  tab: async ({ firefox }, give) => {
    const tab = await BidiPage.create(firefox.bidi, { width: 1440, height: 900 });
    await give(tab);
    expect(tab.complaints, 'the page complained').toEqual([]);
    await tab.close();
  },
});

// The list reporter keeps reasons to itself.
if (found === undefined) console.log(`Skipped: ${noFirefox}`);
test.skip(found === undefined, noFirefox);

async function look(tab: BidiPage): Promise<Snapshot> {
  const snapshot = await tab.evaluate(() => window.weir.snapshot());
  expectConserved(snapshot);
  return snapshot;
}

/** Polls until `done`; every snapshot on the way must add up. */
async function until(tab: BidiPage, what: string, done: (now: Snapshot) => boolean): Promise<Snapshot> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const now = await look(tab);
    if (done(now)) return now;
    if (Date.now() > deadline) throw new Error(`Never came: ${what}. Last: ${JSON.stringify(now)}`);
    await pause(100);
  }
}

async function run(tab: BidiPage, host: Host): Promise<Snapshot> {
  await tab.goto(`${host.url}/`);
  return until(tab, 'first results', (now) => now.state === 'running' && now.counts.completed > 0);
}

test('the page opens and the demo runs through the built-in model on WASM', async ({ tab, host }) => {
  const first = await run(tab, host);
  expect(first.model?.name).toBe('shapes');
  expect(first.engine.provider).toBe('wasm');
  expect(await tab.evaluate(() => crossOriginIsolated)).toBe(true);
  const later = await until(tab, 'more results', (now) => now.counts.completed >= first.counts.completed + 60);
  expect(later.counts.failed).toBe(0);
  expect(later.latencyMs.response.p50).toBeGreaterThan(0);
  // The picture on screen moves, so the canvas that lives in the worker is drawn and shown.
  const shown = async () => (await tab.screenshot('[data-testid="preview"]')).toString('base64');
  const before = await shown();
  await expect.poll(shown).not.toBe(before);
});

for (const { name, size } of [
  { name: 'a desk', size: { width: 1440, height: 900 } },
  { name: 'a phone', size: { width: 390, height: 844 } },
]) {
  test(`the layout of ${name} has nothing beside the window`, async ({ tab, host }, info) => {
    await tab.resize(size);
    await run(tab, host);
    await until(tab, 'a second of results', (now) => now.counts.completed >= 30);
    const picture = info.outputPath('page.png');
    writeFileSync(picture, await tab.screenshot());
    await info.attach(`Firefox on ${name}`, { path: picture, contentType: 'image/png' });
    expect(await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    // What is there for screen readers only takes no room on screen.
    const seen = await tab.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('.hidden')]
        .filter((element) => element.offsetWidth > 1 || element.offsetHeight > 1)
        .map((element) => element.textContent.slice(0, 40)),
    );
    expect(seen).toEqual([]);
  });
}

test('pause and stop hold the counts, start goes on, by mouse', async ({ tab, host }) => {
  await run(tab, host);
  await tab.click('[data-testid="toggle"]');
  const paused = await until(tab, 'paused', (now) => now.state === 'paused' && now.counts.inFlight === 0);
  await pause(500);
  expect((await look(tab)).counts.offered).toBe(paused.counts.offered);
  await tab.click('[data-testid="toggle"]');
  await until(tab, 'more frames', (now) => now.counts.completed > paused.counts.completed);
  await tab.evaluate(() => window.weir.stop());
  const stopped = await until(tab, 'idle', (now) => now.state === 'idle');
  expect(stopped.counts).toMatchObject({ queued: 0, inFlight: 0 });
});

test('picture files chosen in the dialog run through the model, a broken one fails', async ({ tab, host }, info) => {
  await run(tab, host);
  await tab.evaluate(() => window.weir.stop());
  const paths = [0, 1, 2].map((i) => {
    const path = info.outputPath(`${i}.png`);
    // Cut-off files are no test: Firefox shows what it has of them.
    writeFileSync(path, i === 1 ? 'no picture' : demoFrame(i));
    return path;
  });
  await tab.evaluate(() => window.weir.configure({ source: { kind: 'images', loop: false, ratePerS: 20 } }));
  await tab.chooseFiles(paths, () => tab.clickButton('Choose files'));
  const end = await until(tab, 'the last file', (now) => now.state === 'idle' && now.sources['images']?.offered === 3);
  expect(end.sources['images']).toMatchObject({ completed: 2, failed: 1, refused: 0, missed: 0 });
});

test('a photo of a real camera runs through the model', async ({ tab, host }) => {
  const photo = fixture('media/images/winml_1080.jpg');
  test.skip(photo === undefined, noFixtures);
  await run(tab, host);
  await tab.evaluate(() => window.weir.configure({ source: { kind: 'images', loop: true, ratePerS: 20 } }));
  await tab.chooseFiles([photo ?? ''], () => tab.clickButton('Choose files'));
  const now = await until(tab, 'the photo', (each) => (each.sources['images']?.completed ?? 0) >= 3);
  expect(now.sources['images']?.failed).toBe(0);
});

test('the demo feed comes over a WebSocket', async ({ tab, host }) => {
  await run(tab, host);
  await tab.evaluate(() => window.weir.configure({ source: { kind: 'websocket' } }));
  const now = await until(tab, 'a second of frames', (each) => (each.sources['websocket']?.completed ?? 0) >= 25);
  expect(now.sources['websocket']?.failed).toBe(0);
});
