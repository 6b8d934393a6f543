import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createJpegSplitter } from './jpegSplitter.ts';

const soi = [0xff, 0xd8];
const eoi = [0xff, 0xd9];
const segment = (code: number, data: readonly number[]) => [
  0xff,
  code,
  (data.length + 2) >> 8,
  (data.length + 2) & 255,
  ...data,
];

const byte = fc.integer({ min: 0, max: 255 });
/** Entropy-coded data: FF only as FF 00, as a restart marker, or as filling before one. */
const scanData = fc
  .array(
    fc.oneof(
      byte.filter((value) => value !== 0xff).map((value) => [value]),
      fc.constant([0xff, 0x00]),
      fc.integer({ min: 0xd0, max: 0xd7 }).map((code) => [0xff, code]),
      fc.constant([0xff, 0xff, 0xd3]),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.flat());
/** Segments of any content, whole JPEGs (thumbnails) among it. */
const anySegment = fc
  .tuple(
    fc.constantFrom(0xc0, 0xc4, 0xdb, 0xdd, 0xe0, 0xe1, 0xef, 0xfe),
    fc.array(fc.oneof(byte, fc.constantFrom(0xff, 0xd8, 0xd9, 0xda)), { maxLength: 40 }),
    fc.boolean(),
  )
  .map(([code, data, thumbnail]) =>
    segment(code, thumbnail ? [...soi, ...segment(0xe0, data), ...segment(0xda, [1]), ...data, ...eoi] : data),
  );
const scan = fc
  .tuple(fc.array(anySegment, { maxLength: 3 }), scanData)
  .map(([segments, data]) => [...segments.flat(), ...segment(0xda, [1, 2, 3]), ...data]);
const jpeg = fc
  .tuple(fc.array(scan, { minLength: 1, maxLength: 3 }), fc.boolean())
  .map(([scans, filled]) => Buffer.from([...soi, ...scans.flat(), ...(filled ? [0xff] : []), ...eoi]));

function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const edges = [...new Set([0, ...places.map((place) => place % (bytes.length + 1)), bytes.length])];
  edges.sort((a, b) => a - b);
  return edges.slice(1).map((edge, i) => bytes.subarray(edges[i], edge));
}

const split = (chunks: readonly Uint8Array[], maxBytes?: number) => chunks.flatMap(createJpegSplitter(maxBytes));

test('any chunking gives the same pictures, thumbnails and all', () => {
  fc.assert(
    fc.property(fc.array(jpeg, { maxLength: 5 }), fc.array(fc.nat(), { maxLength: 30 }), (pictures, places) => {
      expect(split(cut(Buffer.concat(pictures), places))).toEqual(pictures);
    }),
  );
});

test('one byte at a time is a chunking too', () => {
  fc.assert(
    fc.property(fc.array(jpeg, { maxLength: 3 }), (pictures) => {
      const bytes = Buffer.concat(pictures);
      expect(split([...bytes].map((_, i) => bytes.subarray(i, i + 1)))).toEqual(pictures);
    }),
    { numRuns: 50 },
  );
});

test('bytes between pictures that begin none are skipped', () => {
  const noise = fc
    .array(
      byte.filter((value) => value !== 0xff),
      { maxLength: 20 },
    )
    .map((each) => Buffer.from(each));
  fc.assert(
    fc.property(fc.array(fc.tuple(noise, jpeg), { maxLength: 4 }), fc.array(fc.nat()), (pairs, places) => {
      expect(split(cut(Buffer.concat(pairs.flat()), places))).toEqual(pairs.map(([, picture]) => picture));
    }),
  );
});

test('whatever the bytes are, any chunking gives the same, and what comes out is a picture from start to end', () => {
  const hostile = fc.array(fc.oneof(byte, fc.constantFrom(0xff, 0xd8, 0xd9, 0xda, 0x00, 0x02)), { maxLength: 300 });
  fc.assert(
    fc.property(hostile, fc.array(fc.nat(), { maxLength: 20 }), (values, places) => {
      const bytes = Buffer.from(values);
      const pictures = split([bytes]);
      expect(split(cut(bytes, places))).toEqual(pictures);
      for (const picture of pictures) {
        expect([...picture.subarray(0, 2)]).toEqual(soi);
        expect([...picture.subarray(-2)]).toEqual(eoi);
      }
    }),
  );
});

test('a picture cut off by the next one is lost, and the next one is not', () => {
  const whole = Buffer.from([...soi, ...segment(0xe0, [1]), ...segment(0xda, [1]), 5, 6, ...eoi]);
  expect(split([whole.subarray(0, -2), whole])).toEqual([whole]);
});

test('a picture beyond the limit is skipped and memory stays bounded', () => {
  const small = Buffer.from([...soi, ...segment(0xe0, [1]), ...segment(0xda, [1]), 5, 6, ...eoi]);
  const endless = Buffer.concat([small.subarray(0, -2), Buffer.alloc(5000, 7)]);
  expect(split([endless, Buffer.alloc(5000, 7), Buffer.from(eoi), small], 4000)).toEqual([small]);
});
