/** Bad frames, sources and addresses: each time a sentence on the page, the counts add up, and the next good model runs. */
import { demoFrame } from '../server/demoScene.ts';
import { plainPng } from './badFrames.ts';
import type { BadInput } from './badInput.ts';
import { badFrames, badSources } from './badSources.ts';
import { hasFixtures, mediaBytes, noFixtures } from './fixtures.ts';
import { nextGoodModel } from './nextGoodModel.ts';
import { startRawSender } from './rawSender.ts';
import { startSender } from './sender.ts';
import { expect, type Station, test } from './station.ts';

test('headers of 65535 x 65535, over a WebSocket: each fails before its pixels are made, and is counted', async ({
  station,
}) => {
  test.setTimeout(150_000);
  const sender = await startSender();
  await station.run('flow.policy=dropOldest&flow.capacity=1000');
  await station.configure({ source: { kind: 'websocket', url: sender.url } });
  await sender.connected();
  const copies = 3;
  let failed = 0;
  for (const { name, bytes, says } of badFrames) {
    await test.step(name, async () => {
      for (let i = 0; i < copies; i++) sender.send(Buffer.from(bytes()));
      failed += copies;
      await station.until(`${failed} failed`, ({ sources }) => sources['websocket']?.failed === failed);
      await expect(station.page.getByTestId('advice')).toContainText(says);
    });
  }
  // 16 million pixels in 2 kB are within the limits, and so are 50 MB of nothing.
  sender.send(Buffer.from(plainPng(4000, 4000, 'black')));
  sender.send(Buffer.alloc(50 << 20));
  sender.send(demoFrame(0));
  const end = await station.until(
    'the last one',
    ({ sources }) => sources['websocket']?.completed === 2 && sources['websocket'].failed === failed + 1,
    60_000,
  );
  expect(end.sources['websocket']).toMatchObject({ offered: failed + 3, refused: 0, missed: 0 });
  await sender.vanish();
  station.complaints.splice(0);
  await station.configure({ source: { kind: 'scene' } });
  await nextGoodModel(station);
});

test('the same from files: as many fail as are bad', async ({ station }) => {
  await station.run();
  const bad = badFrames.map(({ bytes }) => Buffer.from(bytes()).toString('base64'));
  const goodFrames = [demoFrame(0), demoFrame(1)].map((each) => each.toString('base64'));
  await images(station, [goodFrames[0] ?? '', ...bad, goodFrames[1] ?? '']);
  const end = await station.until('the end', (now) => now.state === 'idle' && now.sources['images'] !== undefined);
  const count = bad.length;
  expect(end.sources['images']).toMatchObject({ offered: count + 2, completed: 2, failed: count, missed: 0 });
  await station.configure({ source: { kind: 'scene' } });
  await station.page.evaluate(() => window.weir.start());
  await nextGoodModel(station);
});

/** Each file once. */
async function images(station: Station, pictures: readonly string[], copies = 1): Promise<void> {
  await station.page.evaluate(
    async ({ base64, times }) => {
      const parts = base64.map((each) => Uint8Array.from(atob(each), (letter) => letter.charCodeAt(0)));
      const files = Array.from({ length: times }, (_, i) => parts.map((part, j) => new File([part], `${i}-${j}.png`)));
      const source = { kind: 'images', files: files.flat(), ratePerS: 2000, loop: false } as const;
      await window.weir.configure({ source });
      await window.weir.start();
    },
    { base64: pictures, times: copies },
  );
}

test('a folder of ten thousand pictures: each is served exactly once', async ({ station }) => {
  test.setTimeout(120_000);
  await station.run('engine.provider=simulated&engine.serviceMs=0');
  await images(station, [Buffer.from(plainPng(8, 8, 'white')).toString('base64')], 10_000);
  await station.until('the first ones', (now) => (now.sources['images']?.completed ?? 0) > 0, 5000);
  const end = await station.until(
    'the last one',
    (now) => now.state === 'idle' && now.sources['images']?.offered === 10_000,
    60_000,
  );
  expect(end.sources['images']).toMatchObject({ offered: 10_000, completed: 10_000, failed: 0, refused: 0, missed: 0 });
  await expect(station.page.getByTestId('source-state')).toContainText('ended');
});

test(`${badSources.hugeMessage.name} is refused by the browser: the page says so, tries ever later, and goes on`, async ({
  station,
}) => {
  test.setTimeout(150_000);
  const sender = await startRawSender();
  try {
    await station.run();
    sender.answer(2n ** 31n, Buffer.alloc(1 << 16));
    await station.configure({ source: { kind: 'websocket', url: sender.url } });
    await saysOfSource(station, badSources.hugeMessage);
    await expect.poll(() => sender.connections(), { timeout: 30_000 }).toBeGreaterThan(2);
    expect((await station.snapshot()).sources['websocket']?.offered ?? 0).toBe(0);
    const frame = demoFrame(0);
    sender.answer(BigInt(frame.byteLength), frame);
    // The wait before the next try may be 15 s by now.
    const now = await station.until('a frame', ({ sources }) => sources['websocket']?.completed === 1, 60_000);
    expect(now.sources['websocket']).toMatchObject({ offered: 1, completed: 1, failed: 0 });
    await station.configure({ source: { kind: 'scene' } });
    await nextGoodModel(station);
  } finally {
    await sender.close();
  }
  // The browser itself logs each message that it refuses.
  expect(station.complaints.splice(0).every((each) => /WebSocket/.test(each))).toBe(true);
});

async function saysOfSource(station: Station, { says }: BadInput): Promise<void> {
  await expect(station.page.getByTestId('source-state').locator('p')).toHaveText(says);
}

test(`${badSources.refused.name}: it is tried again, and another source works`, async ({ station }) => {
  await station.run();
  await station.configure({ source: { kind: 'websocket', url: 'ws://127.0.0.1:9' } });
  await saysOfSource(station, badSources.refused);
  await station.configure({ source: { kind: 'scene' } });
  await nextGoodModel(station);
  station.complaints.splice(0);
});

test(`${badSources.gone.name}: the counts end even, and Try again opens it again`, async ({ station }) => {
  const { page } = station;
  // A picture of the page's own as the camera, so that it can be pulled out at will.
  await page.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () => {
      const canvas = document.createElement('canvas');
      const context = canvas.getContext('2d');
      setInterval(() => context?.fillRect(Math.random() * canvas.width, 0, 9, 9), 30);
      const stream = canvas.captureStream(30);
      const [track] = stream.getVideoTracks();
      addEventListener('pull-out', () => {
        track?.stop();
        track?.dispatchEvent(new Event('ended'));
      });
      return Promise.resolve(stream);
    };
  });
  await station.run();
  await station.configure({ source: { kind: 'camera' } });
  const pictures = (count: number) =>
    station.until(`${count} pictures`, (now) => (now.sources['camera']?.completed ?? 0) >= count);
  await pictures(5);
  await page.evaluate(() => dispatchEvent(new Event('pull-out')));
  const gone = await station.until('it is gone', (now) => now.state === 'failed' && now.counts.inFlight === 0);
  expect(gone.error?.code).toBe(badSources.gone.code);
  expect(gone.counts).toMatchObject({ queued: 0, inFlight: 0, failed: 0 });
  expect(gone.sources['camera']?.completed).toBeGreaterThanOrEqual(5);
  await saysOfSource(station, badSources.gone);
  await page.getByTestId('source-state').getByRole('button', { name: 'Try again' }).click();
  await pictures(3);
  await nextGoodModel(station);
});

test(`${badSources.denied.name} is an error with a sentence, and the scene comes back`, async ({ station }) => {
  await station.page.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('denied', 'NotAllowedError'));
  });
  await station.run();
  await station.configure({ source: { kind: 'camera' } });
  const failed = await station.until('the camera failed', (now) => now.state === 'failed');
  expect(failed.error?.code).toBe(badSources.denied.code);
  await saysOfSource(station, badSources.denied);
  await station.configure({ source: { kind: 'scene' } });
  await station.page.evaluate(() => window.weir.start());
  await nextGoodModel(station);
});

test(`${badSources.noVideo.name}, and ${badSources.undecodable.name}, say so, and the scene comes back`, async ({
  station,
}) => {
  await station.run();
  const isSaid = async (row: BadInput) => {
    const failed = await station.until(row.name, (now) => now.state === 'failed');
    expect(failed.error?.code).toBe(row.code);
    await saysOfSource(station, row);
    await station.configure({ source: { kind: 'scene' } });
    await station.page.evaluate(() => window.weir.start());
    await nextGoodModel(station);
  };
  await station.drop([{ name: 'none.mp4', bytes: Buffer.from('this is no video') }]);
  await isSaid(badSources.noVideo);
  test.skip(!hasFixtures, `${badSources.undecodable.name} is not tested: ${noFixtures}`);
  await station.drop([{ name: 'old.mp4', bytes: mediaBytes('video/rf_test_video.mp4') }]);
  await isSaid(badSources.undecodable);
});

test(`${badSources.deadLink.name}: the page says so and runs what it had`, async ({ station }) => {
  const { page } = station;
  await station.run();
  await page.keyboard.press('u');
  await page.getByLabel('Address of the model').fill('/models/none.onnx');
  await page.getByRole('button', { name: 'Open', exact: true }).last().click();
  const toast = page.getByTestId('toast');
  await expect(toast).toHaveAttribute('data-code', badSources.deadLink.code);
  await expect(toast.locator('p')).toHaveText(badSources.deadLink.says);
  await station.goesOn();
  await nextGoodModel(station);
  // The browser itself logs the 404.
  station.complaints.splice(0);
});
