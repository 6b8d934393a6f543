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
  const fixed = [...facts.inputs, ...facts.outputs].find((info) => !hasFreeBatch(info));
  if (fixed === undefined) return undefined;
  const shape = fixed.shape.join(', ');
  const which = facts.inputs.includes(fixed) ? 'Input' : 'Output';
  return `${which} ${fixed.name.slice(0, 60)} is [${shape}]: its first dimension is not free, so it takes one frame at a time.`;
}

const hasFreeBatch = ({ shape }: TensorInfo) => typeof shape[0] === 'string';
