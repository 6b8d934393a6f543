/** Any payload to a picture, frames that the browser still holds included: they are copied out, and closed. */
import type { Payload, Picture } from '../core/payload.ts';
import { createPixels } from '../pixels/createPixels.ts';
import { copyFrame } from '../sources/copyFrame.ts';

export function createPictures(): (payload: Payload, recycle?: ArrayBuffer) => Promise<Picture> {
  const pixels = createPixels();
  return async (payload, recycle) => {
    if (payload.kind !== 'frame') return pixels.toPicture(payload, recycle);
    const { frame } = payload;
    try {
      return await pixels.toPicture(await copyFrame(frame, undefined), recycle);
    } finally {
      frame.close();
    }
  };
}
