/** Dimensions written as -1, which mean "free" to their exporter and 4294967295 to whoever reads them as a size. */
import type { OnnxValue } from '../onnxModel.ts';
import type { Repair } from './repair.ts';

export const negativeDimensions: Repair = (model) => {
  let count = 0;
  const free = (value: OnnxValue): OnnxValue => {
    if (!value.negative) return value;
    count += 1;
    const { span: _, ...changed } = value;
    return { ...changed, negative: false };
  };
  const { graph } = model;
  const changed = {
    ...graph,
    inputs: graph.inputs.map(free),
    outputs: graph.outputs.map(free),
    values: graph.values.map(free),
  };
  if (count === 0) return undefined;
  return {
    model: { ...model, graph: changed },
    count,
    reason: 'A dimension of -1 is no size: it was declared free, as it was meant.',
  };
};
