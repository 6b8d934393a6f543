/** Ranges and labels of the value axes: three to five labels on round numbers, and calm when data move a little. */

export interface Scale {
  readonly min: number;
  readonly max: number;
  readonly splits: readonly number[];
}

/** The smallest round scale around `min`..`max` with at most five labels. */
export function roundScale(min: number, max: number, intervals = 4): Scale {
  const span = Math.max(max - min, 1e-9);
  const power = 10 ** Math.floor(Math.log10(span / intervals));
  const step = [1, 2, 2.5, 5, 10, 20]
    .map((factor) => factor * power)
    .find((size) => {
      const low = Math.floor(min / size + 1e-9);
      return Math.ceil(max / size - 1e-9) - low <= intervals;
    });
  const size = step ?? power * 20;
  const low = Math.floor(min / size + 1e-9) * size;
  const high = Math.max(Math.ceil(max / size - 1e-9) * size, low + size);
  const splits: number[] = [];
  for (let i = 0; low + i * size <= high + size * 1e-6; i++) splits.push(Number((low + i * size).toPrecision(12)));
  return { min: low, max: high, splits };
}

/** Keeps the last scale while it still fits, and is not more than twice too large. */
export function calmScale(last: Scale | undefined, min: number, max: number): Scale {
  const next = roundScale(min, max);
  if (last === undefined) return next;
  const fits = min >= last.min && max <= last.max;
  return fits && last.max - last.min <= 1.7 * (next.max - next.min) ? last : next;
}

/** Distance between time labels in s, for a window. */
export function timeStep(windowS: number, plotWidth: number): number {
  const room = Math.max(2, Math.floor(plotWidth / 64));
  return [1, 2, 5, 10, 15, 30, 60, 120, 300].find((step) => windowS / step <= room) ?? 600;
}

/** Places labels at least `gap` apart, as near as they can stand to where they belong; `top`..`bottom` bounds them. */
export function spreadLabels(wanted: readonly number[], gap: number, top: number, bottom: number): number[] {
  const order = wanted.map((y, index) => ({ y, index })).sort((a, b) => a.y - b.y);
  const placed: number[] = new Array(wanted.length).fill(0);
  let above = top - gap;
  for (const item of order) {
    item.y = Math.max(item.y, above + gap);
    above = item.y;
  }
  let below = bottom + gap;
  for (const item of order.reverse()) {
    item.y = Math.min(item.y, below - gap);
    below = item.y;
    placed[item.index] = item.y;
  }
  return placed;
}
