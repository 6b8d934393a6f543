/**
 * The first model card of a model, guessed from what the file says of itself, with a reason for each guess.
 * Never from the file's name or hash: a renamed model must behave the same, and an unknown one as well as a known one.
 */
import type { ModelCard, ModelFacts, Prepare } from '../core/card.ts';
import type { TensorInfo } from '../core/tensor.ts';
import { guessFills, sizesOf } from './guessFills.ts';
import { guessPrepare } from './guessPrepare.ts';
import { guessStream } from './guessStream.ts';
import { guessTask } from './guessTask.ts';
import { knownLabels } from './knownLabels.ts';
import { labelsOf } from './labels.ts';
import { findPictureInput } from './pictureInput.ts';
import { rawPrepare } from './rawPrepare.ts';

/** Without `prepare` no picture can feed the model; `reasons.prepare` then says why. `name` is only shown. */
export function guessCard(facts: ModelFacts, name: string): ModelCard {
  const found = findPictureInput(facts);
  const input = typeof found === 'string' ? undefined : found;
  const named = labelsOf(facts.metadata);
  const guess = guessTask({ ...facts, outputs: facts.outputs.filter(holdsNumbers) }, input, named);
  const { kind } = guess.task;
  const known =
    guess.classes === undefined
      ? undefined
      : knownLabels(kind === 'segmentation' ? 'segmentation' : 'detection', guess.classes);
  const labels = named ?? guess.labels ?? known?.labels;
  const prepared = input === undefined ? undefined : guessPrepare(facts, input, guess);
  const licence = facts.metadata['license'] ?? facts.metadata['licence'];
  return {
    name: name.replace(/\.(onnx|ort)$/i, '').slice(0, 120) || 'model',
    task: guess.task,
    ...feedOfInputs(facts, prepared?.prepare, {
      task: guess.reason,
      prepare: typeof found === 'string' ? found : (prepared?.reason ?? ''),
      ...(named !== undefined
        ? { labels: 'Class names from the metadata of the file.' }
        : guess.labels === undefined && known !== undefined
          ? { labels: known.reason }
          : {}),
      ...skippedOutputs(facts),
    }),
    ...(labels === undefined ? {} : { labels }),
    ...(licence === undefined ? {} : { licence: licence.slice(0, 200) }),
  };
}

/**
 * The card of the raw view: pixels into an input that is no picture, or into none, and every other input filled.
 * @throws WeirError cannot-feed
 */
export function rawCard(card: ModelCard, facts: ModelFacts): ModelCard {
  return { ...card, ...feedOfInputs(facts, rawPrepare(facts), card.reasons, true) };
}

function feedOfInputs(
  facts: ModelFacts,
  prepare: Prepare | undefined,
  reasons: ModelCard['reasons'],
  raw = false,
): Pick<ModelCard, 'prepare' | 'stream' | 'fills' | 'reasons'> {
  const sizes = sizesOf(prepare, facts);
  const stream = guessStream(facts, prepare, sizes);
  const fed = prepare?.input ?? (raw ? undefined : stream?.input);
  const { fills, reason } = guessFills(facts, sizes, fed);
  return {
    ...(prepare === undefined ? {} : { prepare }),
    ...(stream === undefined ? {} : { stream }),
    ...(Object.keys(fills).length === 0 ? {} : { fills }),
    reasons: { ...reasons, ...(reason === '' ? {} : { fills: reason }) },
  };
}

function skippedOutputs({ outputs }: ModelFacts): { outputs?: string } {
  const skipped = outputs.filter((output) => !holdsNumbers(output));
  if (skipped.length === 0 || skipped.length === outputs.length) return {};
  const names = skipped.slice(0, 4).map(({ name, type }) => {
    return `${name.slice(0, 40)} (${type === 'string' ? 'text' : 'a sequence or a map'})`;
  });
  const more = skipped.length > 4 ? ` and ${skipped.length - 4} more` : '';
  return { outputs: `Skipped, because they hold no tensor of numbers: ${names.join(', ')}${more}.` };
}

/** The engine reads no other outputs. */
function holdsNumbers({ type }: TensorInfo): boolean {
  return type !== 'unknown' && type !== 'string';
}
