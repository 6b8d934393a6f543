import { expect, test } from 'vitest';
import type { FeedInput } from './feedInput.ts';
import { ffmpegArgs, isLive, type VideoOptions } from './ffmpegArgs.ts';

const defaults: VideoOptions = { ratePerS: undefined, size: undefined, quality: undefined, loop: undefined };
const now = 'ffmpeg version 7.1.1 Copyright';
const video = (at: string): FeedInput => ({ kind: 'video', at });
const address = (at: string): FeedInput => ({ kind: 'address', at });
const line = (input: FeedInput, options: Partial<VideoOptions> = {}, version = now) =>
  ffmpegArgs(input, { ...defaults, ...options }, version).join(' ');

test('a file goes at its own pace, over and over, to JPEG on the pipe', () => {
  expect(line(video('/clips/a.mp4'))).toBe(
    '-nostdin -hide_banner -loglevel error -re -stream_loop -1 -i file:/clips/a.mp4 -map 0:V:0 ' +
      '-vf scale=out_color_matrix=bt601:out_range=pc -fps_mode passthrough -c:v mjpeg -q:v 5 -f image2pipe pipe:1',
  );
});

test('a file once, or at a rate: every frame, held back by the reader', () => {
  expect(line(video('/a.mp4'), { loop: false })).not.toContain('-stream_loop');
  const paced = line(video('/a.mp4'), { ratePerS: 100 });
  expect(paced).not.toContain('-re ');
  expect(paced).not.toContain('fps=');
});

test('the input is one argument and never an option, whatever it is called', () => {
  for (const name of ['/a; rm -rf b.mp4', '/-i -y.mp4', '/$(x) "y".mp4', '/http:x.mp4']) {
    const args = ffmpegArgs(video(name), defaults, now);
    expect(args[args.indexOf('-i') + 1]).toBe(`file:${name}`);
  }
});

test('a camera over RTSP: TCP, no pace of ours, no looping, rate by ffmpeg', () => {
  const live = line(address('rtsp://cam/1'), { ratePerS: 5 });
  expect(live).toContain('-rtsp_transport tcp -fflags nobuffer -i rtsp://cam/1');
  expect(live).toContain('bt601:out_range=pc,fps=5 ');
  expect(live).not.toMatch(/-re |-stream_loop/);
});

test('playlists and files over HTTP come in lumps and are paced, cameras over HTTP are not', () => {
  expect(line(address('https://h/live.m3u8?t=1'))).toContain('-re -i https://h/live.m3u8?t=1');
  expect(line(address('http://h/a.mp4'))).not.toContain('-rtsp_transport');
  const live = ['rtsp://h/a.mp4', 'rtsps://h/x', 'http://cam/video.cgi', 'udp://@:5000', 'srt://h:1'];
  const paced = ['http://h/a.m3u8', 'https://h/b/a.MPD', 'http://h/a.mp4?x.cgi'];
  expect(live.map((at) => isLive(address(at)))).toEqual(live.map(() => true));
  expect(paced.map((at) => isLive(address(at)))).toEqual(paced.map(() => false));
  expect(isLive(video('/rtsp.mp4'))).toBe(false);
});

test('size keeps proportions, quality is turned into the scale of ffmpeg', () => {
  expect(line(video('/a'), { size: { width: 640, height: 480 } })).toContain(
    'scale=640:480:force_original_aspect_ratio=decrease:force_divisible_by=2:out_color_matrix',
  );
  expect([100, 90, 1].map((quality) => /-q:v (\d+)/.exec(line(video('/a'), { quality }))?.[1])).toEqual([
    '2',
    '5',
    '31',
  ]);
});

test.each([
  ['ffmpeg version 4.4.2-0ubuntu0.22.04.1', '-vsync'],
  ['ffmpeg version 5.0.1', '-vsync'],
  ['ffmpeg version 5.1.9-0+deb12u1', '-fps_mode'],
  ['ffmpeg version n7.1', '-fps_mode'],
  ['ffmpeg version N-118448-g43be8d0728', '-fps_mode'],
  ['ffmpeg version 2024-12-19-git-494c961379', '-fps_mode'],
])('%s is asked for each picture once by %s', (version, option) => {
  expect(line(video('/a'), {}, version)).toContain(`${option} passthrough`);
});
