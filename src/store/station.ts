/** What the page knows of the station, for React: slow values only, changed by actions that stand beside them. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ModelInfo } from '../core/card.ts';
import type { Agreement } from '../core/agreement.ts';
import { type Choices, noChoices } from '../core/choices.ts';
import type { MediaDevice } from '../core/commands.ts';
import { emptySnapshot } from '../core/emptySnapshot.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { Keeping, LibraryState } from '../core/library.ts';
import type { Profile } from '../core/profile.ts';
import { defaultSettings, type Settings } from '../core/settings.ts';
import type { Snapshot } from '../core/snapshot.ts';
import type { LiveFacts, OpeningProgress, Telemetry } from '../core/telemetry.ts';
import { createTimeline, type Timeline } from './timeline.ts';

export interface ToastInit {
  readonly kind: 'error' | 'notice';
  /** What did not happen. */
  readonly title: string;
  /** What happened; what to do about it is added from `code`. */
  readonly text: string;
  readonly code?: ErrorCode;
  /** Raw words for "Copy details". */
  readonly details?: string;
  /** Of a model that was not opened: it leaves when another one opens. */
  readonly opening?: true;
  /** Of a source that stopped: it leaves when a source runs again. */
  readonly source?: true;
  /** A question: it stays until it is answered. */
  readonly stays?: true;
  readonly action?: { readonly label: string; readonly run: () => void };
}
export interface Toast extends ToastInit {
  readonly id: number;
}

export interface StationValues {
  readonly settings: Settings;
  readonly snapshot: Snapshot;
  readonly live: LiveFacts | undefined;
  readonly opening: OpeningProgress | undefined;
  readonly model: ModelInfo | undefined;
  readonly choices: Choices;
  /** Of the model that is open. */
  readonly profile: Profile | undefined;
  readonly agreement: Agreement | undefined;
  /** Undefined until it was asked for. */
  readonly library: LibraryState | undefined;
  /** Of the model that is open; undefined: it is not for keeping. */
  readonly keeping: Keeping | undefined;
  readonly devices: readonly MediaDevice[];
  readonly toasts: readonly Toast[];
  readonly timeline: Timeline;
  applyTelemetry(telemetry: Telemetry): void;
  setSettings(settings: Settings): void;
  setOpening(opening: OpeningProgress | undefined): void;
  setModel(model: ModelInfo | undefined): void;
  setChoices(choices: Choices): void;
  setProfile(profile: Profile): void;
  setAgreement(agreement: Agreement): void;
  setLibrary(library: LibraryState): void;
  setKeeping(keeping: Keeping | undefined): void;
  setDevices(devices: readonly MediaDevice[]): void;
  /** Returns the id for `dismissToast`. */
  addToast(toast: ToastInit): number;
  dismissToast(id: number): void;
}
export type StationStore = StoreApi<StationValues>;

/** Of the work queues that tell it, together. */
function depthOf({ work }: Snapshot): number | undefined {
  const ready = Object.values(work ?? {}).flatMap(({ look }) => look?.ready ?? []);
  return ready.length === 0 ? undefined : ready.reduce((sum, each) => sum + each, 0);
}

const msPerShow = 250;
const keptToasts = 3;

/** @param now ms on any clock that only goes forward */
export function createStation(now: () => number = () => performance.now()): StationStore {
  let shownAt = -Infinity;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let newest: Telemetry | undefined;
  let nextToast = 1;

  return createStore<StationValues>()((set, get) => {
    const show = () => {
      clearTimeout(timer);
      timer = undefined;
      if (newest === undefined) return;
      shownAt = now();
      set({ snapshot: newest.snapshot, live: newest.live });
    };
    return {
      settings: defaultSettings,
      snapshot: emptySnapshot,
      live: undefined,
      opening: undefined,
      model: undefined,
      choices: noChoices,
      profile: undefined,
      agreement: undefined,
      library: undefined,
      keeping: undefined,
      devices: [],
      toasts: [],
      timeline: createTimeline(),
      applyTelemetry(telemetry) {
        const stateChanged = newest?.snapshot.state !== telemetry.snapshot.state;
        newest = telemetry;
        const { timeline, toasts } = get();
        const runsAgain = stateChanged && telemetry.snapshot.state === 'running';
        if (runsAgain && toasts.some(({ source }) => source === true))
          set({ toasts: toasts.filter(({ source }) => source !== true) });
        if (telemetry.restarted) timeline.clear();
        timeline.append(telemetry.seconds, telemetry.events, depthOf(telemetry.snapshot));
        const wait = shownAt + msPerShow - now();
        // A change of state is a person's doing and shows at once; numbers wait for their quarter of a second.
        if (stateChanged || wait <= 0) show();
        else timer ??= setTimeout(show, wait);
      },
      setSettings: (settings) => set({ settings }),
      setOpening: (opening) => set({ opening }),
      setModel: (model) => {
        const same = model !== undefined && model.sha256 === get().model?.sha256;
        set({ model, ...(same ? {} : { profile: undefined, agreement: undefined }) });
      },
      setChoices: (choices) => set({ choices }),
      setProfile: (profile) => set({ profile }),
      setAgreement: (agreement) => set({ agreement }),
      setLibrary: (library) => set({ library }),
      setKeeping: (keeping) => set({ keeping }),
      setDevices: (devices) => set({ devices }),
      addToast(toast) {
        const id = nextToast++;
        // The same words again replace the older toast instead of filling the corner.
        const others = get().toasts.filter((other) => other.title !== toast.title || other.text !== toast.text);
        set({ toasts: [...others, { ...toast, id }].slice(-keptToasts) });
        return id;
      },
      dismissToast: (id) => set({ toasts: get().toasts.filter((toast) => toast.id !== id) }),
    };
  });
}
