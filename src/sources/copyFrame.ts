/** A VideoFrame copied out as it is: no conversion before admission, so a dropped frame costs one copy. */
import type { RawPayload } from '../core/payload.ts';

const nativeFormats: readonly RawPayload['format'][] = [
  'I420',
  'I420A',
  'I422',
  'I444',
  'NV12',
  'RGBA',
  'RGBX',
  'BGRA',
  'BGRX',
];

/** The visible pixels in the frame's own format; the caller closes the frame. `recycle` is used when it is large enough. */
export async function copyFrame(frame: VideoFrame, recycle: ArrayBuffer | undefined): Promise<RawPayload> {
  const native = nativeFormats.find((format) => format === frame.format);
  const options: VideoFrameCopyToOptions = native === undefined ? { format: 'RGBA' } : {};
  const size = frame.allocationSize(options);
  const buffer = recycle !== undefined && recycle.byteLength >= size ? recycle : new ArrayBuffer(size);
  const layout = await frame.copyTo(buffer, options);
  const rect = frame.visibleRect;
  const rotation = (frame as { rotation?: RawPayload['rotation'] }).rotation ?? 0;
  return {
    kind: 'raw',
    format: native ?? 'RGBA',
    buffer,
    layout: layout.map(({ offset, stride }) => ({ offset, stride })),
    width: rect?.width ?? frame.codedWidth,
    height: rect?.height ?? frame.codedHeight,
    ...(rotation === 0 ? {} : { rotation }),
    colorSpace: { matrix: frame.colorSpace.matrix ?? null, fullRange: frame.colorSpace.fullRange ?? null },
  };
}
