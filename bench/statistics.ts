/** Mean and a 95 % confidence interval of paired ratios, by a seeded percentile bootstrap, so that a run can be repeated. */

export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Of the geometric mean, which is the right one for ratios: a/b and b/a tell the same story. */
export function ratioInterval(ratios: readonly number[], resamples = 4000): Interval {
  if (ratios.length === 0 || ratios.some((ratio) => !(ratio > 0)))
    throw new Error('A ratio needs runs that did something on both sides.');
  const logs = ratios.map(Math.log);
  const random = seeded(1);
  const means = Array.from({ length: resamples }, () =>
    mean(logs.map(() => logs[Math.floor(random() * logs.length)] ?? 0)),
  ).sort((a, b) => a - b);
  const at = (share: number) => Math.exp(means[Math.round(share * (resamples - 1))] ?? 0);
  return { value: Math.exp(mean(logs)), low: at(0.025), high: at(0.975) };
}

/** Wilson's score interval of a share, 95 %; exact enough near 1, where the normal one is not. */
export function shareInterval(hits: number, of: number): Interval {
  if (of === 0) throw new Error('A share of nothing.');
  const z = 1.96;
  const share = hits / of;
  const middle = (share + (z * z) / (2 * of)) / (1 + (z * z) / of);
  const half = (z / (1 + (z * z) / of)) * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of));
  return { value: share, low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

/** Least-squares slope of y over x, with the half width of its 95 % confidence interval. */
export function slope(points: readonly (readonly [x: number, y: number])[]): { slope: number; half: number } {
  const mx = mean(points.map(([x]) => x));
  const my = mean(points.map(([, y]) => y));
  const sxx = sum(points.map(([x]) => (x - mx) ** 2));
  const b = sum(points.map(([x, y]) => (x - mx) * (y - my))) / sxx;
  const residual = sum(points.map(([x, y]) => (y - my - b * (x - mx)) ** 2));
  return { slope: b, half: 1.96 * Math.sqrt(residual / (points.length - 2) / sxx) };
}

export function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** mulberry32 */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const high = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? high : (high + (sorted[middle - 1] ?? NaN)) / 2;
}
