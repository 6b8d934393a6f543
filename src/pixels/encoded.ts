/**
 * Encoded images to upright RGBA: sizes are checked in the header before anything is allocated, then the browser decodes.
 * EXIF orientation is honoured by the browser (`from-image`); boxes are in upright pixels.
 */
import { WeirError } from '../core/errors.ts';
import type { EncodedPayload, Picture } from '../core/payload.ts';
import { imageSizeOf } from './imageSize.ts';

/** 8192 x 8192: a quarter of a gigabyte of RGBA. */
const maxPixels = 67_108_864;
const maxSide = 16_384;

let canvas: OffscreenCanvas | undefined;
let context: OffscreenCanvasRenderingContext2D | undefined;

/** Throws `too-large` or `cannot-decode`. */
export async function decodeEncoded({ bytes, format }: EncodedPayload): Promise<Picture> {
  if (format === 'unknown' || format === 'npy') {
    throw new WeirError(
      'cannot-decode',
      'The bytes are no image of a known format (JPEG, PNG, WebP, AVIF) and no .npy array.',
    );
  }
  const announced = imageSizeOf(bytes, format);
  if (announced !== undefined) checkSize(announced.width, announced.height);
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(new Blob([bytes], { type: `image/${format}` }), {
      imageOrientation: 'from-image',
      premultiplyAlpha: 'none',
      colorSpaceConversion: 'default',
    });
  } catch (thrown) {
    throw new WeirError('cannot-decode', `The ${format.toUpperCase()} image could not be decoded.`, { cause: thrown });
  }
  try {
    const { width, height } = bitmap;
    checkSize(width, height);
    const context = surface(width, height);
    // Transparent pixels would otherwise show the previous frame.
    context.globalCompositeOperation = 'copy';
    context.drawImage(bitmap, 0, 0);
    return { buffer: context.getImageData(0, 0, width, height).data.buffer, width, height };
  } finally {
    bitmap.close();
  }
}

function checkSize(width: number, height: number): void {
  if (width > maxSide || height > maxSide || width * height > maxPixels)
    throw new WeirError(
      'too-large',
      `The image is ${width} × ${height} pixels; the limits are ${maxSide} on a side and 67 million in all.`,
    );
  if (width < 1 || height < 1) throw new WeirError('cannot-decode', 'The image has no pixels.');
}

/** One canvas per worker; `willReadFrequently` keeps it on the CPU, where it waits for no other thread. */
function surface(width: number, height: number): OffscreenCanvasRenderingContext2D {
  if (canvas === undefined || canvas.width !== width || canvas.height !== height) {
    canvas = new OffscreenCanvas(width, height);
    context = canvas.getContext('2d', { willReadFrequently: true }) ?? undefined;
  }
  if (context === undefined) throw new WeirError('out-of-memory', 'No canvas of this size could be made.');
  return context;
}
