/**
 * How many samples a percentile needs before it may be shown in full ink.
 * A p99 of twenty frames is the largest of twenty and says nothing of one in a hundred.
 */

/**
 * Smallest n for which the largest of n samples bounds the q-th quantile with 99 % confidence, samples independent:
 * 1 - q^n >= 0.99, so n >= ln(1 - 0.99) / ln(q). Gives 7, 44, 90, 459, 4603 for 0.5, 0.9, 0.95, 0.99, 0.999.
 */
export function samplesFor(q: number): number {
  return Math.ceil(Math.log(0.01) / Math.log(q));
}
