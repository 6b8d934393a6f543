/** Messages between the page and the pipeline worker: two unions keyed by `kind`; a request's `id` comes back in its answer. */
import type { ModelCard, ModelInfo } from '../core/card.ts';
import type { WeirErrorData } from '../core/errors.ts';
import type { DeepPartial, Settings } from '../core/settings.ts';
import type { OpeningProgress, Telemetry } from '../core/telemetry.ts';
import type { TensorValue } from '../core/tensor.ts';

export interface ModelFile {
  readonly name: string;
  readonly bytes: ArrayBuffer;
}

/** What to open: dropped files, an address, or the model that Weir brings along. */
export type ModelOrigin =
  | { readonly kind: 'files'; readonly files: readonly ModelFile[] }
  | { readonly kind: 'url'; readonly url: string };

/** Inspected tensors of one frame. */
export interface Inspection {
  /** The input that the frame fed. */
  readonly input: TensorValue | undefined;
  readonly inputs: readonly TensorValue[];
  readonly outputs: readonly TensorValue[];
}

export type ToPipeline =
  | { readonly kind: 'configure'; readonly id: number; readonly settings: Settings; readonly files?: readonly File[] }
  | {
      readonly kind: 'openModel';
      readonly id: number;
      readonly origin: ModelOrigin;
      readonly card: DeepPartial<ModelCard> | undefined;
    }
  | { readonly kind: 'cancelOpening' }
  | { readonly kind: 'editCard'; readonly id: number; readonly patch: DeepPartial<ModelCard> }
  | { readonly kind: 'start'; readonly id: number }
  | { readonly kind: 'pause' }
  | { readonly kind: 'stop'; readonly id: number }
  | { readonly kind: 'inspect'; readonly id: number }
  | { readonly kind: 'attachPreview'; readonly picture: OffscreenCanvas; readonly overlay: OffscreenCanvas }
  | {
      readonly kind: 'setPreview';
      readonly width: number;
      readonly height: number;
      readonly pixelRatio: number;
      readonly visible: boolean;
    }
  | {
      readonly kind: 'cameraOpened';
      readonly id: number;
      readonly readable: ReadableStream<VideoFrame>;
      readonly facts: string;
    }
  | { readonly kind: 'cameraFailed'; readonly id: number; readonly error: WeirErrorData };

export type FromPipeline =
  | { readonly kind: 'done'; readonly id: number }
  | { readonly kind: 'opened'; readonly id: number; readonly model: ModelInfo }
  | { readonly kind: 'inspected'; readonly id: number; readonly inspection: Inspection }
  | { readonly kind: 'refused'; readonly id: number; readonly error: WeirErrorData }
  | { readonly kind: 'telemetry'; readonly telemetry: Telemetry }
  | { readonly kind: 'opening'; readonly progress: OpeningProgress | undefined }
  | { readonly kind: 'model'; readonly model: ModelInfo | undefined }
  | {
      readonly kind: 'notice';
      readonly level: 'error' | 'notice';
      readonly title: string;
      readonly error: WeirErrorData;
    }
  | {
      readonly kind: 'openCamera';
      readonly id: number;
      readonly deviceId: string;
      readonly width: number;
      readonly height: number;
    }
  | { readonly kind: 'closeCamera'; readonly id: number };

/** Answers of the library worker: what a file is, before ORT sees a byte. */
export type ToLibrary = { readonly kind: 'read'; readonly bytes: ArrayBuffer; readonly name: string };
export type FromLibrary =
  | { readonly kind: 'read'; readonly facts: ModelInfo['facts']; readonly sha256: string; readonly bytes: ArrayBuffer }
  | { readonly kind: 'refused'; readonly error: WeirErrorData };
