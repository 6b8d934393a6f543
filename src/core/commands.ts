/** What a person or a program may ask of the station; `api/` implements it on the page, `ui/` calls it. */
import type { Agreement } from './agreement.ts';
import type { Choices } from './choices.ts';
import type { ExportFormat } from './exportFormats.ts';
import type { ModelCard, ModelInfo } from './card.ts';
import type { LibraryState } from './library.ts';
import type { ModelGraph } from './modelGraph.ts';
import type { LogView } from './logRow.ts';
import type { Profile } from './profile.ts';
import type { TensorValue } from './tensor.ts';
import type { DeepPartial, SettingsChange } from './settings.ts';
import type { DeadLetter } from './work.ts';

export interface MediaDevice {
  readonly kind: 'camera' | 'microphone';
  readonly deviceId: string;
  readonly label: string;
}

export interface Commands {
  openModel(what: string | File | readonly File[] | ArrayBuffer, card?: DeepPartial<ModelCard>): Promise<ModelInfo>;
  cancelOpening(): void;
  /** Changes preparation, task or labels of the model that runs; the effect is visible at once. */
  editCard(patch: DeepPartial<ModelCard>): Promise<void>;
  configure(settings: SettingsChange): Promise<void>;
  start(): Promise<void>;
  pause(): void;
  stop(): Promise<void>;
  /** Both canvases are transferred once and belong to the pipeline worker for ever. */
  attachPreview(picture: OffscreenCanvas, overlay: OffscreenCanvas): void;
  /** CSS size of the preview and the device pixel ratio; `visible` false stops drawing, `truth` shows what the source knows. Call it on every change. */
  setPreview(size: {
    readonly width: number;
    readonly height: number;
    readonly pixelRatio: number;
    readonly visible: boolean;
    readonly truth: boolean;
    /** Of several sources the one that is shown; undefined: the first. */
    readonly source: string | undefined;
  }): void;
  /** The prepared input and the raw outputs of the next frame, to compare with another runtime. */
  inspect(): Promise<{
    readonly input: TensorValue | undefined;
    readonly inputs: readonly TensorValue[];
    readonly outputs: readonly TensorValue[];
  }>;
  /** Times the ways to run the open model on this machine, some seconds each; `auto` then takes the best. The run pauses meanwhile. */
  measure(): Promise<Choices>;
  cancelMeasuring(): void;
  /** Times each operator of the open model, some seconds in a worker of its own. The run pauses meanwhile. */
  profile(): Promise<Profile>;
  /** Runs the next frame also on the WASM reference, and tells how far the outputs are apart. */
  compare(): Promise<Agreement>;
  /** The newest results that match the words; `limit` rows at most. */
  results(search: string, limit: number): Promise<LogView>;
  /** What the preview shows, with the results drawn on it, as a PNG. */
  picture(): Promise<Blob>;
  /** Puts pictures of the scene into the work queue of that name at a rate per second; how many the broker has stored. */
  fillQueue(source: string, count: number, ratePerS: number): Promise<number>;
  /** Dead letters of the work queue of that name, where they lie at the broker; `run` serves one here and changes nothing there. */
  deadLetters(
    source: string,
    ask: { readonly verb: 'list' } | { readonly verb: 'open' | 'run' | 'redrive' | 'discard'; readonly key: string },
  ): Promise<{
    readonly letters?: readonly DeadLetter[];
    readonly body?: Uint8Array<ArrayBuffer>;
    /** `run`: what came of it on the engine of this moment. */
    readonly result?: string;
  }>;
  /** The numbers of the run as text. */
  export(format: ExportFormat): Promise<string>;
  /** The nodes of the open model; undefined: of a format that only the runtime reads. */
  describe(): Promise<ModelGraph | undefined>;
  /** Models kept in this browser and those of the catalogue. */
  library(): Promise<LibraryState>;
  renameModel(id: string, name: string): Promise<LibraryState>;
  deleteModel(id: string): Promise<LibraryState>;
  /** Its files as they came, and the edited card. */
  modelFiles(id: string): Promise<readonly { readonly name: string; readonly file: Blob }[]>;
  /** Asks the browser not to clear what is kept by itself; says whether it promised. */
  persistLibrary(): Promise<boolean>;
  listDevices(): Promise<readonly MediaDevice[]>;
  /** The address that reproduces this station, without secrets. */
  shareLink(): string;
}
