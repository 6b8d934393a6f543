/** What a delivery carries through the gate, undecoded: pixels are made from it only after admission. */

import type { WeirErrorData } from './errors.ts';
import type { TensorData, TensorType } from './tensor.ts';

/** What the scene source emits: enough to draw the same picture anywhere, and to know what is in it. */
export interface ScenePayload {
  readonly kind: 'scene';
  readonly seed: number;
  /** Seconds. */
  readonly t: number;
  readonly width: number;
  readonly height: number;
  /** 0 = plain and sharp, 1 = crowded, smeared, noisy. */
  readonly difficulty: number;
  /** How fast things move: 1 = calm, 8 = very fast. */
  readonly motion: number;
}

export const imageFormats = ['jpeg', 'png', 'webp', 'avif'] as const;
export type ImageFormat = (typeof imageFormats)[number];

/** An encoded image or a `.npy` array, recognised by content; `unknown` fails later, where every such frame is counted. */
export interface EncodedPayload {
  readonly kind: 'encoded';
  readonly format: ImageFormat | 'npy' | 'unknown';
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Of one encoded image or array; a picture within the limit of pixels is smaller. */
export const maxEncodedBytes = 512 * 1024 * 1024;

/** A camera frame copied out in its native format (`VideoFrame.copyTo`), the frame itself already closed. */
export interface RawPayload {
  readonly kind: 'raw';
  readonly format: 'I420' | 'I420A' | 'I422' | 'I444' | 'NV12' | 'RGBA' | 'RGBX' | 'BGRA' | 'BGRX';
  readonly buffer: ArrayBuffer;
  readonly layout: readonly { readonly offset: number; readonly stride: number }[];
  /** Clockwise degrees by which the pixels must be turned to be upright; 0 unless said. */
  readonly rotation?: 0 | 90 | 180 | 270;
  /** Visible size in pixels, before turning. */
  readonly width: number;
  readonly height: number;
  readonly colorSpace: {
    readonly matrix: string | null;
    readonly fullRange: boolean | null;
  };
}

/** Numbers as they are: a `.npy` message, a window of sound, the bytes of a file. float16 as its bits. */
export interface TensorPayload {
  readonly kind: 'tensor';
  readonly type: TensorType;
  readonly dims: readonly number[];
  readonly data: TensorData;
  /**
   * `cut`: bytes and sound, cut or padded with zeros to the length that an input declares; `spread`: one value that
   * fills the input whatever its shape. Without it the shape must fit.
   */
  readonly fit?: 'cut' | 'spread';
}

/** Something that came but cannot be read: it is offered and fails like any other frame, so that it is counted. */
export interface BrokenPayload {
  readonly kind: 'broken';
  readonly error: WeirErrorData;
}

/**
 * A frame as the browser has it, for an engine that prepares on the GPU. It is open: whoever ends its way closes it, and a
 * camera stops when two are open.
 */
export interface FramePayload {
  readonly kind: 'frame';
  readonly frame: VideoFrame;
  readonly width: number;
  readonly height: number;
}

export type Payload = ScenePayload | EncodedPayload | RawPayload | FramePayload | TensorPayload | BrokenPayload;

/** Upright pixels, `width * height * 4` bytes of RGBA at the start of `buffer` (which may be longer: it is pooled). */
export interface Picture {
  readonly buffer: ArrayBuffer;
  readonly width: number;
  readonly height: number;
}

/** The transferable parts of a payload. */
export function transferablesOf(payload: Payload): Transferable[] {
  switch (payload.kind) {
    case 'scene':
    case 'broken':
      return [];
    case 'encoded':
      return [payload.bytes.buffer];
    case 'raw':
      return [payload.buffer];
    case 'frame':
      return [payload.frame];
    case 'tensor':
      return [payload.data.buffer];
  }
}
