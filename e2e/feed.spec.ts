/** `npm run feed` as a user meets it: the command beside the page, and frames of folders, videos, playlists and RTSP. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoFrame } from '../server/demoScene.ts';
import { noFfmpeg, startFeed } from '../server/feedProcess.fixture.ts';
import { startHost } from '../server/host.ts';
import type { Snapshot } from '../src/core/snapshot.ts';
import { startRtspCamera } from './rtspCamera.ts';
import { skipBecause } from './skipBecause.ts';
import { expect, type Station, test } from './station.ts';

const roomy = 'flow.policy=dropOldest&flow.capacity=1000';
let folder = '';

test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-feed-'));
});
test.afterEach(() => rmSync(folder, { recursive: true }));

/** Runs the command for the time of `look`, with the page connected to it. */
async function watchFeed(station: Station, args: readonly string[], look: () => Promise<void>): Promise<void> {
  const feed = startFeed([...args, '--port', '0']);
  try {
    await station.configure({ source: { kind: 'websocket', url: await feed.url } });
    await look();
  } finally {
    await station.configure({ source: { kind: 'scene' } });
    await feed.stop();
  }
}

/** Moving test pictures, 25 per second, by ffmpeg. */
function paintVideo(seconds: number, ...output: readonly string[]): void {
  const input = ['-f', 'lavfi', '-i', `testsrc2=size=320x240:rate=25:duration=${seconds}`];
  execFileSync('ffmpeg', ['-nostdin', '-loglevel', 'error', ...input, '-c:v', 'mpeg2video', '-g', '25', ...output]);
}

const served = (now: Snapshot) => now.sources['websocket'] ?? { offered: 0, completed: 0, failed: 0 };

/** The feed said that this was all, and all of it was served. */
async function expectAll(station: Station, count: number): Promise<void> {
  await expect(station.page.getByTestId('source-state')).toContainText('ended');
  const now = await station.until('all settled', ({ counts }) => counts.queued + counts.inFlight === 0);
  expect(served(now)).toMatchObject({ offered: count, completed: count, failed: 0 });
}

test('a folder of pictures, over and over', async ({ station }) => {
  for (let i = 0; i < 12; i++) writeFileSync(join(folder, `${i}.png`), demoFrame(i * 10));
  await station.run(roomy);
  await watchFeed(station, [folder, '--rate', '60'], async () => {
    const now = await station.until('two rounds', (each) => served(each).completed >= 24);
    expect(served(now).failed).toBe(0);
  });
});

test('a folder of pictures, once', async ({ station }) => {
  for (let i = 0; i < 12; i++) writeFileSync(join(folder, `${i}.png`), demoFrame(i * 10));
  await station.run(roomy);
  await watchFeed(station, [folder, '--rate', '60', '--once'], async () => {
    await expectAll(station, 12);
  });
});

test('a folder of pictures by credit: each once, however slow the engine', async ({ station }) => {
  for (let i = 0; i < 40; i++) writeFileSync(join(folder, `${i}.png`), demoFrame(i * 3));
  await station.open('engine.provider=simulated&engine.serviceMs=20&flow.policy=block&source.protocol=weir.v1');
  const feed = startFeed([folder, '--rate', '240', '--once', '--port', '0']);
  try {
    await station.configure({ source: { kind: 'websocket', url: await feed.url } });
    await station.page.evaluate(() => window.weir.start());
    await expectAll(station, 40);
  } finally {
    await feed.stop();
  }
});

test('a video file: every frame arrives once', async ({ station }) => {
  skipBecause(noFfmpeg);
  // A name that a shell, or ffmpeg, could take for something else.
  const video = join(folder, '-y $(x); "a":b.mp4');
  paintVideo(2, `file:${video}`);
  await station.run(roomy);
  await watchFeed(station, [video, '--once'], async () => {
    await expectAll(station, 50);
  });
});

test('a playlist over HTTP (HLS), segment by segment, to its end', async ({ station }) => {
  skipBecause(noFfmpeg);
  paintVideo(3, '-f', 'hls', '-hls_time', '1', '-hls_list_size', '0', join(folder, 'live.m3u8'));
  const host = await startHost({ roots: [folder] });
  try {
    await station.run(roomy);
    await watchFeed(station, [`http://127.0.0.1:${host.port}/live.m3u8`], async () => {
      await expectAll(station, 75);
    });
  } finally {
    await host.close();
  }
});

test('a camera over RTSP, which is let go when nobody watches', async ({ station }) => {
  skipBecause(noFfmpeg);
  const camera = await startRtspCamera();
  try {
    await station.run(roomy);
    await watchFeed(station, [camera.url, '--size', '160x160'], async () => {
      const now = await station.until('frames of the camera', (each) => served(each).completed >= 25);
      expect(served(now).failed).toBe(0);
      await expect(station.page.getByTestId('source-state')).not.toContainText('ended');
      await station.configure({ source: { kind: 'scene' } });
      await expect.poll(() => camera.asked, { timeout: 20_000 }).toContain('TEARDOWN');
    });
  } finally {
    await camera.close();
  }
});
