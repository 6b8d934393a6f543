/**
 * The raw view: grey pixels laid out one after the other into an input that is no picture, so that any model whose
 * first input has a numeric type can be run and its tensors looked at.
 */
import type { ModelFacts, Prepare } from '../core/card.ts';
import { WeirError } from '../core/errors.ts';

/** As many values as a frame may sensibly be shrunk to. */
const maxValues = 16_777_216;

/** Free dimensions count as 1. @throws WeirError cannot-feed when no input has a numeric type and a usable size */
export function rawPrepare(facts: ModelFacts): Prepare {
  const input = facts.inputs[0];
  const sizes = input?.shape.map((size) => (typeof size === 'number' ? size : 1)) ?? [];
  const width = sizes.at(-1) ?? 1;
  const height = sizes.slice(0, -1).reduce((product, size) => product * size, 1);
  const numeric = input !== undefined && !['string', 'bool', 'uint4', 'int4', 'unknown'].includes(input.type);
  if (!numeric || width * height < 1 || width * height > maxValues) {
    throw new WeirError('cannot-feed', `Input ${input?.name ?? ''} cannot take numbers from a frame.`);
  }
  return {
    input: input.name,
    width,
    height,
    fit: 'stretch',
    color: 'gray',
    layout: 'nchw',
    type: input.type,
    scale: 1,
    mean: [0, 0, 0],
    std: [1, 1, 1],
    pad: 0,
  };
}
