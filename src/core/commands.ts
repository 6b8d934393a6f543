/** What a person or a program may ask of the station; `api/` implements it on the page, `ui/` calls it. */
import type { ModelCard, ModelInfo } from './card.ts';
import type { TensorValue } from './tensor.ts';
import type { DeepPartial, SettingsChange } from './settings.ts';

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
  /** CSS size of the preview and the device pixel ratio; `visible` false stops drawing. Call it on every change. */
  setPreview(size: {
    readonly width: number;
    readonly height: number;
    readonly pixelRatio: number;
    readonly visible: boolean;
  }): void;
  /** The prepared input and the raw outputs of the next frame, to compare with another runtime. */
  inspect(): Promise<{
    readonly input: TensorValue | undefined;
    readonly inputs: readonly TensorValue[];
    readonly outputs: readonly TensorValue[];
  }>;
  listCameras(): Promise<readonly { readonly deviceId: string; readonly label: string }[]>;
  /** The address that reproduces this station, without secrets. */
  shareLink(): string;
}
