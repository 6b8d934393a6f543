/** Preparation as a frame of a camera goes through it in Weir: copied out in its own format, to RGBA, to the input, to its place. */
import '../../src/trustedTypes.ts';
import type { Prepare } from '../../src/core/card.ts';
import { createInputRing } from '../../src/engine/inputRing.ts';
import { loadPreparer } from '../../src/engine/loadPreparer.ts';
import { createPixels } from '../../src/pixels/createPixels.ts';
import { copyFrame } from '../../src/sources/copyFrame.ts';

export interface ToPrepare {
  readonly frames: readonly VideoFrame[];
  readonly size: number;
  readonly ms: number;
}

const pixels = createPixels();
const preparer = loadPreparer();
const ring = createInputRing(self.crossOriginIsolated);

self.onmessage = async ({ data: { frames, size, ms } }: MessageEvent<ToPrepare>) => {
  const prepare: Prepare = {
    input: 'x',
    width: size,
    height: size,
    fit: 'stretch',
    color: 'rgb',
    layout: 'nchw',
    type: 'float32',
    scale: 1 / 128,
    mean: [127 / 128, 127 / 128, 127 / 128],
    std: [1, 1, 1],
    pad: 0,
  };
  const started = performance.now();
  let count = 0;
  let now = started;
  let recycle: ArrayBuffer | undefined;
  while (now - started < ms) {
    const frame = frames[count % frames.length];
    if (frame === undefined) throw new Error('No frames were given.');
    const picture = await pixels.toPicture(await copyFrame(frame, undefined), recycle);
    recycle = picture.buffer;
    const { data } = (await preparer).prepare(picture, prepare);
    ring.place({ name: 'x', type: 'float32', dims: [1, 3, size, size], data });
    count += 1;
    now = performance.now();
  }
  for (const frame of frames) frame.close();
  self.postMessage((now - started) / count);
};
