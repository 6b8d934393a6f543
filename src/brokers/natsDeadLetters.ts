/** Dead letters in a stream of JetStream: read by their sequence numbers, without taking them out. */
import { WeirError } from '../core/errors.ts';
import type { DeadLetterBox } from './broker.ts';
import { deadLetterOf } from './deadLetter.ts';
import { type JetStream, jobIdHeader, type StoredMessage } from './jetStream.ts';

const maxLetters = 500;

export function createNatsDeadLetters(
  api: JetStream,
  { dead, stream: work }: { readonly dead: string; readonly stream: string },
): DeadLetterBox {
  async function place(): Promise<string> {
    const stream = await api.streamOf(dead);
    if (stream === undefined) throw new WeirError('bad-settings', `No stream stores the dead letters of ${dead}.`);
    return stream;
  }
  async function found(key: string): Promise<{ stream: string; message: StoredMessage }> {
    const stream = await place();
    const message = await api.message(stream, Number(key));
    if (message === undefined) throw new WeirError('cancelled', 'This dead letter is not here any more.');
    return { stream, message };
  }
  const letterOf = ({ seq, header, data }: StoredMessage) =>
    deadLetterOf(String(seq), (header(jobIdHeader) ?? '').slice(0, 200), header, data.length, header('Content-Type'));
  return {
    async list() {
      const stream = await place();
      const letters = [];
      for (let from = 1; letters.length < maxLetters; ) {
        const message = await api.message(stream, from, dead);
        if (message === undefined) break;
        letters.push(letterOf(message));
        from = message.seq + 1;
      }
      return letters;
    },
    async open(key) {
      const { message } = await found(key);
      return { letter: letterOf(message), body: message.data };
    },
    async redrive(key) {
      const { stream, message } = await found(key);
      const { header } = message;
      const pass = (name: string, as: string) => {
        const value = header(name);
        return value === undefined ? {} : { [as]: value };
      };
      await api.publish(header('weir-subject') ?? work, message.data, {
        // Another id than at first: the stream may still remember that one.
        'Nats-Msg-Id': `${header(jobIdHeader) ?? key}.redriven.${key}`,
        ...pass(jobIdHeader, jobIdHeader),
        ...pass('Content-Type', 'Content-Type'),
        ...pass('weir-reply-to', 'Reply-To'),
        ...pass('weir-correlation-id', 'Correlation-Id'),
      });
      await api.remove(stream, message.seq);
    },
    async discard(key) {
      const { stream, message } = await found(key);
      await api.remove(stream, message.seq);
    },
  };
}
