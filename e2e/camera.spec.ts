/**
 * The camera, played from a file by Chromium's fake device: real pixels, real timing, real permission.
 * `npm run prove -- camera` runs the long form of 60 s under overload; CI runs a short one and asserts counts only.
 */
import type { Counts } from '../src/core/snapshot.ts';
import { fixture, hasFixtures, modelBytes, noFixtures } from './fixtures.ts';
import { difference, expect, test } from './station.ts';

const longForm = process.env['WEIR_LONG'] === '1';
const seconds = longForm ? 60 : 8;

test('UltraFace on a real video through the camera', async ({ station }) => {
  test.skip(fixture('media/video') === undefined, noFixtures);
  await station.run();
  expect(await station.openModel(modelBytes('detection-ultraface-rfb320'))).toBeUndefined();
  await station.configure({ source: { kind: 'camera', width: 640, height: 360 } });
  const now = await station.until('camera frames', (each) => (each.sources['camera']?.completed ?? 0) >= 20);
  expect(now.sources['camera']?.failed).toBe(0);
  expect(now.model?.task).toBe('detection');
});

test(`${seconds} s of overload at the camera's full rate`, async ({ station }) => {
  test.setTimeout((seconds + 60) * 1000);
  await station.run('engine.provider=simulated&engine.serviceMs=100');
  if (hasFixtures && longForm) {
    await station.configure({ engine: { provider: 'auto' } });
    expect(await station.openModel(modelBytes('detection-ultraface-rfb320'))).toBeUndefined();
    await station.configure({ engine: { provider: 'simulated', serviceMs: 100 } });
  }
  await station.configure({ source: { kind: 'camera', width: 640, height: 360 } });
  await station.until('camera frames', (now) => (now.sources['camera']?.completed ?? 0) >= 5, 30_000);
  const before = await station.snapshot();
  const started = Date.now();
  const after = await station.watch(seconds * 1000);
  const elapsedS = (Date.now() - started) / 1000;
  const gained = difference(after.counts, before.counts);
  expect(gained.failed).toBe(0);
  if (longForm) {
    // Overloaded three times over, yet the camera is never starved of buffers: it delivers at its own rate.
    expect(gained.offered / elapsedS, 'camera frames per second').toBeGreaterThan(15);
    expect(gained.dropped.superseded).toBeGreaterThan(gained.completed * 0.5);
    expect(gained.completed / elapsedS).toBeGreaterThan(8);
    expect(gained.missed / gained.offered, 'share of missed frames').toBeLessThan(0.02);
  } else {
    // A starved camera stops for good after two frames; how fast it is belongs to a quiet machine and the long form.
    expect(gained.offered, 'camera frames').toBeGreaterThan(4 * seconds);
    expect(gained.dropped.superseded).toBeGreaterThan(0);
    expect(gained.completed).toBeGreaterThan(seconds);
  }
});

function lookAt(batches: readonly Counts[]) {
  const first = batches[0];
  const last = batches.at(-1);
  if (first === undefined || last === undefined) throw new Error('The pipeline sent nothing.');
  const still = batches.filter((batch, i) => batch.completed === batches[i - 1]?.completed).length;
  return { batches: batches.length, gained: difference(last, first), still };
}

for (const [name, hash] of [
  ['the simulated engine', 'engine.provider=simulated&engine.serviceMs=5'],
  ['a real model', ''],
] as const) {
  test(`a blocked page leaves no gap in the pipeline, with ${name}`, async ({ station }) => {
    await station.run(hash);
    await station.configure({ source: { kind: 'camera', width: 640, height: 360 } });
    await station.until('a steady camera', (now) => (now.sources['camera']?.completed ?? 0) >= 40, 30_000);
    // The same second with a free page beside it: a machine that is busy with other things loses frames in both.
    const free = lookAt(await station.blockPage(0, 1000));
    const blocked = lookAt(await station.blockPage(1000));
    // A pipeline that waited for the page would have sent the last three or four of these only.
    expect(blocked.batches, 'batches made while the page was blocked').toBeGreaterThanOrEqual(7);
    expect(blocked.gained.completed, 'frames completed meanwhile').toBeGreaterThanOrEqual(6);
    expect(blocked.gained.failed).toBe(0);
    // A gap of a second would lose twenty.
    expect(blocked.gained.missed, `missed; free: ${free.gained.missed}`).toBeLessThanOrEqual(
      4 + 2 * free.gained.missed,
    );
    expect(blocked.still, `tenths of a second without a frame; free: ${free.still}`).toBeLessThanOrEqual(
      3 + 2 * free.still,
    );
  });
}

test('a browser without MediaStreamTrackProcessor on the page takes frames from a video element', async ({
  station,
}) => {
  await station.page.addInitScript(() => Reflect.deleteProperty(window, 'MediaStreamTrackProcessor'));
  await station.run('engine.provider=simulated&engine.serviceMs=5');
  await station.configure({ source: { kind: 'camera', width: 640, height: 360 } });
  await station.until('camera frames', (now) => (now.sources['camera']?.completed ?? 0) >= 60, 30_000);
  await station.configure({ source: { kind: 'scene' } });
  const scene = (await station.goesOn()).sources['scene']?.completed ?? 0;
  expect(scene).toBeGreaterThan(0);
  await station.configure({ source: { kind: 'camera' } });
  const again = (await station.snapshot()).sources['camera']?.completed ?? 0;
  await station.until('the camera again', (now) => (now.sources['camera']?.completed ?? 0) >= again + 20, 30_000);
});

test('no camera is an error with a sentence, and the scene comes back', async ({ station }) => {
  await station.page.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('denied', 'NotAllowedError'));
  });
  await station.run('engine.provider=simulated');
  await station.configure({ source: { kind: 'camera' } });
  const failed = await station.until('the camera failed', (now) => now.state === 'failed');
  expect(failed.error?.code).toBe('permission-denied');
  await station.configure({ source: { kind: 'scene' } });
  await station.page.evaluate(() => window.weir.start());
  await station.goesOn();
});
