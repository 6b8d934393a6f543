import { expect, test } from 'vitest';
import { createSoundWindows, type SoundPiece } from './soundWindows.ts';

const piece = (channels: readonly (readonly number[])[], sampleRate = 16_000): SoundPiece => ({
  sampleRate,
  numberOfFrames: channels[0]?.length ?? 0,
  numberOfChannels: channels.length,
  copyTo: (destination, { planeIndex, frameOffset, frameCount }) =>
    destination.set(channels[planeIndex]?.slice(frameOffset, frameOffset + frameCount) ?? []),
});

const windowsOf = (contextSamples: number) =>
  createSoundWindows({ sampleRate: 16_000, windowSamples: 4, contextSamples });

test('windows follow each other without a gap, whatever the pieces, and the last is filled with silence', () => {
  const windows = windowsOf(0);
  expect(windows.push(piece([[1, 2, 3]]))).toEqual([]);
  expect(windows.push(piece([[4, 5, 6, 7, 8, 9]])).map((w) => [...w])).toEqual([
    [1, 2, 3, 4],
    [5, 6, 7, 8],
  ]);
  expect(windows.flush().map((w) => [...w])).toEqual([[9, 0, 0, 0]]);
  expect(windows.flush()).toEqual([]);
});

test('the sound before a window stands in front of it, silence before the first', () => {
  const windows = windowsOf(2);
  expect(windows.push(piece([[1, 2, 3, 4, 5, 6, 7, 8]])).map((w) => [...w])).toEqual([
    [0, 0, 1, 2, 3, 4],
    [3, 4, 5, 6, 7, 8],
  ]);
});

test('channels become one by their mean, and what lies before a seek is left out', () => {
  const [first] = windowsOf(0).push(
    piece([
      [9, 1, 0, 0, 1],
      [9, 0, 1, 0, 1],
    ]),
    1,
  );
  expect([...(first ?? [])]).toEqual([0.5, 0.5, 0, 1]);
});

test('another rate in the middle loses no sound', () => {
  const windows = windowsOf(0);
  windows.push(piece([[1, 1]]));
  const after = windows.push(piece([Array.from({ length: 4800 }, () => 1)], 48_000));
  const samples = [...after, ...windows.flush()].length * 4;
  expect(Math.abs(samples - 1602)).toBeLessThanOrEqual(4);
});

test('a window that is given back is used again, one whose buffer went to an engine is not', () => {
  const windows = windowsOf(0);
  const [first] = windows.push(piece([[1, 2, 3, 4]]));
  if (first === undefined) throw new Error('no window');
  windows.recycle(first);
  windows.recycle(new Float32Array(0));
  expect(windows.push(piece([[5, 6, 7, 8]])).map((w) => [...w])).toEqual([[5, 6, 7, 8]]);
  const [third] = windows.push(piece([[9, 9, 9, 9]]));
  expect(third).toBe(first);
});
