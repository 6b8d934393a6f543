/** What buttons, keys and the palette do: commands with their errors told, undo of settings, files and downloads. */
import type { ModelCard } from '../core/card.ts';
import type { Commands } from '../core/commands.ts';
import type { ExportFormat } from '../core/exportFormats.ts';
import { type ErrorCode, WeirError } from '../core/errors.ts';
import {
  type DeepPartial,
  defaultSettings,
  type Settings,
  type SettingsChange,
  type SourceKind,
  sourcesOf,
} from '../core/settings.ts';
import type { StationStore } from '../store/station.ts';
import { selectedOf } from './selected.ts';
import { sourceOf } from './sourceOfFiles.ts';
import { cardName, readCard } from './cardFile.ts';
import { download, downloadFile } from './downloads.ts';
import { capped } from './format.ts';
import { toggleTheme } from './theme.ts';
import { type Overlay, view } from './view.ts';

export interface Verbs {
  readonly commands: Commands;
  /** A change of `source` is one of the selected source where there are several. */
  change(settings: SettingsChange): void;
  /** Joins a work queue; the credentials stay in memory. */
  connect(source: NonNullable<SettingsChange['source']>): void;
  /** Puts pictures of the scene into the queue that is worked. */
  fillQueue(source: string, count: number, ratePerS: number): void;
  addSource(): void;
  removeSource(id: string): void;
  /** Another kind of source; what was typed or picked for one kind means nothing to the next. */
  changeKind(kind: SourceKind): void;
  undo(): void;
  redo(): void;
  editCard(patch: DeepPartial<ModelCard>): void;
  /** Asks for a card file and puts it in force. */
  importCard(): void;
  open(what: string | readonly File[]): void;
  pickFiles(): void;
  /** What this browser keeps, and the catalogue. */
  listModels(): void;
  renameModel(id: string, name: string): void;
  deleteModel(id: string): void;
  /** Its files, as downloads. */
  exportModel(id: string): void;
  persistLibrary(): void;
  toggleRunning(): void;
  start(): void;
  stop(): void;
  /** A passing word that is no failure. */
  notice(title: string, text: string): void;
  copyLink(): void;
  copy(text: string, said: string): void;
  export(format: ExportFormat): void;
  /** The shown picture with its results, as a file. */
  savePicture(): void;
  toggleTheme(): void;
  listDevices(): void;
  measure(): void;
  /** Shows the profile when it is made. */
  profile(): Promise<void>;
  compare(): Promise<void>;
}

/** What a link without a model opens. */
const builtInModel = 'shapes';

/** Settings that belong together within this time are one step of undo. */
const undoStepMs = 600;

export function createVerbs(commands: Commands, store: StationStore): Verbs {
  const past: Settings[] = [];
  let future: Settings[] = [];
  let changedAt = -Infinity;

  const fail = (title: string) => (thrown: unknown) => {
    const { code, message, details } = WeirError.wrap(thrown, 'bad-settings');
    if (code === 'cancelled') return;
    toast(title, message, code, details);
  };
  const toast = (title: string, text: string, code: ErrorCode, details: string | undefined) =>
    store.getState().addToast({ kind: 'error', title, text, code, ...(details === undefined ? {} : { details }) });
  const run = (source: SettingsChange['source'], title: string) => {
    if (source !== undefined)
      commands.configure(ofSelected({ source }, store.getState().settings)).then(() => verbs.start(), fail(title));
  };
  const notice = (title: string, text: string) => store.getState().addToast({ kind: 'notice', title, text });

  const takeCard = (file: File) => {
    readCard(file)
      .then((card) => commands.editCard(card))
      .then(() => notice('The card is in force', capped(file.name, 80)), fail('The model card was not taken'));
  };

  const verbs: Verbs = {
    commands,
    notice,
    change(settings) {
      const now = performance.now();
      if (now - changedAt > undoStepMs) past.push(store.getState().settings);
      changedAt = now;
      future = [];
      commands.configure(ofSelected(settings, store.getState().settings)).catch(fail('The setting was not taken'));
    },
    connect(source) {
      run(source, 'The queue was not joined');
    },
    fillQueue(source, count, ratePerS) {
      commands
        .fillQueue(source, count, ratePerS)
        .then(
          (stored) =>
            notice(
              `${stored} of ${count} jobs were put into the queue`,
              stored === count ? 'Each is a picture of the scene.' : 'The connection was lost on the way.',
            ),
          fail('No job was put into the queue'),
        );
    },
    addSource() {
      const { settings } = store.getState();
      const all = sourcesOf(settings);
      const id = freshName(all.map((source) => source.id));
      view.setState({ source: id });
      // Like the one beside it, but with things of its own to see.
      verbs.change({ sources: [...all, { ...defaultSettings.source, id, weight: 1, seed: all.length + 1 }] });
    },
    removeSource(id) {
      const left = sourcesOf(store.getState().settings).filter((source) => source.id !== id);
      const [only] = left;
      view.setState({ source: undefined });
      if (left.length > 1 || only === undefined) verbs.change({ sources: left });
      else {
        const { id: _, weight: __, ...source } = only;
        commands.configure({ sources: [], source }).catch(fail('The source was not removed'));
      }
    },
    changeKind(kind) {
      verbs.change({ source: { kind, url: '', deviceId: '', startS: 0, subject: '' } });
    },
    undo() {
      const last = past.pop();
      if (last === undefined) return;
      changedAt = -Infinity;
      future.push(store.getState().settings);
      commands.configure(whole(last)).catch(fail('The setting was not undone'));
    },
    redo() {
      const next = future.pop();
      if (next === undefined) return;
      changedAt = -Infinity;
      past.push(store.getState().settings);
      commands.configure(whole(next)).catch(fail('The setting was not redone'));
    },
    editCard(patch) {
      commands.editCard(patch).catch(fail('The model card was not changed'));
    },
    importCard() {
      const input = document.createElement('input');
      input.type = 'file';
      input.accept = '.json,application/json';
      input.onchange = () => {
        const [file] = input.files ?? [];
        if (file !== undefined) takeCard(file);
      };
      input.click();
    },
    open(what) {
      if (typeof what !== 'string') {
        const card = what.find(({ name }) => cardName.test(name));
        if (card !== undefined && what.length === 1) {
          takeCard(card);
          return;
        }
        const chosen = sourceOf(what, selectedOf(store.getState().settings, view.getState().source));
        if (chosen !== undefined) {
          run(chosen.source, chosen.title);
          return;
        }
      }
      const name = typeof what === 'string' ? what : (what[0]?.name ?? 'Nothing');
      const title = `${capped(name, 60)} was not opened`;
      const refuse = (thrown: unknown, action?: { label: string; run: () => void }) => {
        const { code, message, details } = WeirError.wrap(thrown, 'not-a-model');
        if (code === 'cancelled') return;
        store.getState().addToast({
          kind: 'error',
          opening: true,
          title,
          text: message,
          code,
          ...(details === undefined ? {} : { details }),
          ...(action === undefined ? {} : { action }),
        });
      };
      const opened = () => {
        const { toasts, dismissToast } = store.getState();
        for (const { id, opening } of toasts) if (opening === true) dismissToast(id);
        const models = typeof what === 'string' ? [] : what.filter((file) => /\.(onnx|ort)$/i.test(file.name));
        if (models.length > 1)
          notice(
            `${capped(models[0]?.name ?? '', 60)} was opened`,
            'One model runs at a time: drop the others one by one.',
          );
      };
      commands.openModel(what).then(opened, (thrown: unknown) => {
        const raw = () =>
          void commands.openModel(what, { task: { kind: 'tensors' } }).then(opened, (again: unknown) => refuse(again));
        const { code } = WeirError.wrap(thrown, 'not-a-model');
        refuse(thrown, code === 'cannot-feed' ? { label: 'Open the raw view', run: raw } : undefined);
      });
    },
    pickFiles() {
      const input = document.createElement('input');
      input.type = 'file';
      input.multiple = true;
      input.onchange = () => {
        const files = [...(input.files ?? [])];
        if (files.length > 0) verbs.open(files);
      };
      input.click();
    },
    listModels() {
      commands.library().catch(fail('The library was not read'));
    },
    renameModel(id, name) {
      commands.renameModel(id, name).catch(fail('The model was not renamed'));
    },
    deleteModel(id) {
      commands.deleteModel(id).catch(fail('The model was not deleted'));
    },
    exportModel(id) {
      commands.modelFiles(id).then((files) => {
        for (const { name, file } of files) downloadFile(name, file);
      }, fail('The model was not saved'));
    },
    persistLibrary() {
      commands.persistLibrary().then((promised) => {
        if (promised) return;
        notice(
          'The browser made no promise',
          'It keeps the models, but may clear them when its disk runs full. Add this page to your bookmarks and try again.',
        );
      }, fail('The browser was not asked'));
    },
    toggleRunning() {
      const { state } = store.getState().snapshot;
      if (state === 'running') commands.pause();
      else verbs.start();
    },
    start() {
      commands.start().catch(fail('It was not started'));
    },
    stop() {
      commands.stop().catch(fail('It was not stopped'));
    },
    copyLink() {
      const link = commands.shareLink();
      const { model } = store.getState();
      const left = model !== undefined && model.name !== builtInModel && !/[#&]model=/.test(link);
      verbs.copy(link, left ? 'The link is on the clipboard, without your model file' : 'The link is on the clipboard');
    },
    copy(text, said) {
      navigator.clipboard.writeText(text).then(
        () => notice(said, capped(text, 160)),
        () => notice('The browser did not allow the clipboard', capped(text, 400)),
      );
    },
    export(format) {
      commands.export(format).then((text) => download(format, text), fail('Nothing was exported'));
    },
    savePicture() {
      commands.picture().then((blob) => downloadFile('weir-picture.png', blob), fail('No picture was saved'));
    },
    toggleTheme,
    measure() {
      commands.measure().catch(fail('The model was not measured'));
    },
    profile: () => commands.profile().then(() => openOverlay('profile'), fail('The model was not profiled')),
    compare: () => commands.compare().then(() => undefined, fail('The frame was not compared')),
    listDevices() {
      commands.listDevices().then((devices) => store.getState().setDevices(devices), fail('Devices were not listed'));
    },
  };
  return verbs;
}

export function openOverlay(overlay: Overlay): void {
  view.setState({ overlay });
}

/** Of several sources the selected one is meant. */
function ofSelected(change: SettingsChange, settings: Settings): SettingsChange {
  const { source, ...others } = change;
  if (source === undefined || change.sources !== undefined || settings.sources.length === 0) return change;
  const { id } = selectedOf(settings, view.getState().source);
  return { ...others, sources: settings.sources.map((each) => (each.id === id ? { ...each, ...source } : each)) };
}

/** Settings as they were, whichever of `source` and `sources` was in force. */
const whole = ({ source, sources, ...others }: Settings): SettingsChange => ({ ...others, source, sources });

function freshName(taken: readonly string[]): string {
  for (let n = taken.length + 1; ; n++) if (!taken.includes(`scene-${n}`)) return `scene-${n}`;
}
