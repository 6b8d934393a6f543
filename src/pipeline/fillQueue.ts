/** Fills a work queue from this page: pictures of the scene, encoded here, so that a newcomer sees it work in a minute. */
import type { BrokerSession } from '../brokers/broker.ts';
import { WeirError } from '../core/errors.ts';
import type { Settings } from '../core/settings.ts';
import { drawScene } from '../pixels/scene/drawScene.ts';

export interface FillOptions {
  readonly count: number;
  /** Jobs per second. */
  readonly ratePerS: number;
  readonly scene: Settings['source'];
  /** Asked before each job: the connection of this moment. */
  readonly session: () => BrokerSession | undefined;
}

const most = 10_000;

/** How many were stored; fewer than asked when the connection was lost. @throws WeirError when the first one is refused */
export async function fillQueue({ count, ratePerS, scene, session }: FillOptions): Promise<number> {
  if (!Number.isInteger(count) || count < 1 || count > most || !(ratePerS > 0))
    throw new WeirError('bad-settings', `From 1 to ${most} jobs can be put at a rate above 0.`);
  const { width, height, seed, difficulty, motion } = scene;
  const run = crypto.getRandomValues(new Uint32Array(1))[0]?.toString(36) ?? '';
  const started = performance.now();
  for (let index = 0; index < count; index++) {
    const wait = started + (index * 1000) / ratePerS - performance.now();
    if (wait > 1) await new Promise((done) => setTimeout(done, wait));
    const { buffer } = drawScene({ kind: 'scene', seed, t: index / 5, width, height, difficulty, motion });
    const body = await encode(buffer, width, height);
    const through = session();
    if (through === undefined) return index;
    try {
      await through.put({ to: '', id: `scene-${run}-${index}`, body, contentType: 'image/jpeg', headers: {} });
    } catch (error) {
      if (index === 0) throw WeirError.wrap(error, 'connection-lost');
      return index;
    }
  }
  return count;
}

async function encode(buffer: ArrayBuffer, width: number, height: number): Promise<Uint8Array<ArrayBuffer>> {
  const canvas = new OffscreenCanvas(width, height);
  const pixels = new Uint8ClampedArray(buffer, 0, width * height * 4);
  canvas.getContext('2d')?.putImageData(new ImageData(pixels, width, height), 0, 0);
  const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.85 });
  return new Uint8Array(await blob.arrayBuffer());
}
