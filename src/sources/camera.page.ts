/**
 * The page's half of the camera: permission, device, and a stream of frames that is transferred to the worker.
 * It returns transferables only and never looks at a pixel.
 */
import { WeirError } from '../core/errors.ts';

export interface PageCamera {
  readonly readable: ReadableStream<VideoFrame>;
  readonly facts: string;
  stop(): void;
}

interface TrackProcessor {
  readonly readable: ReadableStream<VideoFrame>;
}
declare const MediaStreamTrackProcessor:
  | (new (init: {
      track: MediaStreamTrack;
      maxBufferSize?: number;
    }) => TrackProcessor)
  | undefined;

/**
 * Opens a camera; an empty `deviceId` is the browser's choice, width and height are wishes.
 * @throws WeirError permission-denied, device-busy or device-gone
 */
export async function openCamera(
  wish: { readonly deviceId: string; readonly width: number; readonly height: number },
  onEnded: (error: WeirError) => void,
): Promise<PageCamera> {
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
  if (typeof MediaStreamTrackProcessor !== 'undefined') {
    const { readable } = new MediaStreamTrackProcessor({ track, maxBufferSize: 1 });
    return { readable, facts, stop: () => track.stop() };
  }
  return { ...framesOfVideo(stream), facts: `${facts}, through a video element` };
}

/** For browsers without MediaStreamTrackProcessor on the page: frames of a hidden video element as they are shown. */
function framesOfVideo(stream: MediaStream): Pick<PageCamera, 'readable' | 'stop'> {
  const video = document.createElement('video');
  video.muted = true;
  video.srcObject = stream;
  // A transferred stream clones its chunks, so our end of each frame must be closed here: when the one after it has been
  // taken, it has surely been posted.
  const posted: VideoFrame[] = [];
  let finish = () => {};
  const stopped = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const shown = () =>
    new Promise<number>((resolve) => {
      video.requestVideoFrameCallback((_, { mediaTime }) => resolve(mediaTime));
    });
  const readable = new ReadableStream<VideoFrame>(
    {
      async start() {
        await video.play();
      },
      async pull(controller) {
        if (posted.length > 1) posted.shift()?.close();
        const mediaTime = await Promise.race([shown(), stopped]);
        if (mediaTime === undefined) {
          controller.close();
          return;
        }
        const frame = new VideoFrame(video, { timestamp: Math.round(mediaTime * 1e6) });
        posted.push(frame);
        controller.enqueue(frame);
      },
    },
    { highWaterMark: 1 },
  );
  return {
    readable,
    stop: () => {
      finish();
      for (const track of stream.getTracks()) track.stop();
      video.srcObject = null;
      for (const frame of posted.splice(0)) frame.close();
    },
  };
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

/** Cameras by name; names are empty until the person has allowed a camera once. */
export async function listCameras(): Promise<{ deviceId: string; label: string }[]> {
  const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  return devices
    .filter((device) => device.kind === 'videoinput')
    .map((device, i) => ({ deviceId: device.deviceId, label: device.label || `Camera ${i + 1}` }));
}
