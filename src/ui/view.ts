/** What this page shows right now and the station need not know: open overlays, the phone's tab, the cursor. */
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';

export type Overlay = 'none' | 'palette' | 'keys' | 'link';
export type Tab = 'live' | 'charts' | 'controls' | 'counts';
/** Panels that can fill the page, in the order of their number keys. */
export const panels = ['controls', 'flow', 'preview', 'response', 'rates', 'queue'] as const;
export type PanelName = (typeof panels)[number] | 'stages';

export interface ViewValues {
  readonly overlay: Overlay;
  readonly tab: Tab;
  readonly drawer: boolean;
  readonly full: PanelName | undefined;
  /** ms on the common clock of the second under the cursor of the time charts. */
  readonly cursorAt: number | undefined;
  /** A span of the timeline chosen by dragging; undefined follows now. */
  readonly span: { readonly from: number; readonly to: number } | undefined;
  readonly singleKeys: boolean;
}

export const view = createStore<ViewValues>()(() => ({
  overlay: 'none',
  tab: 'live',
  drawer: false,
  full: undefined,
  cursorAt: undefined,
  span: undefined,
  singleKeys: true,
}));

export function useView<T>(selector: (values: ViewValues) => T): T {
  return useStore(view, selector);
}
