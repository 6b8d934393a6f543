/** The raw facts of every output, for models whose meaning Weir does not know: range, mean, histogram, heat map. */
import type { TensorSummary } from '../core/result.ts';
import type { TensorValue } from '../core/tensor.ts';
import { heatMapOf } from './heatMap.ts';
import { numbersOf } from './numbers.ts';
import { histogramOf, summarise } from './statistics.ts';

/** The preview has room for this many; the others have numbers only. */
const maxPictures = 3;

export function decodeTensors(outputs: readonly TensorValue[]): TensorSummary[] {
  return outputs.map((output, i) => {
    const summary = summarise(output);
    const values = numbersOf(output.data);
    if (values.length === 0) return summary;
    const heatMap = i < maxPictures ? heatMapOf(values, output.dims, summary.min, summary.max) : undefined;
    return {
      ...summary,
      histogram: histogramOf(values, summary.min, summary.max),
      ...(heatMap === undefined ? {} : { heatMap }),
    };
  });
}
