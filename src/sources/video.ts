/** A video file, demuxed and decoded in this worker: unlike a video element it waits for its consumer. */
import type { Observable } from 'rxjs';
import type { Input, InputVideoTrack, VideoSample } from 'mediabunny';
import { WeirError } from '../core/errors.ts';
import type { RawPayload } from '../core/payload.ts';
import type { Settings } from '../core/settings.ts';
import type { Source, SourceContext } from '../core/source.ts';
import { copyFrame } from './copyFrame.ts';
import { type Mediabunny, openInput } from './openInput.ts';
import type { Place } from './place.ts';
import { createRecordingSource, type Part, type Recording } from './recording.ts';

export function createVideo(
  file: File | undefined,
  settings$: Observable<Settings['source']>,
  place: Place,
  context: SourceContext,
): Source {
  return createRecordingSource(
    {
      file,
      open: (chosen) => openInput(chosen, (input, library) => openVideo(chosen, input, library)),
      none: 'No video is chosen yet: drop one on the page.',
      damaged:
        'The file is no video that can be read, or it is damaged. What no browser reads, such as AVI, comes by npm run feed.',
    },
    settings$,
    place,
    context,
  );
}

async function openVideo({ name }: File, input: Input, { VideoSampleSink }: Mediabunny): Promise<Recording> {
  const track: InputVideoTrack | null = await input.getPrimaryVideoTrack();
  if (track === null) throw new WeirError('cannot-decode', 'The file holds no video.');
  const codec = (await track.getCodecParameterString()) ?? track.codec ?? 'its codec';
  if (!(await track.canDecode())) {
    throw new WeirError(
      'cannot-decode',
      `This browser cannot decode ${codec.slice(0, 40)}. Convert it to H.264 or VP9, for example with ffmpeg.`,
    );
  }
  const durationS = await input.getDurationFromMetadata();
  const sink = new VideoSampleSink(track);
  const pool: ArrayBuffer[] = [];
  return {
    facts: `${name.slice(0, 60)}, ${track.displayWidth} × ${track.displayHeight}, ${codec.slice(0, 20)}`,
    ...(durationS === null ? {} : { durationS }),
    async *parts(fromS) {
      for await (const sample of sink.samples(fromS)) yield partOf(sample, pool);
    },
    end: () => input.dispose(),
  };
}

function partOf(sample: VideoSample, pool: ArrayBuffer[]): Part {
  const taken = takeOut(sample, pool.pop()).then((payload) => ({
    payload,
    bytes: payload.buffer.byteLength,
    // A buffer that was dropped before the engine took it is still ours and serves the next frame.
    onSettle: () => {
      if (payload.buffer.byteLength > 0 && pool.length < 4) pool.push(payload.buffer);
    },
  }));
  // Read ahead, it may fail before anybody waits for it; whoever does still hears of it.
  taken.catch(() => undefined);
  return { atS: sample.timestamp, lengthS: sample.duration, taken };
}

async function takeOut(sample: VideoSample, recycle: ArrayBuffer | undefined): Promise<RawPayload> {
  const { rotation } = sample;
  let frame: VideoFrame | undefined;
  try {
    frame = sample.toVideoFrame();
    const payload = await copyFrame(frame, recycle);
    return payload.rotation === undefined && rotation !== 0 ? { ...payload, rotation } : payload;
  } finally {
    frame?.close();
    sample.close();
  }
}
