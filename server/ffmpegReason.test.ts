import { expect, test } from 'vitest';
import { ffmpegReason } from './ffmpegReason.ts';

const file = { kind: 'video', at: '/clips/a.mp4' } as const;
const camera = { kind: 'address', at: 'rtsp://me:hush@cam/1?token=hush' } as const;

test('a file without a picture', () => {
  const lines = ["Stream map '0:V:0' matches no streams.", "To ignore this, add a trailing '?' to the map.", ''];
  const sentence = 'There is no picture in it.';
  expect(ffmpegReason(lines.join('\n'), file)).toBe(sentence);
  // As newer ones go on.
  const newer = [...lines, "Failed to set value '0:V:0' for option 'map': Invalid argument", 'Error opening output'];
  expect(ffmpegReason(newer.join('\n'), file)).toBe(sentence);
});

test('the last line, without the address of its part in memory and without hints for a command line', () => {
  expect(ffmpegReason('[mov @ 0x55] moov atom not found\nfile:/clips/a.mp4: Invalid data\n', file)).toBe(
    '/clips/a.mp4: Invalid data',
  );
  expect(ffmpegReason('[rtsp @ 0x1] [tcp @ 0x2] lost\nIf you wish to override this adjust x\r\n', camera)).toBe('lost');
  expect(ffmpegReason('\n', camera)).toBeUndefined();
  // A name is no pattern of a replacement.
  expect(ffmpegReason("file:/$&$'.mp4: Invalid data", { kind: 'video', at: "/$&$'.mp4" })).toBe(
    "/$&$'.mp4: Invalid data",
  );
});

test.each([
  ['rtsp://me:hush@cam/1?token=hush: Connection refused', 'rtsp://cam/1: Connection refused'],
  [
    "[hls @ 0x5] Error when loading first segment 'https://cdn/a/seg0.ts?token=hush&x=1'",
    "Error when loading first segment 'https://cdn/a/seg0.ts'",
  ],
  [
    'Opening https://me:hush@cdn/b.ts?sig=hush failed, then tls://cdn:443?hush=1.',
    'Opening https://cdn/b.ts failed, then tls://cdn:443.',
  ],
])('no secret of any address: %s', (said, shown) => {
  expect(ffmpegReason(said, camera)).toBe(shown);
});
