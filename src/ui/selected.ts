/** Which of several sources the controls and the picture are about. */
import type { SourceState } from '../core/delivery.ts';
import { type NamedSource, type Settings, sourcesOf } from '../core/settings.ts';
import type { LiveFacts } from '../core/telemetry.ts';
import { useStation } from './StationContext.ts';
import { useView } from './view.ts';

/** The one of that name; the first when it is gone or none was chosen. */
export function selectedOf(settings: Settings, name: string | undefined): NamedSource {
  const all = sourcesOf(settings);
  // There is always one: where none is named, `source` itself runs.
  return all.find(({ id }) => id === name) ?? (all[0] as NamedSource);
}

export function useSelected(): NamedSource {
  const name = useView((values) => values.source);
  return selectedOf(
    useStation((state) => state.settings),
    name,
  );
}

export function stateOf(
  live: LiveFacts | undefined,
  settings: Settings,
  name: string | undefined,
): SourceState | undefined {
  return live?.sources[selectedOf(settings, name).id];
}

export function useSourceState(): SourceState | undefined {
  const name = useView((values) => values.source);
  return useStation(({ live, settings }) => stateOf(live, settings, name));
}
