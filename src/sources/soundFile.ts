/** A sound file, demuxed and decoded in this worker, as windows for a model that hears; carried state stays true under `block`. */
import type { Input } from 'mediabunny';
import type { Observable } from 'rxjs';
import { WeirError } from '../core/errors.ts';
import type { Settings } from '../core/settings.ts';
import type { Source, SourceContext } from '../core/source.ts';
import { type Mediabunny, openInput } from './openInput.ts';
import type { Place } from './place.ts';
import { createRecordingSource, type Part, type Recording } from './recording.ts';
import { soundPayload } from './soundPayload.ts';
import { createSoundWindows, type SoundWindow } from './soundWindows.ts';

export function createSoundFile(
  file: File | undefined,
  settings$: Observable<Settings['source']>,
  current: Settings['source'],
  place: Place,
  context: SourceContext,
): Source {
  return createRecordingSource(
    {
      file,
      open: (chosen) => openInput(chosen, (input, library) => openSound(chosen, current, input, library)),
      none: 'No sound file is chosen yet: drop one on the page.',
      damaged: 'The file is no sound that can be read, or it is damaged.',
    },
    settings$,
    place,
    context,
  );
}

async function openSound(
  { name }: File,
  settings: Settings['source'],
  input: Input,
  { AudioSampleSink }: Mediabunny,
): Promise<Recording> {
  const track = await input.getPrimaryAudioTrack();
  if (track === null) throw new WeirError('cannot-decode', 'The file holds no sound.');
  const codec = (await track.getCodecParameterString()) ?? track.codec ?? 'its codec';
  if (!(await track.canDecode())) {
    throw new WeirError(
      'cannot-decode',
      `This browser cannot decode ${codec.slice(0, 40)}. Convert it to WAV or Opus, for example with ffmpeg.`,
    );
  }
  if (track.sampleRate < 1000 || track.sampleRate > 768_000)
    throw new WeirError('cannot-decode', `The file claims a sample rate of ${track.sampleRate} Hz: it is damaged.`);
  const durationS = await input.getDurationFromMetadata();
  const sink = new AudioSampleSink(track);
  const lengthS = settings.windowSamples / settings.sampleRate;
  return {
    facts: `${name.slice(0, 60)}, ${track.sampleRate} Hz, ${codec.slice(0, 20)}`,
    ...(durationS === null ? {} : { durationS }),
    async *parts(fromS) {
      const windows = createSoundWindows(settings);
      let atS = fromS;
      const partsOf = (whole: SoundWindow[]) =>
        whole.map((data): Part => {
          atS += lengthS;
          const taken = Promise.resolve(soundPayload(data, windows));
          return { atS, lengthS, taken };
        });
      for await (const sample of sink.samples(fromS)) {
        const early = Math.max(0, Math.round((fromS - sample.timestamp) * sample.sampleRate));
        let whole: SoundWindow[];
        try {
          whole = windows.push(sample, Math.min(early, sample.numberOfFrames));
        } finally {
          sample.close();
        }
        yield* partsOf(whole);
      }
      yield* partsOf(windows.flush());
    },
    end: () => input.dispose(),
  };
}
