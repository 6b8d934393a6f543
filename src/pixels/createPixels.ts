/**
 * From any payload to an upright RGBA picture: the first part of `prepare`, after admission, inside an engine worker.
 * A payload that cannot become a picture throws a WeirError, which fails that one frame.
 */
import { assertNever, WeirError } from '../core/errors.ts';
import type { Payload, Picture } from '../core/payload.ts';
import { parseNpy } from '../core/wire/npy.ts';
import { decodeEncoded } from './encoded.ts';
import { pictureOfTensor } from './pictureOfTensor.ts';
import { rotate } from './rotate.ts';
import { drawScene } from './scene/drawScene.ts';
import { createYuv, type Yuv } from './yuv.ts';
import url from './yuv.wasm?url';

export interface Pixels {
  /** `recycle` is used when it is large enough; the picture's buffer is always an own, transferable one. */
  toPicture(payload: Payload, recycle?: ArrayBuffer): Promise<Picture>;
}

export function createPixels(): Pixels {
  // Only cameras need it, so it is fetched with the first raw frame.
  let yuv: Promise<Yuv> | undefined;
  return {
    async toPicture(payload, recycle) {
      switch (payload.kind) {
        case 'encoded':
          return payload.format === 'npy' ? pictureOfTensor(parseNpy(payload.bytes), recycle) : decodeEncoded(payload);
        case 'scene':
          return drawScene(payload, recycle);
        case 'tensor':
          return pictureOfTensor(payload, recycle);
        case 'raw':
          yuv ??= loadYuv().catch((error: unknown) => {
            // The next frame tries again.
            yuv = undefined;
            throw error;
          });
          return rotate((await yuv).toPicture(payload, recycle), payload.rotation ?? 0);
        case 'frame':
          throw new Error('A frame is copied out before it becomes a picture.');
        case 'broken':
          throw WeirError.fromData(payload.error);
        default:
          return assertNever(payload);
      }
    },
  };
}

async function loadYuv(): Promise<Yuv> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status}`);
  return createYuv(await response.arrayBuffer());
}
