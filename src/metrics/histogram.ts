/**
 * A log-linear histogram in the HDR layout: 3 significant digits from 1 us to 60 s, mergeable without loss.
 * Values are recorded as whole microseconds; layout after G. Tene's HdrHistogram (2048 sub-buckets, halved above the first).
 */

const subBucketBits = 11;
const subBuckets = 1 << subBucketBits;
const half = subBuckets >> 1;
const maxUs = 60_000_000;
/** Buckets of doubling width until 60 s is covered. */
const bucketCount = Math.ceil(Math.log2(maxUs / subBuckets)) + 1;

export const histogramLength = (bucketCount + 1) * half;

/** Index of the cell that holds a duration in ms; below 0 counts as 0, above 60 s as 60 s. */
export function cellOf(ms: number): number {
  const us = Math.min(maxUs, Math.max(0, Math.round(ms * 1000)));
  if (us < subBuckets) return us;
  const shift = 31 - Math.clz32(us) - (subBucketBits - 1);
  return shift * half + (us >>> shift);
}

/** Lowest duration of a cell, ms. */
export function cellStartMs(cell: number): number {
  if (cell < subBuckets) return cell / 1000;
  const shift = Math.floor(cell / half) - 1;
  return ((cell - shift * half) * 2 ** shift) / 1000;
}

/** Highest duration that is equivalent to a cell's at this precision, ms: what percentiles report. */
export function cellEndMs(cell: number): number {
  if (cell < subBuckets) return cell / 1000;
  const shift = Math.floor(cell / half) - 1;
  return ((cell - shift * half + 1) * 2 ** shift - 1) / 1000;
}

export class Histogram {
  readonly counts = new Uint32Array(histogramLength);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  record(ms: number): void {
    this.add(cellOf(ms), 1);
  }

  /** `times` may be negative: a window takes out what has left it. */
  add(cell: number, times: number): void {
    this.counts[cell] = (this.counts[cell] ?? 0) + times;
    this.#count += times;
  }

  merge(other: Histogram): void {
    for (let cell = 0; cell < histogramLength; cell++)
      this.counts[cell] = (this.counts[cell] ?? 0) + (other.counts[cell] ?? 0);
    this.#count += other.#count;
  }

  /** Several percentiles (q ascending in 0..1) in one pass, ms; 0 when empty. Nearest rank: the ceil(q n)-th value. */
  percentiles(qs: readonly number[]): number[] {
    const results: number[] = [];
    let seen = 0;
    let cell = -1;
    for (const q of qs) {
      const rank = Math.max(1, Math.ceil(q * this.#count));
      while (seen < rank && cell < histogramLength - 1) seen += this.counts[++cell] ?? 0;
      results.push(this.#count === 0 ? 0 : cellEndMs(Math.max(0, cell)));
    }
    return results;
  }
}
