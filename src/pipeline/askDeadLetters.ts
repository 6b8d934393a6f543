/** The page's questions about dead letters, put to the broker where they lie. */
import type { DeadLetterBox } from '../brokers/broker.ts';
import type { DeadLetterAnswer, DeadLetterAsk } from './protocol.ts';

export async function askDeadLetters(box: DeadLetterBox, ask: DeadLetterAsk): Promise<DeadLetterAnswer> {
  switch (ask.verb) {
    case 'list':
      return { letters: await box.list() };
    case 'open': {
      const { letter, body } = await box.open(ask.key);
      return { letters: [letter], body };
    }
    case 'redrive':
      await box.redrive(ask.key);
      return {};
    case 'discard':
      await box.discard(ask.key);
      return {};
  }
}
