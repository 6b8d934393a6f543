/** `window.weir`: the same verbs for programs that a person has on the page. Semver from here on. */
import type { ModelCard, ModelInfo } from '../core/card.ts';
import type { DeepPartial, SettingsChange } from '../core/settings.ts';
import type { Snapshot } from '../core/snapshot.ts';
import type { Client } from './client.ts';
import type { Inspection } from '../pipeline/protocol.ts';

export interface Weir {
  readonly version: string;
  /** Rejects with `{code, message}`; resolves when the model is warm and serving. A string is an address. */
  openModel(what: string | File | File[] | ArrayBuffer, card?: DeepPartial<ModelCard>): Promise<ModelInfo>;
  /** The same schema as the URL hash; rejects on nonsense. */
  configure(settings: SettingsChange): Promise<void>;
  start(): Promise<void>;
  pause(): void;
  /** Resolves when the last frame in flight has ended. */
  stop(): Promise<void>;
  snapshot(options?: { since: 'start' | 'window' }): Snapshot;
  subscribe(listener: (snapshot: Snapshot) => void): () => void;
  /** The prepared input and the raw outputs of the next frame. */
  inspect(): Promise<Inspection>;
}

declare global {
  interface Window {
    weir: Weir;
  }
}

export function createWeir(client: Client): Weir {
  return {
    version: '0.1.0',
    openModel: (what, card) => client.openModel(what, card),
    configure: (settings) => client.configure(settings),
    start: () => client.start(),
    pause: () => client.pause(),
    stop: () => client.stop(),
    snapshot: (options) => client.snapshot(options),
    subscribe: (listener) => client.subscribe(listener),
    inspect: () => client.inspect(),
  };
}
