/** What a device's own timestamps tell: when a frame should have come, and how many never did. */

/**
 * Intended arrival times and missed frames from the camera's own timestamps (ms).
 * scheduled = timestamp + min over frames(arrived - timestamp); a gap of k frame intervals means k - 1 were missed,
 * the interval being the median of the last gaps.
 */
export function createTiming(): { next(timestamp: number, arrived: number): { scheduled: number; missed: number } } {
  let offset = Infinity;
  let last: number | undefined;
  const gaps: number[] = [];
  return {
    next(timestamp, arrived) {
      offset = Math.min(offset, arrived - timestamp);
      let missed = 0;
      if (last !== undefined) {
        const gap = timestamp - last;
        const interval = median(gaps);
        if (gaps.length >= 8 && interval > 0 && gap > 1.5 * interval) missed = Math.round(gap / interval) - 1;
        if (gap > 0) gaps.push(gap);
        if (gaps.length > 31) gaps.shift();
      }
      last = timestamp;
      return { scheduled: timestamp + offset, missed };
    },
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
