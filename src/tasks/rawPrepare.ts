/**
 * The raw view: grey pixels laid out one after the other into an input that is no picture, so that a model without a
 * picture input can be run and its tensors looked at.
 */
import type { ModelFacts, Prepare } from '../core/card.ts';
import { WeirError } from '../core/errors.ts';
import type { TensorInfo } from '../core/tensor.ts';
import { dimsOf, guessFills } from './guessFills.ts';
import { guessStream } from './guessStream.ts';

/** As many values as a frame may sensibly be shrunk to. */
const maxValues = 16_777_216;
const noNumbers = new Set(['string', 'bool', 'uint4', 'int4', 'unknown']);

/**
 * Undefined where pixels would make no sense, as in the token numbers of a text model: then the frames only set the
 * pace of generated inputs. @throws WeirError cannot-feed when an input can be neither fed nor filled
 */
export function rawPrepare(facts: ModelFacts): Prepare | undefined {
  const unfit = facts.inputs.find(({ type }) => type === 'unknown');
  if (unfit !== undefined)
    throw new WeirError('cannot-feed', `Input ${unfit.name} is a sequence or a map, which no frame can feed.`);
  const input = rawInput(facts);
  if (input === undefined) return undefined;
  const stream = guessStream(facts, undefined, new Map());
  const dims = stream?.input === input.name ? stream.dims : dimsOf(input, new Map());
  const width = dims.at(-1) ?? 1;
  const height = dims.slice(0, -1).reduce((product, size) => product * size, 1);
  if (width * height < 1 || width * height > maxValues)
    throw new WeirError('cannot-feed', `Input ${input.name} cannot take numbers from a frame.`);
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
    dims,
  };
}

/** The only input, or the first of a type that pixels have; never carried state. */
function rawInput(facts: ModelFacts): TensorInfo | undefined {
  const { fills } = guessFills(facts, new Map(), undefined);
  const open = facts.inputs.filter(({ name, type }) => !noNumbers.has(type) && fills[name]?.kind !== 'state');
  if (facts.inputs.length === 1) return open[0];
  return open.find(({ type, shape }) => /^float|^u?int8$/.test(type) && shape.length > 0);
}
