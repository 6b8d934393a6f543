/** Sound of any rate and number of channels as windows of one rate, mono, each with the sound before it in front. */
import { createResampler, type Resampler } from './resampleSound.ts';

/** The part of AudioData that is needed; a demuxer's samples have it too. */
export interface SoundPiece {
  readonly sampleRate: number;
  readonly numberOfFrames: number;
  readonly numberOfChannels: number;
  copyTo(
    destination: Float32Array<ArrayBuffer>,
    options: { planeIndex: number; format: 'f32-planar'; frameOffset: number; frameCount: number },
  ): void;
}

export type SoundWindow = Float32Array<ArrayBuffer>;

export interface SoundWindows {
  /** Whole windows, `[contextSamples + windowSamples]` each, values in -1 … 1. `skip` frames of the piece are left out. */
  push(piece: SoundPiece, skip?: number): SoundWindow[];
  /** The last one, filled up with silence; none where nothing is left. */
  flush(): SoundWindow[];
  /** A window that nobody needs any more serves as a later one. */
  recycle(window: SoundWindow): void;
}

export interface WindowSettings {
  readonly sampleRate: number;
  readonly windowSamples: number;
  readonly contextSamples: number;
}

const maxPooled = 4;

export function createSoundWindows({ sampleRate, windowSamples, contextSamples }: WindowSettings): SoundWindows {
  const size = contextSamples + windowSamples;
  const pool: SoundWindow[] = [];
  let resampler: Resampler | undefined;
  let rate = 0;
  let window = new Float32Array(size);
  let filled = contextSamples;

  /** Lets `write` fill the window piece by piece; it gets the place and where in the sound to read from. */
  const fill = (samples: number, write: (place: SoundWindow, from: number) => void): SoundWindow[] => {
    const whole: SoundWindow[] = [];
    for (let at = 0; at < samples; ) {
      const count = Math.min(samples - at, size - filled);
      write(window.subarray(filled, filled + count), at);
      filled += count;
      at += count;
      if (filled < size) break;
      whole.push(window);
      const next = pool.pop() ?? new Float32Array(size);
      next.set(window.subarray(windowSamples));
      window = next;
      filled = contextSamples;
    }
    return whole;
  };
  const take = (samples: Float32Array) =>
    fill(samples.length, (place, from) => place.set(samples.subarray(from, from + place.length)));

  return {
    push(piece, skip = 0) {
      // A device may change its rate when headphones are plugged in.
      const tail = resampler !== undefined && piece.sampleRate !== rate ? take(resampler.flush()) : [];
      if (piece.sampleRate !== rate) resampler = undefined;
      rate = piece.sampleRate;
      const count = piece.numberOfFrames - skip;
      // All of it lies before the place that was sought.
      if (count <= 0) return tail;
      if (rate === sampleRate && piece.numberOfChannels === 1) {
        const plain = fill(count, (place, from) =>
          piece.copyTo(place, {
            planeIndex: 0,
            format: 'f32-planar',
            frameOffset: skip + from,
            frameCount: place.length,
          }),
        );
        return [...tail, ...plain];
      }
      const mono = monoOf(piece, skip, count);
      if (rate === sampleRate) return [...tail, ...take(mono)];
      resampler ??= createResampler(rate, sampleRate);
      return [...tail, ...take(resampler.push(mono))];
    },
    flush() {
      const tail = resampler === undefined ? [] : take(resampler.flush());
      resampler = undefined;
      if (filled === contextSamples) return tail;
      return [...tail, ...take(new Float32Array(size - filled))];
    },
    recycle(used) {
      // A window that went to an engine has left its buffer there.
      if (used.length === size && pool.length < maxPooled) pool.push(used);
    },
  };
}

/** The mean of all channels. */
function monoOf(piece: SoundPiece, frameOffset: number, frameCount: number): Float32Array {
  const mono = new Float32Array(frameCount);
  const plane = new Float32Array(frameCount);
  const channels = piece.numberOfChannels;
  for (let planeIndex = 0; planeIndex < channels; planeIndex++) {
    piece.copyTo(plane, { planeIndex, format: 'f32-planar', frameOffset, frameCount });
    for (let i = 0; i < frameCount; i++) mono[i] = (mono[i] as number) + (plane[i] as number);
  }
  const share = 1 / channels;
  for (let i = 0; i < frameCount; i++) mono[i] = (mono[i] as number) * share;
  return mono;
}
