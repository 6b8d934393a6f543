/** All that the page knows of the run as one JSON text; addresses stay out, as they may hold secrets. */
import { dropCauses } from '../core/outcome.ts';
import type { StationValues } from './station.ts';

export function stateJson({ snapshot, live, settings, model, timeline }: StationValues): string {
  const { source, sources, ...others } = settings;
  const plain = {
    environment: {
      userAgent: navigator.userAgent,
      cores: navigator.hardwareConcurrency,
      isolated: globalThis.crossOriginIsolated,
    },
    settings: {
      ...others,
      source: { ...source, url: undefined },
      sources: sources.map((each) => ({ ...each, url: undefined })),
    },
    snapshot,
    live,
    card: model?.card,
    events: timeline.events,
    seconds: timeline.seconds.map(({ cellMs, cellCount, dropped, ...second }) => ({
      ...second,
      dropped: dropCauses.map((cause) => dropped[cause]),
      responseMs: [...cellMs],
      frames: [...cellCount],
    })),
    droppedCauses: dropCauses,
  };
  return JSON.stringify(plain, undefined, 2);
}
