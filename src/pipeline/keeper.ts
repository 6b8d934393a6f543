/**
 * Keeps each model that opens, in a worker beside the opening, and what is edited of its card afterwards. What becomes of it
 * is told to the page; the opening never waits for it.
 */
import type { ModelCard } from '../core/card.ts';
import { WeirError } from '../core/errors.ts';
import type { Keeping, LibraryEntry } from '../core/library.ts';
import type { DeepPartial } from '../core/settings.ts';
import { mergePatches } from '../models/companions.ts';
import type { FileToKeep, FromLibrary, FromPipeline, KeptAbout, ToLibrary } from './protocol.ts';

export interface KeeperHost {
  startLibrary(): Worker;
  send(message: FromPipeline): void;
}

export interface KeepRun {
  /** The model has served: it is entered as soon as it is written. */
  commit(about: KeptAbout): void;
  /** It did not open. */
  discard(): void;
}

export interface Keeper {
  /** `files` is asked for when writing begins. */
  keep(bytes: number, files: () => readonly [FileToKeep, ...FileToKeep[]]): KeepRun;
  /** A model of the library opened; undefined: one that is not kept. */
  opened(entry: LibraryEntry | undefined): void;
  edited(patch: DeepPartial<ModelCard>): void;
  /** The model that is open, where it is kept. */
  id(): string | undefined;
}

/** Smaller models are written in no time, and must not slow their first frames. */
const besideBytes = 8e6;
const smallAfterMs = 300;
const editSettleMs = 500;
const tellEveryMs = 250;

export function createKeeper(host: KeeperHost): Keeper {
  let newest: object | undefined;
  let keptId: string | undefined;
  let edits: DeepPartial<ModelCard> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const tell = (keeping: Keeping | undefined) => host.send({ kind: 'keeping', keeping });

  /** Small changes, one worker each; a model that is gone meanwhile is nobody's loss. */
  function change(message: Extract<ToLibrary, { kind: 'used' | 'edit' }>): void {
    const worker = host.startLibrary();
    const end = () => worker.terminate();
    worker.onerror = end;
    worker.onmessage = ({ data }: MessageEvent<FromLibrary>) => {
      end();
      if (data.kind === 'refused' && data.error.code !== 'not-kept')
        host.send({ kind: 'notice', level: 'error', title: 'The library was not changed', error: data.error });
    };
    worker.postMessage(message);
  }

  function saveEdits(): void {
    clearTimeout(timer);
    timer = undefined;
    if (keptId === undefined || edits === undefined) return;
    change({ kind: 'edit', id: keptId, patch: edits });
    edits = undefined;
  }

  function begin(next: object | undefined): void {
    saveEdits();
    newest = next;
    keptId = undefined;
    edits = undefined;
    tell(undefined);
  }

  /** One model on its way into the library. */
  function start(run: object, files: readonly [FileToKeep, ...FileToKeep[]]) {
    const worker = host.startLibrary();
    const { name } = files[0];
    let about: KeptAbout | undefined;
    let failure: WeirError | undefined;
    let told = -Infinity;
    /** Only once the model has opened: before that its opening is what counts. */
    const report = () => {
      if (failure === undefined || about === undefined) return;
      if (run === newest) tell({ status: 'failed', name, error: failure.toData() });
      // A page without storage, as in a private window, says so in the library only.
      if (failure.code === 'not-kept') return;
      const title = `${name.slice(0, 60)} was not kept`;
      host.send({ kind: 'notice', level: 'error', title, error: failure.toData() });
    };
    const fail = (error: WeirError) => {
      worker.terminate();
      failure = error;
      report();
    };
    worker.onerror = ({ message }) =>
      fail(new WeirError('storage-full', `${name} could not be stored.`, { details: message }));
    worker.onmessage = ({ data }: MessageEvent<FromLibrary>) => {
      if (data.kind === 'refused') fail(WeirError.fromData(data.error));
      else if (data.kind === 'kept') {
        worker.terminate();
        if (run !== newest) return;
        keptId = data.id;
        tell({ status: 'kept', name, id: data.id, ...(about?.url === undefined ? {} : { url: about.url }) });
        saveEdits();
      } else if (data.kind === 'progress' && run === newest && performance.now() - told > tellEveryMs) {
        told = performance.now();
        tell({ status: 'writing', name, share: data.bytes / Math.max(1, data.total ?? 1) });
      }
    };
    worker.postMessage({ kind: 'keep', files } satisfies ToLibrary);
    return {
      commit(given: KeptAbout) {
        about = given;
        worker.postMessage({ kind: 'commit', about } satisfies ToLibrary);
        report();
      },
      discard: () => worker.terminate(),
    };
  }

  return {
    keep(bytes, files) {
      const run = {};
      const beside = bytes > besideBytes ? start(run, files()) : undefined;
      return {
        commit(about) {
          begin(run);
          if (beside === undefined) setTimeout(() => start(run, files()).commit(about), smallAfterMs);
          else beside.commit(about);
        },
        discard: () => beside?.discard(),
      };
    },
    opened(entry) {
      begin({});
      if (entry === undefined) return;
      const { id, name, url } = entry;
      keptId = id;
      change({ kind: 'used', id });
      tell({ status: 'kept', name, id, ...(url === undefined ? {} : { url }) });
    },
    id: () => keptId,
    edited(patch) {
      edits = mergePatches(edits, patch);
      clearTimeout(timer);
      timer = setTimeout(saveEdits, editSettleMs);
    },
  };
}
