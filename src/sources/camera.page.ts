/**
 * The page's half of the camera: permission, device, and a stream of frames that is transferred to the worker.
 * It returns transferables only and never looks at a pixel.
 */
import { WeirError } from '../core/errors.ts';
import { framesOfTrack, type PageFrames } from './trackFrames.page.ts';

/**
 * Opens a camera; an empty `deviceId` is the browser's choice, width and height are wishes.
 * @throws WeirError permission-denied, device-busy or device-gone
 */
export async function openCamera(
  wish: { readonly deviceId: string; readonly width: number; readonly height: number },
  onEnded: (error: WeirError) => void,
): Promise<PageFrames> {
  if (navigator.mediaDevices === undefined) {
    throw new WeirError('permission-denied', 'This browser gives cameras only to pages over https or on localhost.');
  }
  let stream: MediaStream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: {
        ...(wish.deviceId === '' ? {} : { deviceId: { exact: wish.deviceId } }),
        width: { ideal: wish.width },
        height: { ideal: wish.height },
      },
    });
  } catch (error) {
    throw cameraError(error);
  }
  const track = stream.getVideoTracks()[0];
  if (track === undefined) throw new WeirError('device-gone', 'The camera gave no picture.');
  track.onended = () => onEnded(new WeirError('device-gone', 'The camera was unplugged or switched off.'));
  const { width, height, frameRate } = track.getSettings();
  const facts = `${track.label.slice(0, 60)}, ${width} × ${height}${frameRate === undefined ? '' : `, ${Math.round(frameRate)} fps`}`;
  return framesOfTrack(stream, track, facts);
}

function cameraError(error: unknown): WeirError {
  const name = error instanceof DOMException ? error.name : '';
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return new WeirError('permission-denied', 'The browser did not allow the camera.', { cause: error });
    case 'NotReadableError':
    case 'AbortError':
      return new WeirError('device-busy', 'The camera is used by another program.', { cause: error });
    case 'NotFoundError':
    case 'OverconstrainedError':
      return new WeirError('device-gone', 'No camera of that kind is connected.', { cause: error });
    default:
      return new WeirError('device-gone', 'The camera could not be opened.', { cause: error });
  }
}
