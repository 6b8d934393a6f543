/**
 * The input that tensors feed: `.npy` messages, sound and bytes. Where a picture input exists it is that one, because
 * a sender of tensors prepares them itself; else the first input of numbers that is not carried state.
 */
import type { ModelFacts, Prepare, StreamInput } from '../core/card.ts';
import type { TensorInfo } from '../core/tensor.ts';
import { dimsOf, guessFills } from './guessFills.ts';

/** Samples of a window where the model leaves the length open: 32 ms at 16 kHz, as voice detectors take it. */
const windowSamples = 512;
const noNumbers = new Set(['string', 'bool', 'unknown', 'uint4', 'int4']);

export function guessStream(
  facts: ModelFacts,
  prepare: Prepare | undefined,
  sizes: ReadonlyMap<string, number>,
): StreamInput | undefined {
  const { fills } = guessFills(facts, sizes, undefined);
  const info =
    facts.inputs.find(({ name }) => name === prepare?.input) ??
    facts.inputs.find(({ name, type }) => !noNumbers.has(type) && fills[name]?.kind !== 'state');
  if (info === undefined || info.shape.length === 0) return undefined;
  return { input: info.name, dims: dimsOf(sound(info), sizes) };
}

/** A float input of free length is taken for sound. */
function sound(info: TensorInfo): TensorInfo {
  const { shape, type } = info;
  const before = shape.slice(0, -1).every((dim) => typeof dim === 'string' || dim === 1);
  if (!type.startsWith('float') || shape.length > 2 || !before || typeof shape.at(-1) === 'number') return info;
  return { ...info, shape: [...shape.slice(0, -1), windowSamples] };
}
