/** The page's half of screen capture: the browser asks which screen, window or tab; frames go to the worker. */
import { WeirError } from '../core/errors.ts';
import { framesOfTrack, type PageFrames } from './trackFrames.page.ts';

/** @throws WeirError permission-denied or device-gone */
export async function openScreen(onEnded: (error: WeirError) => void): Promise<PageFrames> {
  if (navigator.mediaDevices?.getDisplayMedia === undefined)
    throw new WeirError('device-gone', 'This browser does not share screens, or only with pages over https.');
  let stream: MediaStream;
  try {
    stream = await navigator.mediaDevices.getDisplayMedia({ video: true, audio: false });
  } catch (error) {
    const name = error instanceof DOMException ? error.name : '';
    if (name === 'NotAllowedError' || name === 'InvalidStateError')
      throw new WeirError('permission-denied', 'No screen was chosen, or the browser did not allow it.', {
        cause: error,
      });
    throw new WeirError('device-gone', 'The screen could not be captured.', { cause: error });
  }
  const track = stream.getVideoTracks()[0];
  if (track === undefined) throw new WeirError('device-gone', 'The screen gave no picture.');
  track.onended = () => onEnded(new WeirError('device-gone', 'Sharing the screen was ended.'));
  const { width, height, displaySurface } = track.getSettings();
  const surfaces: Readonly<Record<string, string>> = { browser: 'a tab', window: 'a window', monitor: 'a screen' };
  return framesOfTrack(stream, track, `${surfaces[displaySurface ?? ''] ?? 'a screen'}, ${width} × ${height}`);
}
