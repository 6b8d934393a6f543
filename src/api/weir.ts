/** `window.weir`: the same verbs for programs that a person has on the page. Semver from here on. */
import type { Agreement } from '../core/agreement.ts';
import type { ModelCard, ModelInfo } from '../core/card.ts';
import type { Choices } from '../core/choices.ts';
import type { ExportFormat } from '../core/exportFormats.ts';
import type { Profile } from '../core/profile.ts';
import type { DeepPartial, SettingsChange } from '../core/settings.ts';
import type { Snapshot } from '../core/snapshot.ts';
import type { Client } from './client.ts';
import type { Inspection } from '../pipeline/protocol.ts';

export interface Weir {
  readonly version: string;
  /** Rejects with `{code, message}`; resolves when the model is warm and serving. A string is an address, or a load dial: `load:mflops=500`. */
  openModel(what: string | File | File[] | ArrayBuffer, card?: DeepPartial<ModelCard>): Promise<ModelInfo>;
  /** The same schema as the URL hash; rejects on nonsense. */
  configure(settings: SettingsChange): Promise<void>;
  start(): Promise<void>;
  pause(): void;
  /** Resolves when the last frame in flight has ended. */
  stop(): Promise<void>;
  snapshot(options?: { since: 'start' | 'window' }): Snapshot;
  subscribe(listener: (snapshot: Snapshot) => void): () => void;
  /** The run as text: `json` all the page knows, `csv` a row per second, `openmetrics`, `trace` for Perfetto. */
  export(format: ExportFormat): Promise<string>;
  /** Times the ways to run the open model on this machine, some seconds each; `auto` then takes the best. The run pauses meanwhile. */
  measure(): Promise<Choices>;
  /** Times each operator of the open model, some seconds in a worker of its own. The run pauses meanwhile. */
  profile(): Promise<Profile>;
  /** Runs the next frame also on the WASM reference, and tells how far the outputs are apart. */
  compare(): Promise<Agreement>;
  /** Puts pictures of the scene into the work queue of that name at a rate per second; how many were stored. */
  fillQueue(source: string, count: number, ratePerS: number): Promise<number>;
  /** Dead letters of the work queue of that name: `list`, or `open`, `redrive`, `discard` the one of this key. */
  deadLetters: Client['deadLetters'];
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
    export: (format) => client.export(format),
    measure: () => client.measure(),
    profile: () => client.profile(),
    compare: () => client.compare(),
    fillQueue: (source, count, ratePerS) => client.fillQueue(source, count, ratePerS),
    deadLetters: (source, ask) => client.deadLetters(source, ask),
    inspect: () => client.inspect(),
  };
}
