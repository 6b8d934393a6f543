/** What passes for a card, and the sentences for what does not. */
import { expect, it } from 'vitest';
import { cardName, parseCard } from './cardFile.ts';

it('reads objects that speak of a card, and says what is wrong with all else', () => {
  expect(parseCard('{"task": {"kind": "tensors"}}')).toEqual({ task: { kind: 'tensors' } });
  for (const [text, says] of [
    ['{', 'no JSON'],
    ['[1]', 'JSON object'],
    ['null', 'JSON object'],
    ['{"name": "x"}', 'says nothing of task'],
  ] as const)
    expect(() => parseCard(text)).toThrow(says);
  expect(cardName.test('my-model.card.json')).toBe(true);
  expect(cardName.test('data.json')).toBe(false);
});
