/**
 * A video file, demuxed and decoded in this worker: unlike a video element it waits for its consumer, so `block` loses
 * nothing. Times are the file's own, divided by the speed; without demand the plan moves on with the wait.
 */
import { Observable } from 'rxjs';
import type { InputVideoTrack, VideoSample } from 'mediabunny';
import { Delivery } from '../core/delivery.ts';
import { WeirError } from '../core/errors.ts';
import type { Payload, RawPayload } from '../core/payload.ts';
import type { Settings } from '../core/settings.ts';
import type { Source, SourceContext } from '../core/source.ts';
import { copyFrame } from './copyFrame.ts';
import { wakeAt } from './pacer.ts';

/** Errors with `cancelled` when there is no file, `cannot-decode` when this browser cannot play it. */
export function createVideo(
  file: File | undefined,
  settings$: Observable<Settings['source']>,
  context: SourceContext,
): Source {
  const { clock } = context;
  return {
    pausable: true,
    open: (demand) =>
      new Observable<Delivery<Payload>>((subscriber) => {
        let settings: Settings['source'] | undefined;
        let asked = 0;
        let wake = () => {};
        const pool: ArrayBuffer[] = [];
        /** Resolves with the next change of demand or settings. */
        const changed = () =>
          new Promise<void>((done) => {
            wake = done;
          });
        const sleepUntil = (at: number) =>
          new Promise<void>((done) => {
            const undo = wakeAt(clock, at, done);
            wake = () => {
              undo();
              done();
            };
          });

        const play = async (video: File): Promise<void> => {
          context.onState({ status: 'opening' });
          const { track, sink, facts, end } = await openTrack(video);
          subscriber.add(end);
          context.onState({ status: 'open', facts });
          const first = await track.getFirstTimestamp();
          let id = 0;
          // The wall clock of time 0 of the file; it moves whenever the consumer was late.
          let zero = clock.now() - (first / speed()) * 1000;
          do {
            for await (const sample of sink.samples()) {
              const shown = () => zero + (sample.timestamp / speed()) * 1000;
              while (!subscriber.closed && asked <= 0) await changed();
              if (subscriber.closed) return sample.close();
              if (speed() === Infinity || shown() < clock.now()) zero += clock.now() - shown();
              const due = speed() === Infinity ? clock.now() : shown();
              while (!subscriber.closed && clock.now() < due && speed() !== Infinity) await sleepUntil(due);
              if (subscriber.closed) return sample.close();
              const payload = await takeOut(sample, pool.pop());
              asked -= 1;
              subscriber.next(
                new Delivery<Payload>({
                  id: id++,
                  source: context.id,
                  payload,
                  bytes: payload.buffer.byteLength,
                  scheduled: due,
                  arrived: clock.now(),
                  // A buffer that was dropped before the engine took it is still ours and serves the next frame.
                  onSettle: () => {
                    if (payload.buffer.byteLength > 0 && pool.length < 4) pool.push(payload.buffer);
                  },
                }),
              );
              if (subscriber.closed) return;
            }
            // The next round begins one frame after the last.
            zero = clock.now() + 1000 / 30 - (first / speed()) * 1000;
          } while (settings?.loop === true && id > 0 && !subscriber.closed);
          context.onState({ status: 'ended' });
          subscriber.complete();
        };
        const speed = () => (settings === undefined || settings.speed === 0 ? Infinity : settings.speed);

        const settingsSubscription = settings$.subscribe((value) => {
          settings = value;
          wake();
        });
        const demandSubscription = demand.subscribe((more) => {
          asked = more;
          wake();
        });
        if (file === undefined)
          subscriber.error(new WeirError('cancelled', 'No video is chosen yet: drop one on the page.'));
        else play(file).catch((error: unknown) => subscriber.error(cannotPlay(error)));
        return () => {
          settingsSubscription.unsubscribe();
          demandSubscription.unsubscribe();
          wake();
        };
      }),
  };
}

async function openTrack(file: File) {
  // Demuxers are large and most visitors never need one.
  const { ALL_FORMATS, BlobSource, Input, VideoSampleSink } = await import('mediabunny');
  const input = new Input({ source: new BlobSource(file), formats: ALL_FORMATS });
  const track: InputVideoTrack | null = await input.getPrimaryVideoTrack();
  if (track === null) throw new WeirError('cannot-decode', 'The file holds no video.');
  const codec = (await track.getCodecParameterString()) ?? track.codec ?? 'its codec';
  if (!(await track.canDecode())) {
    throw new WeirError(
      'cannot-decode',
      `This browser cannot decode ${codec.slice(0, 40)}. Convert it to H.264 or VP9, for example with ffmpeg.`,
    );
  }
  const facts = `${file.name.slice(0, 60)}, ${track.displayWidth} × ${track.displayHeight}, ${codec.slice(0, 20)}`;
  return { track, sink: new VideoSampleSink(track), facts, end: () => input.dispose() };
}

async function takeOut(sample: VideoSample, recycle: ArrayBuffer | undefined): Promise<RawPayload> {
  const { rotation } = sample;
  const frame = sample.toVideoFrame();
  try {
    const payload = await copyFrame(frame, recycle);
    return payload.rotation === undefined && rotation !== 0 ? { ...payload, rotation } : payload;
  } finally {
    frame.close();
    sample.close();
  }
}

function cannotPlay(error: unknown): WeirError {
  if (error instanceof WeirError) return error;
  return new WeirError('cannot-decode', 'The file is no video that can be read, or it is damaged.', { cause: error });
}
