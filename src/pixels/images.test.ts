/** What can be known of an image and of the scene without decoding or drawing. */
import { describe, expect, it } from 'vitest';
import { imageFormatOf } from '../core/imageFormat.ts';
import { imageSizeOf } from './imageSize.ts';
import { drawScene } from './scene.ts';
import { sceneShapes } from './sceneShapes.ts';

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

  it('says nothing about a cut header', () => {
    for (const format of ['png', 'jpeg', 'webp', 'avif'] as const)
      expect(imageSizeOf(new Uint8Array([0xff, 0xd8, 0xff]), format)).toBe(undefined);
  });
});

describe('sceneShapes', () => {
  const at = (t: number, seed = 7) => sceneShapes({ kind: 'scene', seed, t, width: 1280, height: 720 });

  it('is the same for the same recipe and different for another seed', () => {
    expect(at(3.21)).toEqual(at(3.21));
    expect(at(3.21)).not.toEqual(at(3.21, 8));
  });

  it('keeps 6 to 8 shapes inside the picture and moves them smoothly', () => {
    for (let seed = 0; seed < 20; seed++)
      for (let t = 0; t < 60; t += 1.7) {
        const now = at(t, seed);
        const next = at(t + 1 / 60, seed);
        expect(now.length).toBeGreaterThanOrEqual(6);
        expect(now.length).toBeLessThanOrEqual(8);
        now.forEach((shape, i) => {
          expect(shape.x - shape.radius).toBeGreaterThan(-0.01);
          expect(shape.x + shape.radius).toBeLessThan(1280.01);
          expect(shape.y - shape.radius).toBeGreaterThan(-0.01);
          expect(shape.y + shape.radius).toBeLessThan(720.01);
          expect(Math.hypot(shape.x - (next[i]?.x ?? 0), shape.y - (next[i]?.y ?? 0))).toBeLessThan(4);
        });
      }
  });
});

describe('drawScene', () => {
  const recipe = { kind: 'scene', seed: 7, t: 3.21, width: 320, height: 240 } as const;
  const bytesOf = (picture: { buffer: ArrayBuffer }) => new Uint8Array(picture.buffer, 0, 320 * 240 * 4);

  it('draws the same opaque pixels into a new buffer and into a used, larger one', () => {
    const fresh = drawScene(recipe);
    const used = new ArrayBuffer(400_000);
    new Uint8Array(used).fill(99);
    const again = drawScene(recipe, used);
    expect(again.buffer).toBe(used);
    expect(drawScene(recipe, new ArrayBuffer(16)).buffer.byteLength).toBe(320 * 240 * 4);
    expect(bytesOf(again)).toEqual(bytesOf(fresh));
    expect(bytesOf(fresh).every((byte, i) => i % 4 !== 3 || byte === 255)).toBe(true);
  });

  it('shows each shape that nothing covers in its colour, and the background beyond every shape', () => {
    for (let seed = 0; seed < 20; seed++) {
      const scene = { ...recipe, seed };
      const words = new Int32Array(drawScene(scene).buffer);
      const shapes = sceneShapes(scene);
      const at = (x: number, y: number) => words[Math.floor(y) * 320 + Math.floor(x)];
      shapes.forEach((shape, i) => {
        const covered = shapes
          .slice(i + 1)
          .some((top) => Math.hypot(top.x - shape.x, top.y - shape.y) < top.radius + 2);
        if (!covered) expect(at(shape.x, shape.y)).toBe(shape.color | 0);
      });
      const still = new Set(shapes.map(({ color }) => color | 0));
      const astray = words.filter((word, i) => {
        const x = (i % 320) + 0.5;
        const y = Math.floor(i / 320) + 0.5;
        return still.has(word) && shapes.every((shape) => Math.hypot(shape.x - x, shape.y - y) > shape.radius + 1);
      });
      expect(astray.length).toBe(0);
    }
  });
});
