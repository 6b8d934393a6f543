/** Hands the store, the commands and the verbs built on them to the components below `App`. */
import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import type { StationStore, StationValues } from '../store/station.ts';
import type { Verbs } from './verbs.ts';

export interface Station {
  readonly store: StationStore;
  readonly verbs: Verbs;
}

export const StationContext = createContext<Station | undefined>(undefined);

export function useStationContext(): Station {
  const station = useContext(StationContext);
  if (station === undefined) throw new Error('Rendered outside of App.');
  return station;
}

export function useStation<T>(selector: (values: StationValues) => T): T {
  return useStore(useStationContext().store, selector);
}

export function useVerbs(): Verbs {
  return useStationContext().verbs;
}
