/**
 * A log-linear histogram in the HDR layout: 3 significant digits from 1 us to 60 s, mergeable without loss.
 * Percentiles of a whole run or of a window come from merged counts, because percentiles must never be averaged.
 */
import type { SparseHistogram } from './sparse.ts';

// Whole microseconds; 2048 sub-buckets, of which each further bucket needs the upper half, as in G. Tene's HdrHistogram.
const subBucketBits = 11;
const subBuckets = 1 << subBucketBits;
const half = subBuckets >> 1;
const maxUs = 60_000_000;
/** Buckets of doubling width until 60 s is covered. */
const bucketCount = Math.ceil(Math.log2(maxUs / subBuckets)) + 1;

export const histogramLength = (bucketCount + 1) * half;

/** Index of the cell that holds a duration in ms; below 0 counts as 0, above 60 s as 60 s. The duration must not be NaN. */
export function cellOf(ms: number): number {
  const us = Math.min(maxUs, Math.max(0, Math.round(ms * 1000)));
  if (us < subBuckets) return us;
  const shift = 31 - Math.clz32(us) - (subBucketBits - 1);
  return shift * half + (us >>> shift);
}

/** Lowest duration of a cell, whole us. */
export function cellStartUs(cell: number): number {
  if (cell < subBuckets) return cell;
  const shift = Math.floor(cell / half) - 1;
  return (cell - shift * half) * 2 ** shift;
}

/** Highest duration that is equivalent to a cell's at this precision, ms: what percentiles report. */
export function cellEndMs(cell: number): number {
  return (cellStartUs(cell + 1) - 1) / 1000;
}

export class Histogram {
  readonly counts = new Uint32Array(histogramLength);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** @param ms a duration, not NaN */
  record(ms: number): void {
    this.add(cellOf(ms), 1);
  }

  /** `times` may be negative: a window takes out what has left it. */
  add(cell: number, times: number): void {
    this.counts[cell] = (this.counts[cell] ?? 0) + times;
    this.#count += times;
  }

  merge(other: Histogram): void {
    for (let cell = 0; cell < histogramLength; cell++) {
      const times = other.counts[cell] ?? 0;
      if (times > 0) this.add(cell, times);
    }
  }

  /** Decodes into what is already here; `times` -1 takes it out again. */
  addSparse({ cells, counts }: SparseHistogram, times: 1 | -1 = 1): void {
    for (let i = 0; i < cells.length; i++) this.add(cells[i] ?? 0, times * (counts[i] ?? 0));
  }

  encode(): SparseHistogram {
    const cells: number[] = [];
    for (let cell = 0; cell < histogramLength; cell++) if ((this.counts[cell] ?? 0) > 0) cells.push(cell);
    return {
      n: this.#count,
      cells: Uint16Array.from(cells),
      counts: Uint32Array.from(cells, (cell) => this.counts[cell] ?? 0),
    };
  }

  reset(): void {
    this.counts.fill(0);
    this.#count = 0;
  }

  /** Several percentiles (q ascending in 0..1) in one pass, ms; 0 when empty. Nearest rank: the ceil(q n)-th value. */
  percentiles(qs: readonly number[]): number[] {
    const results: number[] = [];
    let seen = 0;
    let cell = -1;
    for (const q of qs) {
      // One ulp less: 0.99 x 700 is a little over 693 in floating point, and must stay the 693rd.
      const rank = Math.max(1, Math.ceil(q * this.#count * (1 - Number.EPSILON)));
      while (seen < rank && cell < histogramLength - 1) seen += this.counts[++cell] ?? 0;
      results.push(this.#count === 0 ? 0 : cellEndMs(cell));
    }
    return results;
  }

  /** q in 0..1, ms; 0 when empty. */
  percentile(q: number): number {
    return this.percentiles([q])[0] ?? 0;
  }

  /** ms; 0 when empty. Exact to the precision of the cells: each counts as its middle. */
  mean(): number {
    if (this.#count === 0) return 0;
    let sum = 0;
    for (let cell = 0; cell < histogramLength; cell++) {
      const times = this.counts[cell] ?? 0;
      if (times > 0) sum += times * (cellStartUs(cell) / 1000 + cellEndMs(cell)) * 0.5;
    }
    return sum / this.#count;
  }

  /** Largest value at the precision of its cell, ms; 0 when empty. */
  max(): number {
    return this.percentile(1);
  }
}
