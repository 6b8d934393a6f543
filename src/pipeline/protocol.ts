/** Messages between the page and the pipeline worker: two unions keyed by `kind`; a request's `id` comes back in its answer. */
import type { Agreement } from '../core/agreement.ts';
import type { ModelCard, ModelInfo } from '../core/card.ts';
import type { Choices } from '../core/choices.ts';
import type { PipelineExport } from '../core/exportFormats.ts';
import type { WeirErrorData } from '../core/errors.ts';
import type { LoadCosts, LoadRecipe } from '../core/loadRecipe.ts';
import type { Profile } from '../core/profile.ts';
import type { DeepPartial, Settings } from '../core/settings.ts';
import type { OpeningProgress, Telemetry } from '../core/telemetry.ts';
import type { TensorValue } from '../core/tensor.ts';

export interface ModelFile {
  readonly name: string;
  readonly bytes: ArrayBuffer;
}

/** What to open: dropped files, an address (also of the model that Weir brings along), or a graph that it builds. */
export type ModelOrigin =
  | { readonly kind: 'files'; readonly files: readonly ModelFile[] }
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'load'; readonly recipe: LoadRecipe };

/** Inspected tensors of one frame. */
export interface Inspection {
  /** The input that the frame fed. */
  readonly input: TensorValue | undefined;
  readonly inputs: readonly TensorValue[];
  readonly outputs: readonly TensorValue[];
}

export type ToPipeline =
  | {
      readonly kind: 'configure';
      readonly id: number;
      readonly settings: Settings;
      /** Chosen for the source of that name. */
      readonly files?: Readonly<Record<string, readonly File[]>>;
    }
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
  | { readonly kind: 'measure'; readonly id: number }
  | { readonly kind: 'cancelMeasuring' }
  | { readonly kind: 'profile'; readonly id: number }
  | { readonly kind: 'compare'; readonly id: number }
  | { readonly kind: 'export'; readonly id: number; readonly format: PipelineExport }
  /** What became of the page itself: a mark on the charts. */
  | { readonly kind: 'lifecycle'; readonly text: 'page hidden' | 'page visible' | 'page frozen' | 'page resumed' }
  | { readonly kind: 'attachPreview'; readonly picture: OffscreenCanvas; readonly overlay: OffscreenCanvas }
  | {
      readonly kind: 'setPreview';
      readonly width: number;
      readonly height: number;
      readonly pixelRatio: number;
      readonly visible: boolean;
      readonly truth: boolean;
      readonly source: string | undefined;
    }
  | {
      readonly kind: 'framesOpened';
      readonly id: number;
      readonly readable: ReadableStream<VideoFrame>;
      readonly facts: string;
    }
  | {
      readonly kind: 'soundOpened';
      readonly id: number;
      readonly readable: ReadableStream<AudioData>;
      readonly facts: string;
    }
  | { readonly kind: 'deviceFailed'; readonly id: number; readonly error: WeirErrorData };

/** A device that only the page may open. */
export interface DeviceRequest {
  readonly kind: 'openDevice';
  readonly id: number;
  readonly device: 'camera' | 'screen' | 'microphone';
  readonly deviceId: string;
  readonly width: number;
  readonly height: number;
}

export type FromPipeline =
  | { readonly kind: 'done'; readonly id: number }
  | { readonly kind: 'opened'; readonly id: number; readonly model: ModelInfo }
  | { readonly kind: 'exported'; readonly id: number; readonly text: string }
  | { readonly kind: 'measured'; readonly id: number; readonly choices: Choices }
  | { readonly kind: 'choices'; readonly choices: Choices }
  | { readonly kind: 'profiled'; readonly id: number; readonly profile: Profile }
  | { readonly kind: 'compared'; readonly id: number; readonly agreement: Agreement }
  | { readonly kind: 'inspected'; readonly id: number; readonly inspection: Inspection }
  /** Settings were refused as a whole: those from before are in force. */
  | { readonly kind: 'unchanged'; readonly id: number; readonly error: WeirErrorData }
  | { readonly kind: 'refused'; readonly id: number; readonly error: WeirErrorData }
  | { readonly kind: 'telemetry'; readonly telemetry: Telemetry }
  | { readonly kind: 'opening'; readonly progress: OpeningProgress | undefined }
  | { readonly kind: 'model'; readonly model: ModelInfo | undefined }
  | {
      readonly kind: 'notice';
      /** It is over when a source runs again. */
      readonly of?: 'source';
      readonly level: 'error' | 'notice';
      readonly title: string;
      readonly error: WeirErrorData;
    }
  | DeviceRequest
  | { readonly kind: 'closeDevice'; readonly id: number };

/** Work of the library worker: what a file is, before ORT sees a byte; and a graph of a chosen cost. */
export type ToLibrary =
  | { readonly kind: 'read'; readonly bytes: ArrayBuffer; readonly name: string }
  | { readonly kind: 'build'; readonly recipe: LoadRecipe };
export type FromLibrary =
  | { readonly kind: 'read'; readonly facts: ModelInfo['facts']; readonly sha256: string; readonly bytes: ArrayBuffer }
  | { readonly kind: 'built'; readonly bytes: ArrayBuffer; readonly costs: LoadCosts }
  | { readonly kind: 'refused'; readonly error: WeirErrorData };
