/** Frames of a camera's or a screen's track as a stream that can be transferred to the worker; no pixel is looked at here. */

export interface PageFrames {
  readonly readable: ReadableStream<VideoFrame>;
  readonly facts: string;
  stop(): void;
}

declare const MediaStreamTrackProcessor:
  | (new (init: {
      track: MediaStreamTrack;
      maxBufferSize?: number;
    }) => { readonly readable: ReadableStream<VideoFrame> })
  | undefined;

export function framesOfTrack(stream: MediaStream, track: MediaStreamTrack, facts: string): PageFrames {
  if (typeof MediaStreamTrackProcessor !== 'undefined') {
    const { readable } = new MediaStreamTrackProcessor({ track, maxBufferSize: 1 });
    return { readable, facts, stop: () => track.stop() };
  }
  return { ...framesOfVideo(stream), facts: `${facts}, through a video element` };
}

/** For browsers without MediaStreamTrackProcessor on the page: frames of a hidden video element as they are shown. */
function framesOfVideo(stream: MediaStream): Pick<PageFrames, 'readable' | 'stop'> {
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
