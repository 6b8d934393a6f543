/**
 * Weights that are declared as inputs too, as old exporters did. Somebody could feed them, so the runtime neither folds
 * them nor merges a batch normalisation into its convolution. Weir never feeds them.
 */
import type { Repair } from './repair.ts';

export const constantInputs: Repair = (model) => {
  // Up to IR 3 a weight had to be an input, and the runtime takes it for constant anyway.
  if ((model.irVersion ?? 0) < 4) return undefined;
  // A constant in a data file would have to be read when shapes are inferred, which the runtime cannot do.
  const inFile = model.graph.initialisers.filter(({ data }) => data.kind !== 'external');
  const given = new Set(inFile.map(({ name }) => name));
  const inputs = model.graph.inputs.filter(({ info }) => !given.has(info.name));
  const count = model.graph.inputs.length - inputs.length;
  if (count === 0) return undefined;
  return {
    model: { ...model, graph: { ...model.graph, inputs } },
    count,
    reason: 'Weights were inputs as well, which keeps the runtime from folding them into their operators.',
  };
};
