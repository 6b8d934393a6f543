/** How far chosen files were worked off, so that a pause does not begin them again; the station keeps it between two runs. */
import type { Outcome } from '../core/outcome.ts';

export interface Place {
  /** Seconds of a recording, or the number of the next file; undefined: from the beginning. */
  at: number | undefined;
}

/** What a pause dropped unserved is to be served after it: the place goes back to where it was before. */
export function stepBack(place: Place, before: number | undefined): void {
  if (place.at !== undefined && (before === undefined || before < place.at)) place.at = before;
}

export function isPaused(outcome: Outcome): boolean {
  return outcome.kind === 'dropped' && outcome.cause === 'shutdown';
}
