/**
 * The page's end of the pipeline worker: commands as promises, telemetry into the store.
 * It never touches a frame and never times anything.
 */
import type { ModelCard, ModelInfo } from '../core/card.ts';
import type { Commands } from '../core/commands.ts';
import { exportFormats } from '../core/exportFormats.ts';
import { assertNever, WeirError } from '../core/errors.ts';
import { isKeptAddress, type Keeping, keptAddress, keptId } from '../core/library.ts';
import { isLoadAddress, loadAddress, parseLoadRecipe } from '../core/loadRecipe.ts';
import {
  type Beside,
  type DeepPartial,
  defaultSettings,
  type Settings,
  type SettingsChange,
} from '../core/settings.ts';
import type { Snapshot } from '../core/snapshot.ts';
import { emptySnapshot } from '../core/emptySnapshot.ts';
import type { Telemetry } from '../core/telemetry.ts';
import type { FromPipeline, Inspection, LibraryAsk, ModelOrigin, ToPipeline } from '../pipeline/protocol.ts';
import { createDeviceHost, listDevices } from '../pipeline/deviceHost.page.ts';
import { secondsCsv } from '../store/secondsCsv.ts';
import { stateJson } from '../store/stateJson.ts';
import type { StationStore } from '../store/station.ts';

import { rememberModel } from './modelConsent.ts';
import { mergeSettings, settingsToHash } from './settingsHash.ts';

export interface Client extends Commands {
  /** Counts are always since the start; `since` says over what rates, latencies and stages are taken. */
  snapshot(options?: { since: 'start' | 'window' }): Snapshot;
  subscribe(listener: (snapshot: Snapshot) => void): () => void;
  settings(): Settings;
  /** What became of the page, as a mark on the charts. */
  mark(text: Extract<ToPipeline, { kind: 'lifecycle' }>['text']): void;
  /** The newest opening of a model; undefined before the first. Never rejects. */
  opening(): Promise<unknown> | undefined;
}

/** A request before it has its number. */
type Unnumbered<M> = M extends { readonly id: number } ? Omit<M, 'id'> : never;
type Request = Unnumbered<Exclude<ToPipeline, { kind: 'framesOpened' | 'soundOpened' | 'deviceFailed' }>>;
type Answer = Extract<
  FromPipeline,
  {
    kind:
      | 'done'
      | 'opened'
      | 'deadLetters'
      | 'filled'
      | 'inspected'
      | 'unchanged'
      | 'exported'
      | 'measured'
      | 'profiled'
      | 'compared'
      | 'library'
      | 'files'
      | 'described'
      | 'results'
      | 'picture';
  }
>;

export function createClient(worker: Worker, store: StationStore): Client {
  const pending = new Map<number, { resolve(answer: Answer): void; reject(error: WeirError): void }>();
  const listeners = new Set<(snapshot: Snapshot) => void>();
  let nextId = 0;
  let settings = defaultSettings;
  let modelAddress: string | undefined;
  let snapshot = emptySnapshot;
  let opening: Promise<unknown> | undefined;
  let sinceStart: Telemetry['sinceStart'];

  const send = (message: ToPipeline, transfer: Transferable[] = []) => worker.postMessage(message, transfer);
  const request = (message: Request, transfer: Transferable[] = []) =>
    new Promise<Answer>((resolve, reject) => {
      const id = nextId++;
      pending.set(id, { resolve, reject });
      send({ ...message, id }, transfer);
    });
  const devices = createDeviceHost(send);

  worker.onmessage = ({ data: message }: MessageEvent<FromPipeline>) => {
    switch (message.kind) {
      case 'done':
      case 'opened':
      case 'inspected':
      case 'unchanged':
      case 'exported':
      case 'measured':
      case 'profiled':
      case 'compared':
      case 'library':
      case 'files':
      case 'described':
      case 'results':
      case 'picture':
      case 'deadLetters':
      case 'filled':
        pending.get(message.id)?.resolve(message);
        pending.delete(message.id);
        return;
      case 'refused':
        pending.get(message.id)?.reject(WeirError.fromData(message.error));
        pending.delete(message.id);
        return;
      case 'telemetry':
        snapshot = message.telemetry.snapshot;
        sinceStart = message.telemetry.sinceStart ?? sinceStart;
        store.getState().applyTelemetry(message.telemetry);
        for (const listener of listeners) listener(snapshot);
        return;
      case 'opening':
        store.getState().setOpening(message.progress);
        return;
      case 'choices':
        store.getState().setChoices(message.choices);
        return;
      case 'keeping':
        store.getState().setKeeping(message.keeping);
        if (message.keeping?.status === 'kept') adoptKept(message.keeping);
        return;
      case 'model':
        store.getState().setModel(message.model);
        return;
      case 'notice':
        store.getState().addToast({
          kind: message.level,
          ...(message.of === 'source' ? { source: true } : {}),
          title: message.title,
          text: message.error.message,
          code: message.error.code,
          ...(message.error.details === undefined ? {} : { details: message.error.details }),
        });
        return;
      case 'alert':
        store.getState().addToast({ kind: 'notice', title: message.title, text: message.text });
        return;
      case 'openDevice':
        devices.open(message);
        return;
      case 'closeDevice':
        devices.close(message.id);
        return;
      default:
        assertNever(message);
    }
  };
  worker.onerror = (event) => {
    store.getState().addToast({
      kind: 'error',
      title: 'The pipeline stopped',
      text: 'Reload the page to go on; the settings are in its address.',
      code: 'device-lost',
      details: event.message,
    });
  };

  const writeHash = () => {
    const hash = settingsToHash(settings, modelAddress);
    history.replaceState(null, '', hash === '' ? location.pathname + location.search : `#${hash}`);
  };

  /** From here on a reload opens it again; where it came from is told to others too. */
  const adoptKept = ({ id, url }: Extract<Keeping, { status: 'kept' }>) => {
    if (modelAddress !== undefined && !isKeptAddress(modelAddress)) return;
    modelAddress = url ?? keptAddress(id);
    writeHash();
  };

  const askLibrary = async (ask: LibraryAsk) => {
    const answer = await request({ kind: 'library', ask });
    if (answer.kind !== 'library') throw new Error('The pipeline gave another answer.');
    store.getState().setLibrary(answer.library);
    return answer.library;
  };

  const openModel: Client['openModel'] = async (what, card) => {
    const { origin, transfer, address } = originOf(what);
    const answer = await request({ kind: 'openModel', origin, card }, transfer);
    if (answer.kind !== 'opened') throw new Error('The pipeline gave another answer.');
    modelAddress = address;
    if (origin.kind === 'url') rememberModel(origin.url);
    const { keeping } = store.getState();
    if (origin.kind === 'kept' && keeping?.status === 'kept') adoptKept(keeping);
    writeHash();
    return answer.model;
  };

  return {
    openModel(what, card) {
      const opened = openModel(what, card);
      // Known from this moment on, also while files are still being read.
      opening = opened.catch(() => undefined);
      return opened;
    },
    opening: () => opening,
    cancelOpening: () => send({ kind: 'cancelOpening' }),
    async editCard(patch: DeepPartial<ModelCard>) {
      await request({ kind: 'editCard', patch });
    },
    async configure(change) {
      const next = mergeSettings(settings, withoutBeside(change));
      const beside = besideOf(change, next);
      const last = settings;
      const take = (taken: Settings) => {
        settings = taken;
        store.getState().setSettings(taken);
        writeHash();
      };
      take(next);
      const answer = await request({
        kind: 'configure',
        settings: next,
        ...(beside === undefined ? {} : { beside }),
      });
      if (answer.kind !== 'unchanged') return;
      // What has been asked for since then stays.
      if (settings === next) take(last);
      throw WeirError.fromData(answer.error);
    },
    async start() {
      await request({ kind: 'start' });
    },
    pause: () => send({ kind: 'pause' }),
    async stop() {
      await request({ kind: 'stop' });
    },
    attachPreview: (picture, overlay) => send({ kind: 'attachPreview', picture, overlay }, [picture, overlay]),
    setPreview: (size) => send({ kind: 'setPreview', ...size }),
    async measure() {
      const answer = await request({ kind: 'measure' });
      if (answer.kind !== 'measured') throw new Error('The pipeline gave another answer.');
      return answer.choices;
    },
    async profile() {
      const answer = await request({ kind: 'profile' });
      if (answer.kind !== 'profiled') throw new Error('The pipeline gave another answer.');
      store.getState().setProfile(answer.profile);
      return answer.profile;
    },
    async compare() {
      const answer = await request({ kind: 'compare' });
      if (answer.kind !== 'compared') throw new Error('The pipeline gave another answer.');
      store.getState().setAgreement(answer.agreement);
      return answer.agreement;
    },
    async fillQueue(source, count, ratePerS) {
      const answer = await request({ kind: 'fillQueue', source, count, ratePerS });
      if (answer.kind !== 'filled') throw new Error('The pipeline gave another answer.');
      return answer.stored;
    },
    async deadLetters(source, ask) {
      const answer = await request({ kind: 'deadLetters', source, ask });
      if (answer.kind !== 'deadLetters') throw new Error('The pipeline gave another answer.');
      return answer.answer;
    },
    cancelMeasuring: () => send({ kind: 'cancelMeasuring' }),
    async inspect(): Promise<Inspection> {
      const answer = await request({ kind: 'inspect' });
      if (answer.kind !== 'inspected') throw new Error('The pipeline gave another answer.');
      return answer.inspection;
    },
    listDevices,
    async describe() {
      const answer = await request({ kind: 'describe' });
      if (answer.kind !== 'described') throw new Error('The pipeline gave another answer.');
      return answer.graph;
    },
    library: () => askLibrary({ do: 'list' }),
    renameModel: (model, name) => askLibrary({ do: 'rename', model, name }),
    async deleteModel(model) {
      const library = await askLibrary({ do: 'delete', model });
      const { keeping, setKeeping } = store.getState();
      if (keeping?.status === 'kept' && keeping.id === model) {
        setKeeping(undefined);
        // It runs on, but a reload would not find it.
        if (modelAddress === keptAddress(model)) modelAddress = undefined;
        writeHash();
      }
      return library;
    },
    async modelFiles(model) {
      const answer = await request({ kind: 'library', ask: { do: 'export', model } });
      if (answer.kind !== 'files') throw new Error('The pipeline gave another answer.');
      return answer.files;
    },
    async persistLibrary() {
      const promised = await navigator.storage.persist();
      await askLibrary({ do: 'list' });
      return promised;
    },
    async export(format) {
      if (!exportFormats.includes(format))
        throw new WeirError('bad-settings', `What can be exported is ${exportFormats.join(', ')}.`);
      if (format === 'json') return stateJson(store.getState());
      if (format === 'csv') return secondsCsv(store.getState().timeline);
      const answer = await request({ kind: 'export', format });
      if (answer.kind !== 'exported') throw new Error('The pipeline gave another answer.');
      return answer.text;
    },
    async results(search, limit) {
      const answer = await request({ kind: 'results', search, limit });
      if (answer.kind !== 'results') throw new Error('The pipeline gave another answer.');
      return answer.view;
    },
    async picture() {
      const answer = await request({ kind: 'picture' });
      if (answer.kind !== 'picture') throw new Error('The pipeline gave another answer.');
      return answer.blob;
    },
    shareLink: () => {
      // What this browser keeps is nothing to others.
      const kept = modelAddress !== undefined && isKeptAddress(modelAddress);
      const hash = settingsToHash(settings, kept ? undefined : modelAddress);
      return `${location.origin}${location.pathname}${hash === '' ? '' : `#${hash}`}`;
    },
    snapshot: (options) => (options?.since === 'start' ? { ...snapshot, ...sinceStart } : snapshot),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    settings: () => settings,
    mark: (text) => send({ kind: 'lifecycle', text }),
  };
}

/** Files and credentials by the name of their source. @throws WeirError bad-settings for anything else in their place */
function besideOf(change: SettingsChange, next: Settings): Record<string, Beside> | undefined {
  const given: [id: string, of: Beside][] = [];
  if (hasBeside(change.source)) given.push([next.source.kind, change.source]);
  change.sources?.forEach((source, index) => {
    if (hasBeside(source)) given.push([next.sources[index]?.id ?? '', source]);
  });
  if (given.length === 0) return undefined;
  return Object.fromEntries(
    given.map(([id, { files, credentials }]) => {
      const areFiles = files === undefined || (Array.isArray(files) && files.every((file) => file instanceof File));
      if (!areFiles) throw new WeirError('bad-settings', 'source.files is an array of File objects.');
      const isText = Object.values(credentials ?? {}).every((value) => typeof value === 'string');
      if (!isText) throw new WeirError('bad-settings', 'source.credentials holds texts.');
      return [id, { ...(files === undefined ? {} : { files }), ...(credentials === undefined ? {} : { credentials }) }];
    }),
  );
}

function hasBeside(source: Beside | undefined): source is Beside {
  return source?.files !== undefined || source?.credentials !== undefined;
}

function withoutBeside(change: SettingsChange): SettingsChange {
  // Nonsense stays nonsense, to be refused.
  if (!hasBeside(change?.source) && !Array.isArray(change?.sources)) return change;
  const cut = <T extends Beside>({ files: _, credentials: __, ...rest }: T) => rest;
  return {
    ...change,
    ...(hasBeside(change?.source) ? { source: cut(change.source) } : {}),
    ...(Array.isArray(change?.sources)
      ? { sources: change.sources.map((each) => (hasBeside(each) ? cut(each) : each)) }
      : {}),
  };
}

/** What a person may hand over, as bytes or an address; files are read where they are needed. */
function originOf(what: Parameters<Commands['openModel']>[0]): {
  origin: ModelOrigin;
  transfer: Transferable[];
  address: string | undefined;
} {
  if (typeof what === 'string') {
    if (isLoadAddress(what)) {
      const recipe = parseLoadRecipe(what);
      return { origin: { kind: 'load', recipe }, transfer: [], address: loadAddress(recipe) };
    }
    if (isKeptAddress(what)) {
      const id = keptId(what);
      if (id === undefined)
        throw new WeirError('not-kept', `"${what.slice(0, 80)}" names no model: 64 hex digits follow sha256:.`);
      return { origin: { kind: 'kept', id }, transfer: [], address: keptAddress(id) };
    }
    if (!URL.canParse(what, location.href))
      throw new WeirError('connection-refused', `"${what.slice(0, 200)}" is no address of a model.`);
    return { origin: { kind: 'url', url: new URL(what, location.href).href }, transfer: [], address: what };
  }
  const given: unknown[] = Array.isArray(what) ? what : [what];
  if (given.length === 0 || !given.every((each) => each instanceof File || each instanceof ArrayBuffer))
    throw new WeirError('not-a-model', 'A model is an address, a File, files that belong together, or an ArrayBuffer.');
  if (what instanceof ArrayBuffer) {
    const bytes = what.slice(0);
    const origin: ModelOrigin = { kind: 'files', files: [{ name: 'model.onnx', bytes }] };
    return { origin, transfer: [bytes], address: undefined };
  }
  const files = (what instanceof File ? [what] : what).map((file) => ({ name: file.name, file }));
  return { origin: { kind: 'files', files }, transfer: [], address: undefined };
}

export type { ModelInfo };
