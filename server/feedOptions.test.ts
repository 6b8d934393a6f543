import { expect, test } from 'vitest';
import { feedOptions } from './feedOptions.ts';

test('an input alone has defaults', () => {
  expect(feedOptions(['clip.mp4'])).toEqual({
    input: 'clip.mp4',
    port: 8765,
    ratePerS: undefined,
    size: undefined,
    quality: undefined,
    loop: undefined,
    origins: [],
  });
});

test('every option, before and after the input', () => {
  const argv = '--rate 12.5 --once in --size 640x480 --quality 70 --port 0 --origin https://weir.example/page'.split(
    ' ',
  );
  expect(feedOptions(argv)).toEqual({
    input: 'in',
    port: 0,
    ratePerS: 12.5,
    size: { width: 640, height: 480 },
    quality: 70,
    loop: false,
    origins: ['https://weir.example'],
  });
  expect(feedOptions(['in', '--loop']).loop).toBe(true);
});

test.each([
  ['', 'Say what to feed'],
  ['a b', '"a" and "b"'],
  ['a --loop --once', 'exclude each other'],
  ['a --port 70000', '--port is "70000"'],
  ['a --rate fast', '--rate is "fast"'],
  ['a --rate 0', 'from 0.1 to 240'],
  ['a --rate', 'argument missing'],
  ['a --quality 101', 'from 1 to 100'],
  ['a --size 640', '640x480 for example'],
  ['a --size 8x8', '16 to 16384'],
  ['a --origin weir', 'the address of a page'],
  ['a --speed 2', "Unknown option '--speed'"],
  ['-clip.mp4', 'is written ./-name'],
])('"%s" gets a sentence: %s', (line, sentence) => {
  expect(() => feedOptions(line.split(' ').filter((word) => word !== ''))).toThrow(sentence);
});
