/** Video files: every frame exactly once under `block`, at the file's own pace, and a sentence for what cannot be played. */
import { readFileSync } from 'node:fs';
import {
  ALL_FORMATS,
  BufferSource,
  BufferTarget,
  EncodedPacketSink,
  EncodedVideoPacketSource,
  Input,
  Mp4OutputFormat,
  Output,
} from 'mediabunny';
import { buildConvGraph } from '../src/models/buildGraph.ts';
import { framesOf } from './framesOf.ts';
import { fixture, hasFixtures, noFixtures } from './fixtures.ts';
import { expect, type Station, test } from './station.ts';

const car = fixture('media/video/car-detection.mp4') ?? '';
const unplayable = fixture('media/video/rf_test_video.mp4') ?? '';

/** As a person does: the chooser takes files of any kind. */
async function choose(station: Station, path: string): Promise<void> {
  const chooser = station.page.waitForEvent('filechooser');
  // The wait must have reached the browser before the key does.
  await station.page.waitForTimeout(200);
  await station.page.keyboard.press('o');
  await station.page.getByRole('button', { name: 'Choose files' }).click();
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

test('a jump goes there, a pause is gone on from, and the page shows where it is', async ({ station }) => {
  test.skip(!hasFixtures, noFixtures);
  await station.run('engine.provider=simulated&engine.serviceMs=1&source.loop=false');
  await choose(station, car);
  await station.until('video frames', (now) => (now.sources['video']?.completed ?? 0) > 3);
  const position = station.page.getByRole('spinbutton', { name: 'Position, seconds, exactly' });
  await position.fill('28');
  await position.press('Enter');
  await expect.poll(async () => Number(await position.inputValue())).toBeGreaterThanOrEqual(28);
  await station.page.evaluate(() => window.weir.pause());
  const paused = await station.snapshot();
  await station.page.evaluate(() => window.weir.start());
  const end = await station.until('the end', (now) => now.state === 'idle', 30_000);
  const { completed = 0 } = end.sources['video'] ?? {};
  expect(completed).toBeGreaterThan(paused.sources['video']?.completed ?? 0);
  // From 28 s to the end of 30.2 s and no further: neither the jump nor the pause begins it again.
  expect(completed).toBeLessThan((await framesOf(car)) / 2);
});

/** The same packets, marked as filmed by a camera that was turned. */
async function turned(path: string, rotation: 90 | 180 | 270): Promise<Buffer> {
  const input = new Input({ source: new BufferSource(readFileSync(path)), formats: ALL_FORMATS });
  const track = await input.getPrimaryVideoTrack();
  if (track === null || track.codec === null) throw new Error('no video');
  const target = new BufferTarget();
  const output = new Output({ format: new Mp4OutputFormat(), target });
  const packets = new EncodedVideoPacketSource(track.codec);
  output.addVideoTrack(packets, { rotation });
  await output.start();
  const decoderConfig = (await track.getDecoderConfig()) ?? undefined;
  let left = 30;
  for await (const packet of new EncodedPacketSink(track).packets()) {
    if (left-- === 0) break;
    await packets.add(packet, decoderConfig === undefined ? {} : { decoderConfig });
  }
  await output.finalize();
  if (target.buffer === null) throw new Error('nothing was written');
  return Buffer.from(target.buffer);
}

test('a video that was filmed on its side stands upright in the model', async ({ station }) => {
  test.skip(!hasFixtures, noFixtures);
  await station.run('engine.threads=1');
  // Square, so that it stretches all: the same picture turned gives the same numbers turned.
  const side = 32;
  const model = buildConvGraph({ input: [1, 3, side, side], layers: 1, channels: 4 });
  expect(await station.openModel(model, 'model.onnx', { prepare: { fit: 'stretch' } })).toBeUndefined();
  const play = async (bytes: Buffer): Promise<Float32Array> => {
    const seen = station.page.evaluate(async (base64) => {
      await window.weir.stop();
      const files = [new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], 'a.mp4')];
      await window.weir.configure({ source: { kind: 'video', files, loop: true, speed: 0.25 } });
      await window.weir.start();
      // The first frame of the file, whatever was on its way before.
      const { inputs } = await window.weir.inspect();
      return [...(inputs[0]?.data ?? [])].map(Number);
    }, bytes.toString('base64'));
    return Float32Array.from(await seen);
  };
  const upright = await play(await turned(car, 180));
  const quarter = await play(await turned(car, 90));
  expect(upright).toHaveLength(3 * side * side);
  const at = (data: Float32Array, x: number, y: number) => data[y * side + x] ?? NaN;
  // Turned by 180 degrees is turned by 90 degrees twice: (x, y) of the quarter turn lies at (side - 1 - y, x) of the half turn.
  let sum = 0;
  let spread = 0;
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      sum += Math.abs(at(quarter, x, y) - at(upright, side - 1 - y, x));
      spread += Math.abs(at(quarter, x, y) - at(upright, x, y));
    }
  // Both are resized from another shape, so single pixels differ a little; the picture does not.
  expect(sum / (side * side)).toBeLessThan(0.03);
  expect(spread).toBeGreaterThan(2 * sum);
});
