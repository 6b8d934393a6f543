/** Frames that wait open for a GPU, counted in this thread: two of them stop a camera. */
import type { FramePayload } from '../core/payload.ts';

const open = new Set<VideoFrame>();

/** One that was handed to another thread is closed here. */
export function openFrames(): number {
  for (const frame of open) if (frame.format === null) open.delete(frame);
  return open.size;
}

/** What is seen of it must be what lies in memory: neither turned, nor mirrored, nor of pixels that are not square. */
export function isPlain(frame: VideoFrame): boolean {
  const { rotation = 0, flip = false } = frame as { rotation?: number; flip?: boolean };
  const { visibleRect, displayWidth, displayHeight } = frame;
  return rotation === 0 && !flip && visibleRect?.width === displayWidth && visibleRect.height === displayHeight;
}

export function keepFrame(frame: VideoFrame): FramePayload {
  open.add(frame);
  return { kind: 'frame', frame, width: frame.displayWidth, height: frame.displayHeight };
}

export function closeFrame({ frame }: FramePayload): void {
  open.delete(frame);
  frame.close();
}

/** Of a frame that stays where it is; cameras and files have 4:2:0. */
export const frameBytes = ({ width, height }: FramePayload) => width * height * 1.5;
