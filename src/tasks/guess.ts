/**
 * The first model card of a model, guessed from what the file says of itself, with a reason for each guess.
 * Never from the file's name or hash: a renamed model must behave the same, and an unknown one as well as a known one.
 */
import type { ModelCard, ModelFacts } from '../core/card.ts';
import { guessPrepare } from './guessPrepare.ts';
import { guessTask } from './guessTask.ts';
import { labelsOf } from './labels.ts';
import { findPictureInput } from './pictureInput.ts';

/** Without `prepare` no frame can feed the model; `reasons.prepare` then says why. `name` is only shown. */
export function guessCard(facts: ModelFacts, name: string): ModelCard {
  const found = findPictureInput(facts);
  const input = typeof found === 'string' ? undefined : found;
  const named = labelsOf(facts.metadata);
  const guess = guessTask(facts, input, named);
  const labels = named ?? guess.labels;
  const prepared = input === undefined ? undefined : guessPrepare(facts, input, guess);
  const licence = facts.metadata['license'] ?? facts.metadata['licence'];
  return {
    name: name.replace(/\.(onnx|ort)$/i, '').slice(0, 120) || 'model',
    task: guess.task,
    ...(prepared === undefined ? {} : { prepare: prepared.prepare }),
    ...(labels === undefined ? {} : { labels }),
    ...(licence === undefined ? {} : { licence: licence.slice(0, 200) }),
    reasons: {
      task: guess.reason,
      prepare: typeof found === 'string' ? found : (prepared?.reason ?? ''),
      ...(named === undefined ? {} : { labels: 'Class names from the metadata of the file.' }),
    },
  };
}
