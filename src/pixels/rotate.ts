/** Turns RGBA pictures upright: cameras and phones write rotated frames and say by how much. */
import type { Picture } from '../core/payload.ts';

/** A turned copy; clockwise degrees. The picture itself comes back for 0. */
export function rotate(picture: Picture, degrees: 0 | 90 | 180 | 270): Picture {
  if (degrees === 0) return picture;
  const { width, height } = picture;
  const from = new Uint32Array(picture.buffer, 0, width * height);
  const buffer = new ArrayBuffer(width * height * 4);
  const to = new Uint32Array(buffer);
  const turned = degrees === 180 ? { width, height } : { width: height, height: width };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at =
        degrees === 90
          ? x * turned.width + (height - 1 - y)
          : degrees === 180
            ? (height - 1 - y) * width + (width - 1 - x)
            : (width - 1 - x) * turned.width + y;
      to[at] = from[y * width + x] ?? 0;
    }
  }
  return { buffer, ...turned };
}
