/**
 * The two sums that must hold at every moment, in exact integers (DESIGN.md section 1).
 * Every test of a pipeline ends with them, and the page shows them.
 */
import type { Counts } from '../core/snapshot.ts';

/** `offBy` is 0 when both hold, else the larger of the two differences. */
export function checkConservation(counts: Counts): { readonly holds: boolean; readonly offBy: number } {
  const { oldest, superseded, expired, shed, cancelled, shutdown } = counts.dropped;
  const gate = counts.offered - counts.refused - counts.admitted;
  const after =
    counts.admitted -
    (counts.completed +
      counts.failed +
      (oldest + superseded + expired + shed + cancelled + shutdown) +
      counts.released +
      counts.queued +
      counts.inFlight);
  const offBy = Math.abs(gate) >= Math.abs(after) ? gate : after;
  return { holds: gate === 0 && after === 0, offBy };
}
