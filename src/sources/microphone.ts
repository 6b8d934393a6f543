/** Sound of a microphone as windows, in the worker; what the page opened arrives as a stream of AudioData. */
import { Delivery } from '../core/delivery.ts';
import type { Payload } from '../core/payload.ts';
import type { Settings } from '../core/settings.ts';
import type { Source, SourceContext } from '../core/source.ts';
import { createDeviceSource, type Device } from './device.ts';
import { createTiming } from './timing.ts';
import { soundPayload } from './soundPayload.ts';
import { createSoundWindows } from './soundWindows.ts';

/** Closed when it has been read, also where it cannot be. */
function taken<R>(piece: AudioData, read: (piece: AudioData) => R): R {
  try {
    return read(piece);
  } finally {
    piece.close();
  }
}

export function createMicrophone(
  acquire: Device<AudioData>['acquire'],
  current: Settings['source'],
  context: SourceContext,
): Source {
  return createDeviceSource(
    {
      acquire,
      stopped: 'The microphone stopped.',
      createReader(subscriber) {
        const windows = createSoundWindows(current);
        const windowMs = (current.windowSamples / current.sampleRate) * 1000;
        const timing = createTiming();
        /** Where the next piece should begin, ms of the device's clock. */
        let expected: number | undefined;
        let id = 0;
        return (piece) => {
          const arrived = context.clock.now();
          const begins = piece.timestamp / 1000;
          const ends = begins + (piece.numberOfFrames / piece.sampleRate) * 1000;
          const lostMs = expected === undefined ? 0 : begins - expected;
          if (lostMs > windowMs) context.onMissed(Math.floor(lostMs / windowMs));
          expected = ends;
          const { scheduled } = timing.next(ends, arrived);
          const whole = taken(piece, (open) => windows.push(open));
          for (const data of whole)
            subscriber.next(
              new Delivery<Payload>({
                id: id++,
                source: context.id,
                ...soundPayload(data, windows),
                scheduled,
                arrived,
              }),
            );
        };
      },
    },
    context,
  );
}
