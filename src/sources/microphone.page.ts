/** The page's half of the microphone: permission, device, and a stream of sound that is transferred to the worker. */
import { WeirError } from '../core/errors.ts';

export interface PageSound {
  readonly readable: ReadableStream<AudioData>;
  readonly facts: string;
  stop(): void;
}

declare const MediaStreamTrackProcessor:
  | (new (init: {
      track: MediaStreamTrack;
    }) => { readonly readable: ReadableStream<AudioData> })
  | undefined;

/**
 * An empty `deviceId` is the browser's choice. The sound is taken as it is: what browsers do for calls (echo, noise and
 * level) would be measured with the model.
 * @throws WeirError permission-denied, device-busy or device-gone
 */
export async function openMicrophone(
  { deviceId }: { readonly deviceId: string },
  onEnded: (error: WeirError) => void,
): Promise<PageSound> {
  if (navigator.mediaDevices === undefined)
    throw new WeirError(
      'permission-denied',
      'This browser gives microphones only to pages over https or on localhost.',
    );
  if (typeof MediaStreamTrackProcessor === 'undefined')
    throw new WeirError('device-gone', 'This browser does not hand live sound to workers. A sound file works.');
  let stream: MediaStream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      video: false,
      audio: {
        ...(deviceId === '' ? {} : { deviceId: { exact: deviceId } }),
        echoCancellation: false,
        noiseSuppression: false,
        autoGainControl: false,
      },
    });
  } catch (error) {
    throw microphoneError(error);
  }
  const track = stream.getAudioTracks()[0];
  if (track === undefined) throw new WeirError('device-gone', 'The microphone gave no sound.');
  track.onended = () => onEnded(new WeirError('device-gone', 'The microphone was unplugged or switched off.'));
  const { sampleRate } = track.getSettings();
  const { readable } = new MediaStreamTrackProcessor({ track });
  const facts = `${track.label.slice(0, 60)}${sampleRate === undefined ? '' : `, ${sampleRate} Hz`}`;
  return { readable, facts, stop: () => track.stop() };
}

function microphoneError(error: unknown): WeirError {
  const name = error instanceof DOMException ? error.name : '';
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return new WeirError('permission-denied', 'The browser did not allow the microphone.', { cause: error });
    case 'NotReadableError':
    case 'AbortError':
      return new WeirError('device-busy', 'The microphone is used by another program.', { cause: error });
    default:
      return new WeirError('device-gone', 'No microphone of that kind is connected.', { cause: error });
  }
}
