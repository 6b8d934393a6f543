/** Messages between the page and the pipeline worker: two unions keyed by `kind`; a request's `id` comes back in its answer. */
import type { Agreement } from '../core/agreement.ts';
import type { ModelCard, ModelInfo } from '../core/card.ts';
import type { Choices } from '../core/choices.ts';
import type { PipelineExport } from '../core/exportFormats.ts';
import type { WeirErrorData } from '../core/errors.ts';
import type { Keeping, LibraryEntry, LibraryState } from '../core/library.ts';
import type { LoadCosts, LoadRecipe } from '../core/loadRecipe.ts';
import type { ModelGraph } from '../core/modelGraph.ts';
import type { LogView } from '../core/logRow.ts';
import type { Profile } from '../core/profile.ts';
import type { Beside, DeepPartial, Settings } from '../core/settings.ts';
import type { MendedModel, RepairKind } from '../core/repair.ts';
import type { OpeningProgress, Telemetry } from '../core/telemetry.ts';
import type { TensorValue } from '../core/tensor.ts';
import type { DeadLetter } from '../core/work.ts';

export interface ModelFile {
  readonly name: string;
  readonly bytes: ArrayBuffer;
}

/** A file as it was handed over: bytes of a program, or a file that is read only where it is needed. */
export type GivenFile =
  | ModelFile
  | {
      readonly name: string;
      readonly file: Blob;
      /** What it must be, of a file of the library. */
      readonly sha256?: string;
    };

/** What to open: dropped files, an address (also of the model that Weir brings along), a kept model, or a graph that it builds. */
export type ModelOrigin =
  | { readonly kind: 'files'; readonly files: readonly GivenFile[] }
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'kept'; readonly id: string }
  | { readonly kind: 'load'; readonly recipe: LoadRecipe };

/** Inspected tensors of one frame. */
export interface Inspection {
  /** The input that the frame fed. */
  readonly input: TensorValue | undefined;
  readonly inputs: readonly TensorValue[];
  readonly outputs: readonly TensorValue[];
}

export type DeadLetterAsk =
  | { readonly verb: 'list' }
  | { readonly verb: 'open' | 'run' | 'redrive' | 'discard'; readonly key: string };

export interface DeadLetterAnswer {
  readonly letters?: readonly DeadLetter[];
  readonly body?: Uint8Array<ArrayBuffer>;
  readonly result?: string;
}

export type ToPipeline =
  | {
      readonly kind: 'configure';
      readonly id: number;
      readonly settings: Settings;
      /** For the source of that name. */
      readonly beside?: Readonly<Record<string, Beside>>;
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
  | { readonly kind: 'describe'; readonly id: number }
  /** Puts pictures of the scene into the work queue of that name. */
  | {
      readonly kind: 'fillQueue';
      readonly id: number;
      readonly source: string;
      readonly count: number;
      readonly ratePerS: number;
    }
  /** Dead letters of the work queue of that name. */
  | { readonly kind: 'deadLetters'; readonly id: number; readonly source: string; readonly ask: DeadLetterAsk }
  | { readonly kind: 'export'; readonly id: number; readonly format: PipelineExport }
  | { readonly kind: 'library'; readonly id: number; readonly ask: LibraryAsk }
  | { readonly kind: 'results'; readonly id: number; readonly search: string; readonly limit: number }
  | { readonly kind: 'picture'; readonly id: number }
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
  | { readonly kind: 'results'; readonly id: number; readonly view: LogView }
  | { readonly kind: 'picture'; readonly id: number; readonly blob: Blob }
  /** A rule of the settings has come true. */
  | { readonly kind: 'alert'; readonly title: string; readonly text: string }
  | { readonly kind: 'deadLetters'; readonly id: number; readonly answer: DeadLetterAnswer }
  | { readonly kind: 'filled'; readonly id: number; readonly stored: number }
  | { readonly kind: 'measured'; readonly id: number; readonly choices: Choices }
  | { readonly kind: 'choices'; readonly choices: Choices }
  | { readonly kind: 'profiled'; readonly id: number; readonly profile: Profile }
  | { readonly kind: 'compared'; readonly id: number; readonly agreement: Agreement }
  | { readonly kind: 'library'; readonly id: number; readonly library: LibraryState }
  | { readonly kind: 'files'; readonly id: number; readonly files: readonly NamedFile[] }
  | { readonly kind: 'described'; readonly id: number; readonly graph: ModelGraph | undefined }
  | { readonly kind: 'keeping'; readonly keeping: Keeping | undefined }
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

export interface NamedFile {
  readonly name: string;
  readonly file: Blob;
}

/** What a person does with the kept models; `export` answers with files, the others with the list as it is then. */
export type LibraryAsk =
  | { readonly do: 'list' }
  | { readonly do: 'rename'; readonly model: string; readonly name: string }
  | { readonly do: 'delete'; readonly model: string }
  | { readonly do: 'export'; readonly model: string };

/** A file to be kept: what must be copied, or a finished download that only moves. */
export type FileToKeep = { readonly name: string; readonly sha256?: string } & (
  | { readonly file: Blob }
  | { readonly part: string; readonly bytes: number; readonly sha256: string }
);

/** Of a model that was opened: what its entry says beside its files. */
export type KeptAbout = Pick<LibraryEntry, 'name' | 'task' | 'licence' | 'url' | 'card'>;

/**
 * Work of the library worker: what a file is, before ORT sees a byte; a graph of a chosen cost; downloads; kept models.
 * `keep` writes and then waits for `commit`: nothing is listed before its model has served.
 */
export type ToLibrary =
  | {
      readonly kind: 'read';
      readonly file: GivenFile;
      /** Repairs that are not to be made. */
      readonly off: readonly RepairKind[];
      readonly pinned?: string;
    }
  | { readonly kind: 'mend'; readonly bytes: ArrayBuffer; readonly off: readonly RepairKind[] }
  | { readonly kind: 'describe'; readonly file: GivenFile }
  | { readonly kind: 'build'; readonly recipe: LoadRecipe }
  | { readonly kind: 'download'; readonly url: string; readonly store: boolean }
  | { readonly kind: 'take'; readonly id: string }
  | { readonly kind: 'keep'; readonly files: readonly [FileToKeep, ...FileToKeep[]] }
  | { readonly kind: 'commit'; readonly about: KeptAbout }
  | { readonly kind: 'used'; readonly id: string }
  | { readonly kind: 'edit'; readonly id: string; readonly patch: DeepPartial<ModelCard> }
  | { readonly kind: 'library'; readonly ask: LibraryAsk };
export type FromLibrary =
  | {
      readonly kind: 'read';
      readonly facts: ModelInfo['facts'];
      readonly sha256: string;
      readonly bytes: ArrayBuffer;
      readonly mended: MendedModel | undefined;
    }
  | { readonly kind: 'mended'; readonly mended: MendedModel | undefined }
  | { readonly kind: 'described'; readonly graph: ModelGraph | undefined }
  | { readonly kind: 'built'; readonly bytes: ArrayBuffer; readonly costs: LoadCosts }
  | { readonly kind: 'progress'; readonly bytes: number; readonly total?: number }
  | { readonly kind: 'downloaded'; readonly name: string; readonly bytes: ArrayBuffer; readonly part?: string }
  | { readonly kind: 'taken'; readonly entry: LibraryEntry; readonly files: readonly GivenFile[] }
  | { readonly kind: 'kept'; readonly id: string }
  | { readonly kind: 'done' }
  | { readonly kind: 'library'; readonly library: LibraryState }
  | { readonly kind: 'files'; readonly files: readonly NamedFile[] }
  | { readonly kind: 'refused'; readonly error: WeirErrorData };
