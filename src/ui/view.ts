/** What this page shows right now and the station need not know: open overlays, the phone's tab, the cursor. */
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';

export type Overlay = 'none' | 'palette' | 'keys' | 'models' | 'link' | 'profile' | 'inspector';
export type Tab = 'live' | 'charts' | 'controls' | 'counts';
/** Panels that can fill the page, in the order of their number keys. */
export const panels = ['controls', 'flow', 'preview', 'response', 'rates', 'queue'] as const;
export type PanelName =
  | (typeof panels)[number]
  | 'stages'
  | 'sources'
  | 'level'
  | 'work'
  | 'dead'
  | 'depth'
  | 'results';

/** Columns whose width a person can choose, in px: smallest and largest. */
export const columnLimits = { controls: [240, 480], left: [320, 800] } as const;
export type Column = keyof typeof columnLimits;
type Columns = { readonly [C in Column]?: number };

export interface ViewValues {
  readonly overlay: Overlay;
  readonly tab: Tab;
  readonly drawer: boolean;
  /** The load dial among the controls; undefined: open while a load serves. */
  readonly dial: boolean | undefined;
  /** Of several sources the one that the controls are about; undefined: the first. */
  readonly source: string | undefined;
  readonly full: PanelName | undefined;
  /** ms on the common clock of the second under the cursor of the time charts. */
  readonly cursorAt: number | undefined;
  /** A span of the timeline chosen by dragging; undefined follows now. */
  readonly span: { readonly from: number; readonly to: number } | undefined;
  readonly singleKeys: boolean;
  /** The truth is drawn over the preview, where the source knows it. */
  readonly truth: boolean;
  /** The table of results is shown. */
  readonly results: boolean;
  /** Chosen widths; the design's own where none is. */
  readonly columns: Columns;
}

const columnsKey = 'weir.columns';

export const view = createStore<ViewValues>()(() => ({
  overlay: 'none',
  tab: 'live',
  drawer: false,
  dial: undefined,
  source: undefined,
  full: undefined,
  cursorAt: undefined,
  span: undefined,
  singleKeys: true,
  truth: false,
  results: false,
  columns: storedColumns(),
}));

export function useView<T>(selector: (values: ViewValues) => T): T {
  return useStore(view, selector);
}

/** Undefined: the width of the design again. */
export function setColumn(column: Column, width: number | undefined): void {
  const { [column]: _, ...others } = view.getState().columns;
  const columns = width === undefined ? others : { ...others, [column]: within(column, width) };
  view.setState({ columns });
  try {
    localStorage.setItem(columnsKey, JSON.stringify(columns));
  } catch {
    // Without storage the widths last as long as the page.
  }
}

function storedColumns(): Columns {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(columnsKey) ?? '{}');
    if (typeof stored !== 'object' || stored === null) return {};
    const known = Object.entries(stored).filter(
      (entry): entry is [Column, number] => entry[0] in columnLimits && typeof entry[1] === 'number',
    );
    return Object.fromEntries(known.map(([column, width]) => [column, within(column, width)]));
  } catch {
    return {};
  }
}

function within(column: Column, width: number): number {
  const [min, max] = columnLimits[column];
  return Math.round(Math.max(min, Math.min(max, width)));
}
