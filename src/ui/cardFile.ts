/** A model card read from a file that a person chose: its shape is judged where cards are changed, this only reads it. */
import type { ModelCard } from '../core/card.ts';
import { WeirError } from '../core/errors.ts';
import type { DeepPartial } from '../core/settings.ts';

/** What the export writes; such a file dropped on the page is a card, not data. */
export const cardName = /\.card\.json$/i;
const maxBytes = 8_000_000;

/** @throws WeirError bad-settings for anything that is no JSON object */
export async function readCard(file: File): Promise<DeepPartial<ModelCard>> {
  if (file.size > maxBytes)
    throw new WeirError('bad-settings', `A card has at most 8 MB; ${file.name.slice(0, 80)} is larger.`);
  return parseCard(await file.text());
}

/** What its fields hold is checked where the card is changed. @throws WeirError bad-settings */
export function parseCard(text: string): DeepPartial<ModelCard> {
  let card: DeepPartial<ModelCard>;
  try {
    // Typed, because `applyCard` refuses whatever is not what the type says.
    card = JSON.parse(text);
  } catch {
    throw new WeirError('bad-settings', 'The file is no JSON, so it is no model card.');
  }
  if (typeof card !== 'object' || card === null || Array.isArray(card))
    throw new WeirError('bad-settings', 'A model card is a JSON object with a task; this file holds something else.');
  if (!('task' in card) && !('prepare' in card) && !('labels' in card))
    throw new WeirError(
      'bad-settings',
      'The file says nothing of task, preparation or labels, so it is no model card.',
    );
  return card;
}
