/** What can be known of an image and of the scene without decoding or drawing. */
import { describe, expect, it } from 'vitest';
import { imageFormatOf } from '../core/imageFormat.ts';
import { decodeEncoded } from './encoded.ts';
import { imageSizeOf } from './imageSize.ts';

const ascii = (text: string) => Array.from(text, (letter) => letter.charCodeAt(0));
const bytes = (...values: number[]) => new Uint8Array([...values, ...new Uint8Array(40)]);

describe('imageFormatOf', () => {
  it('tells formats by content', () => {
    expect(imageFormatOf(bytes(0xff, 0xd8, 0xff, 0xe0))).toBe('jpeg');
    expect(imageFormatOf(bytes(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a))).toBe('png');
    expect(imageFormatOf(bytes(...ascii('RIFF'), 1, 2, 3, 4, ...ascii('WEBP')))).toBe('webp');
    expect(imageFormatOf(bytes(0, 0, 0, 28, ...ascii('ftypmif1'), 0, 0, 0, 0, ...ascii('avif')))).toBe('avif');
  });

  it('knows nothing else', () => {
    expect(imageFormatOf(bytes(...ascii('GIF89a')))).toBe(undefined);
    expect(imageFormatOf(bytes(0, 0, 0, 20, ...ascii('ftypheic')))).toBe(undefined);
    expect(imageFormatOf(new Uint8Array(0))).toBe(undefined);
    expect(imageFormatOf(new Uint8Array([0xff, 0xd8]))).toBe(undefined);
  });
});

describe('imageSizeOf', () => {
  it('reads PNG', () => {
    const png = new Uint8Array(24);
    new DataView(png.buffer).setUint32(16, 60_000);
    new DataView(png.buffer).setUint32(20, 7);
    expect(imageSizeOf(png, 'png')).toEqual({ width: 60_000, height: 7 });
  });

  it('walks JPEG segments to the frame header', () => {
    const jpeg = bytes(
      0xff,
      0xd8,
      0xff,
      0xe0,
      0,
      4,
      9,
      9,
      0xff,
      0xc4,
      0,
      3,
      1,
      0xff,
      0xff,
      0xc2,
      0,
      11,
      8,
      1,
      0x2c,
      2,
      0x58,
    );
    expect(imageSizeOf(jpeg, 'jpeg')).toEqual({ width: 600, height: 300 });
  });

  it('reads the three kinds of WebP', () => {
    const webp = (kind: string, ...rest: number[]) =>
      bytes(...ascii('RIFF'), 0, 0, 0, 0, ...ascii('WEBP'), ...ascii(kind), 0, 0, 0, 0, ...rest);
    expect(imageSizeOf(webp('VP8X', 0, 0, 0, 0, 0x3f, 1, 0, 0xc7, 0, 0), 'webp')).toEqual({ width: 320, height: 200 });
    expect(imageSizeOf(webp('VP8 ', 0, 0, 0, 0x9d, 1, 0x2a, 0x40, 1, 0xc8, 0), 'webp')).toEqual({
      width: 320,
      height: 200,
    });
    expect(imageSizeOf(webp('VP8L', 0x2f, 0x3f, 0xc1, 0x31, 0), 'webp')).toEqual({ width: 320, height: 200 });
  });

  it('finds the largest picture of an AVIF, in the boxes of its header', () => {
    const box = (type: string, ...rest: number[]): number[] => [0, 0, 0, 8 + rest.length, ...ascii(type), ...rest];
    const ispe = (width: number, height: number) =>
      box('ispe', 0, 0, 0, 0, 0, 0, width >> 8, width & 255, 0, 0, height >> 8, height & 255);
    const header = (...sizes: number[]) =>
      new Uint8Array([
        ...box('ftyp', ...ascii('avif'), 0, 0, 0, 0),
        ...box(
          'meta',
          0,
          0,
          0,
          0,
          ...box('hdlr', 1, 2, 3),
          ...box('iprp', ...box('ipco', ...box('pixi', 0), ...sizes)),
        ),
      ]);
    const whole = header(...ispe(160, 120), ...ispe(65_535, 65_535));
    expect(imageSizeOf(whole, 'avif')).toEqual({ width: 65_535, height: 65_535 });
    for (let length = 0; length < whole.length; length++)
      expect(imageSizeOf(whole.subarray(0, length), 'avif')).toBe(undefined);
  });

  it('says nothing about a cut header', () => {
    for (const format of ['png', 'jpeg', 'webp', 'avif'] as const)
      expect(imageSizeOf(new Uint8Array([0xff, 0xd8, 0xff]), format)).toBe(undefined);
  });
});

describe('decodeEncoded', () => {
  it('refuses by the header alone, before any decoder is asked', async () => {
    const png = bytes(
      0x89,
      ...ascii('PNG'),
      13,
      10,
      26,
      10,
      0,
      0,
      0,
      13,
      ...ascii('IHDR'),
      0,
      0,
      255,
      255,
      0,
      0,
      255,
      255,
    );
    await expect(decodeEncoded({ kind: 'encoded', format: 'png', bytes: png })).rejects.toMatchObject({
      code: 'too-large',
      message: 'The image is 65535 × 65535 pixels; the limits are 16384 on a side and 67 million in all.',
    });
    const kept = { kind: 'encoded', format: 'unknown', bytes: new Uint8Array(0) } as const;
    await expect(decodeEncoded(kept)).rejects.toMatchObject({ code: 'cannot-decode' });
  });
});
