/** WebSocket sources as a user meets them: the demo feed, good frames among garbage, a server that vanishes. */
import { demoFrame } from '../server/demoScene.ts';
import { fixture, hasFixtures, mediaBytes } from './fixtures.ts';
import { buildConvGraph } from '../src/models/buildGraph.ts';
import { npy } from '../src/core/wire/npy.fixture.ts';
import { startSender } from './sender.ts';
import { expect, pause, test } from './station.ts';
import { expectClose, runPlain } from './tensors.ts';

const roomy = 'flow.policy=dropOldest&flow.capacity=1000';

test('the demo feed is there at once', async ({ station }) => {
  await station.run('source.kind=websocket');
  const now = await station.until('a second of frames', (each) => each.counts.completed >= 25);
  expect(now.counts.failed).toBe(0);
  expect(Object.keys(now.sources)).toEqual(['websocket']);
  const gained = await station.gained(2000);
  expect(gained.offered / gained.seconds).toBeGreaterThan(24);
  expect(gained.offered / gained.seconds).toBeLessThan(36);
});

test('garbage among good frames fails, exactly as often as it was sent', async ({ station }) => {
  const sender = await startSender();
  await station.open(roomy);
  await station.until('the model', (now) => now.counts.completed > 0);
  await station.configure({ source: { kind: 'websocket', url: sender.url } });
  await sender.connected();
  const good = [0, 1, 2, 3].map(demoFrame);
  const truncated = good[0]?.subarray(0, 200) ?? Buffer.alloc(0);
  const messages: (Uint8Array | string)[] = [
    ...good,
    Buffer.from('not an image'),
    truncated,
    JSON.stringify({ id: 1, image: demoFrame(5).toString('base64') }),
    JSON.stringify({ image: `data:image/png;base64,${demoFrame(6).toString('base64')}` }),
    '{"image": "%%%"}',
    'no JSON at all',
    Buffer.alloc(0),
    ...(hasFixtures ? [mediaBytes('images/rf_dogs.jpg'), mediaBytes('images/ort_mushroom.png')] : []),
    demoFrame(7),
  ];
  for (const message of messages) sender.send(message);
  const now = await station.until('all settled', ({ sources }) => {
    const { completed = 0, failed = 0 } = sources['websocket'] ?? {};
    return completed + failed === messages.length;
  });
  expect(now.sources['websocket']?.failed).toBe(5);
  expect(now.sources['websocket']?.completed).toBe(messages.length - 5);
  // A failed frame takes no picture with it: the preview follows the good ones.
  const { page } = station;
  const seen = async () =>
    (await page.locator('[data-panel="preview"] canvas').first().screenshot()).toString('base64');
  for (const bad of [1, 2, 3]) sender.send(`garbage ${bad}`);
  await station.until('failed', ({ sources }) => sources['websocket']?.failed === 8);
  sender.send(demoFrame(60));
  await page.waitForTimeout(1000);
  const one = await seen();
  sender.send(demoFrame(90));
  await expect.poll(seen).not.toBe(one);
  await sender.vanish();
});

test('a server that vanishes is tried again until it is back', async ({ station }) => {
  const sender = await startSender();
  await station.run(roomy);
  await station.configure({ source: { kind: 'websocket', url: sender.url } });
  await sender.connected();
  sender.send(demoFrame(0));
  await station.until('a frame', (now) => (now.sources['websocket']?.completed ?? 0) === 1);
  await sender.vanish();
  await expect(station.page.getByText(/reconnect|trying again|tried again|again in|retry/i).first()).toBeVisible();
  expect((await station.snapshot()).state).toBe('running');
  await sender.comeBack();
  await sender.connected();
  sender.send(demoFrame(1));
  await station.until('a frame after the break', (now) => (now.sources['websocket']?.completed ?? 0) === 2);
  // The browser itself logs each refused connection.
  station.complaints.splice(0);
  await sender.vanish();
  station.complaints.splice(0);
});

test('an address where nothing answers is said, and another source still works', async ({ station }) => {
  await station.run();
  await station.configure({ source: { kind: 'websocket', url: 'ws://127.0.0.1:9' } });
  await expect(station.page.getByText(/nothing answers|refused|reconnect|again in/i).first()).toBeVisible();
  await station.configure({ source: { kind: 'scene' } });
  await station.goesOn(10);
  station.complaints.splice(0);
});

test('a link never connects to a foreign address by itself', async ({ station }) => {
  const sender = await startSender();
  let connected = false;
  void sender.connected().then(() => {
    connected = true;
  });
  await station.open(`source.kind=websocket&source.url=${sender.url}`);
  await station.until('the model is open', (now) => now.model !== undefined);
  await station.watch(500);
  expect(connected).toBe(false);
  await station.page.evaluate(() => window.weir.start());
  await sender.connected();
  await sender.vanish();
  await station.page.evaluate(() => window.weir.stop());
  station.complaints.splice(0);
});

test('photos of real cameras decode (JPEG, PNG)', async ({ station }) => {
  test.skip(fixture('media') === undefined, 'WEIR_FIXTURES is not set: this test needs real photos');
  const sender = await startSender();
  await station.run(roomy);
  await station.configure({ source: { kind: 'websocket', url: sender.url } });
  await sender.connected();
  const photos = ['winml_1080.jpg', 'ex_kimono.jpg', 'ex_horse.png', 'rf_car.jpg', 'rf_crowd.jpg'];
  for (const photo of photos) sender.send(mediaBytes(`images/${photo}`));
  const now = await station.until(
    'all photos',
    (each) => (each.sources['websocket']?.completed ?? 0) === photos.length,
  );
  expect(now.sources['websocket']?.failed).toBe(0);
  await sender.vanish();
  station.complaints.splice(0);
});

test('.npy arrays feed the input as they are, or as a picture, and a wrong shape fails with both shapes', async ({
  station,
}) => {
  const sender = await startSender();
  try {
    await station.open(roomy);
    const model = buildConvGraph({ input: [1, 3, 48, 64], layers: 1, channels: 4 });
    expect(await station.openModel(model)).toBeUndefined();
    await station.configure({ source: { kind: 'websocket', url: sender.url } });
    await station.page.evaluate(() => window.weir.start());
    await sender.connected();
    const values = Float32Array.from({ length: 3 * 48 * 64 }, (_, i) => (i % 97) / 97);
    const seen = station.inspect();
    await pause(200);
    sender.send(npy('<f4', '(1, 3, 48, 64)', values));
    const { inputs, outputs } = await seen;
    expect(inputs[0]?.data).toEqual(values);
    expectClose(outputs, await runPlain(model, inputs));
    sender.send(npy('|u1', '(90, 160, 3)', new Uint8Array(90 * 160 * 3).fill(255)));
    await station.until('the picture', (now) => now.sources['websocket']?.completed === 2);
    sender.send(npy('<f4', '(5, 7)', new Float32Array(35)));
    sender.send(npy('>f4', '(1,)', new Float32Array(1)));
    const end = await station.until('two failed', (now) => now.sources['websocket']?.failed === 2);
    expect(end.sources['websocket']).toMatchObject({ offered: 4, completed: 2, failed: 2 });
    await expect(station.page.getByText(/big-endian/).first()).toBeAttached();
  } finally {
    await sender.vanish();
  }
});

test('image files wait, run through once and end, each exactly once; a broken one fails and the rest goes on', async ({
  station,
}) => {
  // Running first: a page that still opens would start its demo behind the stop.
  await station.run('engine.provider=simulated&engine.serviceMs=30');
  await station.page.evaluate(() => window.weir.stop());
  const images = Array.from({ length: 12 }, (_, i) => demoFrame(i).toString('base64'));
  await station.page.evaluate((pictures) => {
    const bytes = (base64: string) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const files = pictures.map((picture, i) => new File([i === 5 ? 'no picture' : bytes(picture)], `${i}.png`));
    return window.weir.configure({ source: { kind: 'images', files, ratePerS: 500, loop: false } });
  }, images);
  await station.page.evaluate(() => window.weir.start());
  const end = await station.until('the last file', (now) => now.state === 'idle' && now.counts.offered === 12);
  expect(end.counts).toMatchObject({ refused: 0, queued: 0, inFlight: 0, missed: 0 });
  expect(end.counts.completed + end.counts.failed).toBe(12);
  await expect(station.page.getByTestId('source-state')).toContainText('ended');
});

test('pictures dropped on the page run through the model that is open', async ({ station }) => {
  await station.run();
  const data = await station.page.evaluateHandle((base64) => {
    const transfer = new DataTransfer();
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    transfer.items.add(new File([bytes], 'one.png', { type: 'image/png' }));
    return transfer;
  }, demoFrame(0).toString('base64'));
  await station.page.dispatchEvent('body', 'drop', { dataTransfer: data });
  const now = await station.until('pictures', (each) => (each.sources['images']?.completed ?? 0) >= 3);
  expect(now.sources['images']?.failed).toBe(0);
  expect(now.model?.name).toBe('shapes');
  // No link can carry them, and none tries to.
  expect(await station.page.evaluate(() => location.hash)).not.toContain('files');
});
