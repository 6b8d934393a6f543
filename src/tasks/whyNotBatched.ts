/** Whether several frames can go through a model in one run, and if not, why: said before a setting is taken. */
import { carriesState, type ModelCard, type ModelFacts } from '../core/card.ts';
import type { TensorInfo } from '../core/tensor.ts';

/** Undefined: they can. */
export function whyNotBatched(facts: ModelFacts, card: ModelCard): string | undefined {
  if (carriesState(card))
    return 'This model carries state from one frame to the next, so it takes one frame at a time.';
  if (facts.inputs.length > 1)
    return `This model has ${facts.inputs.length} inputs; only those with one can take several frames at once.`;
  if (card.prepare?.dims !== undefined) return 'In the raw view frames run one by one.';
  if ((card.prepare?.batch ?? 1) > 1) return 'The same picture fills the batch of this model.';
  const fixed = [...facts.inputs, ...facts.outputs].find(({ shape }) => typeof shape[0] !== 'string');
  if (fixed !== undefined)
    return `${told(fixed, facts)}: its first dimension is not free, so it takes one frame at a time.`;
  const [input] = facts.inputs;
  if (input === undefined) return undefined;
  // A picture without a batch has three dimensions, the first of which is free in some models too.
  if (input.shape.length < (card.prepare === undefined ? 2 : 4))
    return `${told(input, facts)}: it has no dimension for a batch, so it takes one frame at a time.`;
  const other = facts.outputs.find(({ shape }) => shape[0] !== input.shape[0]);
  if (other === undefined) return undefined;
  // Such as the number of boxes that were found in all pictures together.
  return `${told(other, facts)}: its first dimension is not that of the input, so its results cannot be told apart.`;
}

function told(info: TensorInfo, { inputs }: ModelFacts): string {
  return `${inputs.includes(info) ? 'Input' : 'Output'} ${info.name.slice(0, 60)} is [${info.shape.join(', ')}]`;
}
