/** Shows the load dial wherever the page keeps its controls, and opens a first load where none is open yet. */
import { defaultLoad, loadAddress } from '../core/loadRecipe.ts';
import type { StationStore } from '../store/station.ts';
import type { Verbs } from './verbs.ts';
import { view } from './view.ts';

export function openLoadDial(store: StationStore, verbs: Verbs): void {
  view.setState({ dial: true, tab: 'controls', drawer: innerWidth >= 600 && innerWidth < 1200 });
  if (store.getState().model?.load === undefined) verbs.open(loadAddress(defaultLoad));
}
