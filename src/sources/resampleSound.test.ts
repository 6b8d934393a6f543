import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createResampler } from './resampleSound.ts';

const tone = (hz: number, rate: number, samples: number) =>
  Float32Array.from({ length: samples }, (_, i) => Math.sin((2 * Math.PI * hz * i) / rate));

function whole(samples: Float32Array, from: number, to: number): Float32Array {
  const resampler = createResampler(from, to);
  return Float32Array.from([...resampler.push(samples), ...resampler.flush()]);
}

const loudness = (samples: Float32Array) => Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);

test.each([
  [48_000, 16_000],
  [44_100, 16_000],
  [8000, 16_000],
  [22_050, 16_000],
])('a tone of the pass band from %i to %i Hz is the same tone, within 60 dB', (from, to) => {
  const hz = 1000;
  const out = whole(tone(hz, from, from), from, to);
  expect(Math.abs(out.length - to)).toBeLessThanOrEqual(2);
  const wanted = tone(hz, to, out.length);
  // The ends lie beside silence.
  const middle = (samples: Float32Array) => samples.subarray(to / 10, (9 * to) / 10);
  const error = middle(out).map((value, i) => value - (middle(wanted)[i] as number));
  expect(loudness(error) / loudness(middle(wanted))).toBeLessThan(1e-3);
});

test('a tone above the new Nyquist frequency is gone by 60 dB, and a constant stays', () => {
  const out = whole(tone(10_000, 48_000, 48_000), 48_000, 16_000);
  expect(loudness(out.subarray(1600, 14_400))).toBeLessThan(1e-3);
  const flat = whole(new Float32Array(44_100).fill(0.5), 44_100, 16_000);
  for (const value of flat.subarray(200, -200)) expect(value).toBeCloseTo(0.5, 4);
});

test('any cutting into pieces gives the same samples', () => {
  const samples = tone(440, 44_100, 3000);
  const expected = whole(samples, 44_100, 16_000);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 20 }), (pieces) => {
      const resampler = createResampler(44_100, 16_000);
      const out: number[] = [];
      let at = 0;
      for (const piece of [...pieces, samples.length]) {
        out.push(...resampler.push(samples.subarray(at, at + piece)));
        at += piece;
      }
      out.push(...resampler.flush());
      expect(Float32Array.from(out)).toEqual(expected);
    }),
    { numRuns: 30 },
  );
});

test('equal rates pass through untouched', () => {
  const samples = tone(440, 16_000, 100);
  expect(createResampler(16_000, 16_000).push(samples)).toBe(samples);
});
