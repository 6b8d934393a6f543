/** The numbers that describe a tensor: range, mean, and a histogram. NaN and infinities are counted, never mixed in. */
import type { TensorSummary } from '../core/result.ts';
import type { TensorValue } from '../core/tensor.ts';
import { type NumberData, numbersOf } from './numbers.ts';

export const histogramBins = 32;

/** Without histogram and heat map. An empty tensor, or one without a finite value, has 0 for all three numbers. */
export function summarise({ name, type, dims, data }: TensorValue): TensorSummary {
  const { min, max, mean, nonFinite } = rangeOf(numbersOf(data));
  return { name, type, dims, min, max, mean, ...(nonFinite === 0 ? {} : { nonFinite }) };
}

export function rangeOf(values: NumberData): { min: number; max: number; mean: number; nonFinite: number } {
  let min = Infinity;
  let max = -Infinity;
  let sum = 0;
  let nonFinite = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    // False for NaN and both infinities.
    if (!(value - value === 0)) {
      nonFinite++;
      continue;
    }
    if (value < min) min = value;
    if (value > max) max = value;
    sum += value;
  }
  const count = values.length - nonFinite;
  return count === 0 ? { min: 0, max: 0, mean: 0, nonFinite } : { min, max, mean: sum / count, nonFinite };
}

/** 32 equal bins from min to max; all in the first when they are the same. */
export function histogramOf(values: NumberData, min: number, max: number): number[] {
  const bins = new Uint32Array(histogramBins);
  const scale = max > min ? histogramBins / (max - min) : 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    if (!(value - value === 0)) continue;
    const bin = Math.min(histogramBins - 1, Math.max(0, Math.floor((value - min) * scale)));
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
  return Array.from(bins);
}
