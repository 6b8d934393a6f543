/** What buttons, keys and the palette do: commands with their errors told, undo of settings, files and downloads. */
import type { ModelCard } from '../core/card.ts';
import type { Commands } from '../core/commands.ts';
import { type ErrorCode, WeirError } from '../core/errors.ts';
import type { DeepPartial, Settings, SettingsChange } from '../core/settings.ts';
import type { StationStore } from '../store/station.ts';
import { isPictureFile, isVideoFile } from './droppedFiles.ts';
import { downloadSeconds, downloadSnapshot } from './downloads.ts';
import { capped } from './format.ts';
import { toggleTheme } from './theme.ts';
import { view } from './view.ts';

export interface Verbs {
  readonly commands: Commands;
  change(settings: DeepPartial<Settings>): void;
  undo(): void;
  redo(): void;
  editCard(patch: DeepPartial<ModelCard>): void;
  open(what: string | readonly File[]): void;
  pickFiles(): void;
  toggleRunning(): void;
  start(): void;
  stop(): void;
  copyLink(): void;
  copy(text: string, said: string): void;
  exportSnapshot(): void;
  exportSeconds(): void;
  toggleTheme(): void;
  listCameras(): void;
}

/** What a link without a model opens. */
const builtInModel = 'sobel';

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
    if (source !== undefined) commands.configure({ source }).then(() => verbs.start(), fail(title));
  };
  /** A few pictures are looked at; many are worked off. */
  const runPictures = (files: readonly File[]) => {
    const { settings } = store.getState();
    const paced = settings.source.kind === 'images' ? {} : { ratePerS: files.length < 20 ? 2 : 30 };
    run({ kind: 'images', files, ...paced }, 'The pictures were not opened');
  };
  const notice = (title: string, text: string) => store.getState().addToast({ kind: 'notice', title, text });

  const verbs: Verbs = {
    commands,
    change(settings) {
      const now = performance.now();
      if (now - changedAt > undoStepMs) past.push(store.getState().settings);
      changedAt = now;
      future = [];
      commands.configure(settings).catch(fail('The setting was not taken'));
    },
    undo() {
      const last = past.pop();
      if (last === undefined) return;
      changedAt = -Infinity;
      future.push(store.getState().settings);
      commands.configure(last).catch(fail('The setting was not undone'));
    },
    redo() {
      const next = future.pop();
      if (next === undefined) return;
      changedAt = -Infinity;
      past.push(store.getState().settings);
      commands.configure(next).catch(fail('The setting was not redone'));
    },
    editCard(patch) {
      commands.editCard(patch).catch(fail('The model card was not changed'));
    },
    open(what) {
      const pictures = typeof what === 'string' ? [] : what.filter(isPictureFile);
      const hasModel = typeof what !== 'string' && what.some((file) => /\.(onnx|ort)$/i.test(file.name));
      const video = typeof what === 'string' || hasModel ? undefined : what.find(isVideoFile);
      if (video !== undefined) {
        run({ kind: 'video', files: [video] }, `${capped(video.name, 60)} was not opened`);
        return;
      }
      if (pictures.length > 0 && !hasModel) {
        runPictures(pictures);
        return;
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
    exportSnapshot: () => downloadSnapshot(store.getState()),
    exportSeconds: () => downloadSeconds(store.getState().timeline),
    toggleTheme,
    listCameras() {
      commands.listCameras().then((cameras) => store.getState().setCameras(cameras), fail('Cameras were not listed'));
    },
  };
  return verbs;
}

export function openOverlay(overlay: 'palette' | 'keys' | 'link' | 'none'): void {
  view.setState({ overlay });
}
