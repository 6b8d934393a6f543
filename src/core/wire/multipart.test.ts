import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { boundaryOf, createMultipart } from './multipart.ts';

const text = (words: string) => new TextEncoder().encode(words);
const join = (pieces: readonly Uint8Array[]) => Uint8Array.from(pieces.flatMap((piece) => [...piece]));

/** Bodies may hold anything but the delimiter itself. */
const bodies = fc.array(fc.uint8Array({ minLength: 1, maxLength: 60 }), { minLength: 1, maxLength: 6 });
const style = fc.record({
  lengths: fc.boolean(),
  newline: fc.constantFrom('\r\n', '\n'),
  preamble: fc.constantFrom('', '\r\n', 'hello\r\n'),
});

test('any bodies come back whole, in any cutting, with or without lengths, with both line ends', () => {
  fc.assert(
    fc.property(
      bodies,
      style,
      fc.array(fc.integer({ min: 1, max: 50 })),
      (parts, { lengths, newline, preamble }, cuts) => {
        // Without a length, a line end before the delimiter belongs to the delimiter.
        fc.pre(lengths || parts.every((part) => part.at(-1) !== 0x0d && part.at(-1) !== 0x0a));
        const stream = join([
          text(preamble),
          ...parts.flatMap((part) => [
            text(`--frame${newline}Content-Type: image/jpeg${newline}`),
            text(lengths ? `Content-Length: ${part.length}${newline}${newline}` : newline),
            part,
            text(newline),
          ]),
          text('--frame'),
        ]);
        const multipart = createMultipart('frame');
        const out: Uint8Array[] = [];
        let at = 0;
        for (const cut of [...cuts, stream.length]) {
          out.push(...multipart.push(stream.subarray(at, at + cut)));
          at += cut;
        }
        expect(out.map((part) => [...part])).toEqual(parts.map((part) => [...part]));
      },
    ),
    { numRuns: 500 },
  );
});

test('a body that is too large ends the stream with its code, and garbage costs no memory', () => {
  const multipart = createMultipart('frame');
  for (let i = 0; i < 100; i++) expect(multipart.push(new Uint8Array(1024 * 1024))).toEqual([]);
  multipart.push(text('--frame\r\n\r\n'));
  expect(() => {
    for (let i = 0; i < 70; i++) multipart.push(new Uint8Array(1024 * 1024));
  }).toThrow(/more than/);
  const announced = text('--frame\r\nContent-Length: 999999999999\r\n\r\n');
  expect(() => createMultipart('frame').push(announced)).toThrow(/more than/);
});

test('many small parts in one chunk are not moved about for each other', () => {
  const count = 10_000;
  for (const headers of ['', 'Content-Length: 1\r\n']) {
    const stream = text(`${`--frame\r\n${headers}\r\nx\r\n`.repeat(count)}--frame`);
    let touched = 0;
    const { set, copyWithin } = Uint8Array.prototype;
    const { decode } = TextDecoder.prototype;
    const spies = [
      vi.spyOn(Uint8Array.prototype, 'set').mockImplementation(function (this: Uint8Array, from, at) {
        touched += from.length;
        set.call(this, from, at);
      }),
      vi.spyOn(Uint8Array.prototype, 'copyWithin').mockImplementation(function (this: Uint8Array, to, from, until) {
        touched += (until ?? this.length) - from;
        return copyWithin.call(this, to, from, until);
      }),
      vi.spyOn(TextDecoder.prototype, 'decode').mockImplementation(function (this: TextDecoder, bytes, options) {
        touched += bytes?.byteLength ?? 0;
        return decode.call(this, bytes, options);
      }),
    ];
    const parts = createMultipart('frame').push(stream);
    for (const spy of spies) spy.mockRestore();
    expect(parts).toHaveLength(count);
    expect(touched).toBeLessThan(5 * stream.length);
  }
});

test('boundaries as cameras write them', () => {
  expect(boundaryOf('multipart/x-mixed-replace; boundary=frame')).toBe('frame');
  expect(boundaryOf('multipart/x-mixed-replace;boundary="--my boundary"')).toBe('my boundary');
  expect(boundaryOf('Multipart/X-Mixed-Replace; charset=x; BOUNDARY=--ffmpeg; a=b')).toBe('ffmpeg');
  expect(boundaryOf('image/jpeg')).toBeUndefined();
  expect(boundaryOf('multipart/x-mixed-replace')).toBeUndefined();
  expect(boundaryOf(null)).toBeUndefined();
});
