/** What a delivery carries through the gate, undecoded: pixels are made from it only after admission. */

import type { TensorData, TensorType } from './tensor.ts';

/** What the scene source emits: enough to draw the same picture anywhere. `t` in seconds. */
export interface ScenePayload {
  readonly kind: 'scene';
  readonly seed: number;
  readonly t: number;
  readonly width: number;
  readonly height: number;
}

export const imageFormats = ['jpeg', 'png', 'webp', 'avif'] as const;
export type ImageFormat = (typeof imageFormats)[number];

/** An encoded image or a `.npy` array, recognised by content; `unknown` fails later, where every such frame is counted. */
export interface EncodedPayload {
  readonly kind: 'encoded';
  readonly format: ImageFormat | 'npy' | 'unknown';
  readonly bytes: Uint8Array<ArrayBuffer>;
}

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
  /** Bytes and sound may be cut, or padded with zeros, to the length that an input declares. */
  readonly cut?: boolean;
}

export type Payload = ScenePayload | EncodedPayload | RawPayload | TensorPayload;

/** Upright pixels, `width * height * 4` bytes of RGBA at the start of `buffer` (which may be longer: it is pooled). */
export interface Picture {
  readonly buffer: ArrayBuffer;
  readonly width: number;
  readonly height: number;
}

/** The transferable parts of a payload. */
export function transferablesOf(payload: Payload): ArrayBuffer[] {
  switch (payload.kind) {
    case 'scene':
      return [];
    case 'encoded':
      return [payload.bytes.buffer];
    case 'raw':
      return [payload.buffer];
    case 'tensor':
      return [payload.data.buffer];
  }
}
