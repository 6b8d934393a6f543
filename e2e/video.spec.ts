/** Video files: every frame exactly once under `block`, at the file's own pace, and a sentence for what cannot be played. */
import { readFileSync } from 'node:fs';
import { ALL_FORMATS, BufferSource, EncodedPacketSink, Input } from 'mediabunny';
import { fixture, hasFixtures, noFixtures } from './fixtures.ts';
import { expect, type Station, test } from './station.ts';

const car = fixture('media/video/car-detection.mp4') ?? '';
const unplayable = fixture('media/video/rf_test_video.mp4') ?? '';

/** Frames of the first video track, counted by its packets. */
async function framesOf(path: string): Promise<number> {
  const input = new Input({ source: new BufferSource(readFileSync(path)), formats: ALL_FORMATS });
  const track = await input.getPrimaryVideoTrack();
  if (track === null) throw new Error('no video');
  let count = 0;
  for await (const _ of new EncodedPacketSink(track).packets()) count += 1;
  return count;
}

/** As a person does: the chooser takes files of any kind. */
async function choose(station: Station, path: string): Promise<void> {
  const chooser = station.page.waitForEvent('filechooser');
  // The wait must have reached the browser before the key does.
  await station.page.waitForTimeout(200);
  await station.page.keyboard.press('o');
  await (await chooser).setFiles(path);
}

test('every frame of a file is served exactly once, however slow the engine', async ({ station }) => {
  test.skip(!hasFixtures, noFixtures);
  await station.run('engine.provider=simulated&engine.serviceMs=5&source.speed=0&source.loop=false');
  await choose(station, car);
  const end = await station.until(
    'the end',
    (now) => now.state === 'idle' && now.sources['video'] !== undefined,
    60_000,
  );
  const frames = await framesOf(car);
  expect(frames).toBeGreaterThan(200);
  expect(end.sources['video']).toMatchObject({ offered: frames, completed: frames, failed: 0, missed: 0 });
});

test('a video plays at its own pace through a model, and pauses without losing its counts', async ({ station }) => {
  test.skip(!hasFixtures, noFixtures);
  await station.run();
  await choose(station, car);
  await station.until('video frames', (now) => (now.sources['video']?.completed ?? 0) > 10);
  await expect(station.page.getByTestId('source-state')).toContainText('car-detection.mp4, 768 × 432, avc1');
  const now = await station.watch(2000);
  expect(now.sources['video']?.failed).toBe(0);
  await station.configure({ source: { kind: 'scene' } });
  await station.goesOn();
});

test('a video that the browser cannot play, and a file that is none, say so; the next one plays', async ({
  station,
}) => {
  test.skip(!hasFixtures, noFixtures);
  await station.run();
  await choose(station, unplayable);
  const state = station.page.getByTestId('source-state');
  await expect(state).toContainText(/cannot decode|no video that can be read/);
  expect((await station.snapshot()).error?.code).toBe('cannot-decode');
  await station.page.evaluate(async () => {
    const files = [new File(['this is no video'], 'none.mp4')];
    await window.weir.configure({ source: { kind: 'video', files } });
    await window.weir.start();
  });
  await expect(state).toContainText(/no video that can be read/);
  await choose(station, car);
  await station.until('video frames', (now) => (now.sources['video']?.completed ?? 0) > 3);
});
