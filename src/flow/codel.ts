/**
 * Controlled delay (RFC 8289): sheds at the head when the wait has stood above a target for a whole interval, and then
 * ever more often until it falls. A burst that the queue can drain by itself is left alone.
 */
export interface Codel {
  /**
   * Whether the delivery at the head is to be shed; asked once for each that would be dequeued.
   * @param sojournMs how long it has waited
   * @param others whether anything waits behind it: the last one is never shed
   */
  sheds(sojournMs: number, now: number, others: boolean): boolean;
}

/** RFC 8289 section 5.5: a new phase soon after the last one goes on from its drop rate. */
const recentIntervals = 16;

export function createCodel({
  targetMs,
  intervalMs,
}: {
  readonly targetMs: number;
  readonly intervalMs: number;
}): Codel {
  /** When the wait will have been above the target for an interval; undefined: it is below. */
  let above: number | undefined;
  let dropping = false;
  let dropNext = 0;
  let count = 0;
  let lastCount = 0;
  const later = (from: number) => from + intervalMs / Math.sqrt(count);

  return {
    sheds(sojournMs, now, others) {
      if (sojournMs < targetMs || !others) {
        above = undefined;
        dropping = false;
        return false;
      }
      above ??= now + intervalMs;
      if (now < above) return false;
      if (dropping) {
        if (now < dropNext) return false;
        count += 1;
        dropNext = later(dropNext);
        return true;
      }
      dropping = true;
      const since = count - lastCount;
      count = since > 1 && now - dropNext < recentIntervals * intervalMs ? since : 1;
      lastCount = count;
      dropNext = later(now);
      return true;
    },
  };
}
