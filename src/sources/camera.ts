/**
 * Camera frames in the worker: each is copied out in its native format and closed at once, because two unclosed
 * frames stop the camera. One `read()` is pending at a time and never abandoned.
 */
import { Observable } from 'rxjs';
import { Delivery } from '../core/delivery.ts';
import { WeirError } from '../core/errors.ts';
import type { Payload, RawPayload } from '../core/payload.ts';
import type { Source, SourceContext } from '../core/source.ts';
import { copyFrame } from './copyFrame.ts';

export interface CameraFeed {
  readonly readable: ReadableStream<VideoFrame>;
  readonly facts: string;
  /** Resolves with the reason when the camera goes away. */
  readonly ended: Promise<WeirError>;
}

/** `acquire` asks the page, the only thread that may open a camera; the signal gives it back. */
export function createCamera(acquire: (signal: AbortSignal) => Promise<CameraFeed>, context: SourceContext): Source {
  return {
    pausable: false,
    open: () =>
      new Observable<Delivery<Payload>>((subscriber) => {
        const abort = new AbortController();
        context.onState({ status: 'opening' });
        acquire(abort.signal)
          .then(async (feed) => {
            context.onState({ status: 'open', facts: feed.facts });
            void feed.ended.then((error) => subscriber.error(error));
            await pump(feed.readable.getReader());
          })
          .catch((error: unknown) => {
            if (!abort.signal.aborted) subscriber.error(WeirError.wrap(error, 'device-gone'));
          });

        const pump = async (reader: ReadableStreamDefaultReader<VideoFrame>) => {
          const timing = createTiming();
          const pool: ArrayBuffer[] = [];
          for (let id = 0; ; id++) {
            const { done, value: frame } = await reader.read();
            if (done || subscriber.closed) {
              frame?.close();
              void reader.cancel();
              if (!subscriber.closed)
                subscriber.error(new WeirError('device-gone', 'The camera stopped sending pictures.'));
              return;
            }
            const arrived = context.clock.now();
            const { scheduled, missed } = timing.next(frame.timestamp / 1000, arrived);
            let payload: RawPayload;
            try {
              payload = await copyFrame(frame, pool.pop());
            } finally {
              frame.close();
            }
            if (subscriber.closed) continue;
            if (missed > 0) context.onMissed(missed);
            subscriber.next(
              new Delivery<Payload>({
                id,
                source: context.id,
                payload,
                bytes: payload.buffer.byteLength,
                scheduled,
                arrived,
                // A buffer that was dropped before the engine took it is still ours and serves the next frame.
                onSettle: () => {
                  if (payload.buffer.byteLength > 0 && pool.length < 4) pool.push(payload.buffer);
                },
              }),
            );
          }
        };
        return () => abort.abort();
      }),
  };
}

/**
 * Intended arrival times and missed frames from the camera's own timestamps (ms).
 * scheduled = timestamp + min over frames(arrived - timestamp); a gap of k frame intervals means k - 1 were missed,
 * the interval being the median of the last gaps.
 */
export function createTiming(): { next(timestamp: number, arrived: number): { scheduled: number; missed: number } } {
  let offset = Infinity;
  let last: number | undefined;
  const gaps: number[] = [];
  return {
    next(timestamp, arrived) {
      offset = Math.min(offset, arrived - timestamp);
      let missed = 0;
      if (last !== undefined) {
        const gap = timestamp - last;
        const interval = median(gaps);
        if (gaps.length >= 8 && interval > 0 && gap > 1.5 * interval) missed = Math.round(gap / interval) - 1;
        if (gap > 0) gaps.push(gap);
        if (gaps.length > 31) gaps.shift();
      }
      last = timestamp;
      return { scheduled: timestamp + offset, missed };
    },
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
