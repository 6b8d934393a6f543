/** Whether a tensor holds values that are not numbers. */
import type { TensorData } from './tensor.ts';

const sampleLimit = 65_536;

/** All values up to 65,536, evenly spread samples beyond: a broken model gives NaN nearly everywhere. */
export function hasNaN(data: TensorData): boolean {
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return false;
  // An odd step visits every column of a power-of-two layout.
  const step = data.length <= sampleLimit ? 1 : Math.ceil(data.length / sampleLimit) | 1;
  for (let i = 0; i < data.length; i += step) {
    const value = data[i];
    if (value !== value) return true;
  }
  return false;
}
