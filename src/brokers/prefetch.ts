/**
 * How many jobs a worker holds at once when nobody says: one for each slot of the engine, and as many as are done while
 * the broker is on its way; 2 to 16. More would only keep jobs from other workers.
 */
const least = 2;
const most = 16;

/** @param roundTripMs from a result to the next job in its place; @param serviceMs of one job */
export function automaticPrefetch(slots: number, roundTripMs: number, serviceMs: number): number {
  const hidden = serviceMs > 0 && roundTripMs > 0 ? Math.ceil(roundTripMs / serviceMs) : 1;
  return Math.max(least, Math.min(most, slots + hidden));
}
