/**
 * Frames of a camera or a shared screen in the worker: each is copied out in its native format and closed at once, because
 * two unclosed frames stop the camera; where the GPU takes it as it is, the newest waits open.
 */
import { Delivery } from '../core/delivery.ts';
import type { FramePayload, Payload, RawPayload } from '../core/payload.ts';
import type { Source, SourceContext } from '../core/source.ts';
import { copyFrame } from './copyFrame.ts';
import { createDeviceSource, type Device } from './device.ts';
import { closeFrame, frameBytes, isPlain, keepFrame } from './frames.ts';
import { createTiming } from './timing.ts';

/** A screen sends a frame when something has changed: a gap of its timestamps is no loss (`regular` false). */
export function createCamera(
  acquire: Device<VideoFrame>['acquire'],
  { regular }: { readonly regular: boolean },
  context: SourceContext,
): Source {
  return createDeviceSource(
    {
      acquire,
      stopped: `The ${context.id} stopped sending pictures.`,
      createReader(subscriber) {
        const timing = createTiming();
        const pool: ArrayBuffer[] = [];
        let id = 0;
        return async (frame) => {
          const arrived = context.clock.now();
          const { scheduled, missed } = timing.next(frame.timestamp / 1000, arrived);
          const payload = await taken(frame, pool, context.takesFrames?.() === true);
          if (subscriber.closed) return free(payload);
          if (regular && missed > 0) context.onMissed(missed);
          subscriber.next(
            new Delivery<Payload>({
              id: id++,
              source: context.id,
              payload,
              bytes: payload.kind === 'raw' ? payload.buffer.byteLength : frameBytes(payload),
              scheduled,
              arrived,
              onSettle: () => free(payload, pool),
            }),
          );
        };
      },
    },
    context,
  );
}

async function taken(frame: VideoFrame, pool: ArrayBuffer[], asIs: boolean): Promise<RawPayload | FramePayload> {
  if (asIs && isPlain(frame)) return keepFrame(frame);
  try {
    return await copyFrame(frame, pool.pop());
  } finally {
    frame.close();
  }
}

/** A buffer that was dropped before the engine took it is still ours and serves the next frame. */
function free(payload: RawPayload | FramePayload, pool: ArrayBuffer[] = []): void {
  // One that the engine has taken is closed here already.
  if (payload.kind === 'frame') closeFrame(payload);
  else if (payload.buffer.byteLength > 0 && pool.length < 4) pool.push(payload.buffer);
}
