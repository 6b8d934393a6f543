/** The page's questions about dead letters, put to the broker where they lie; one may be run on the engine of this moment. */
import type { DeadLetterBox } from '../brokers/broker.ts';
import { readJob } from '../brokers/readJob.ts';
import { WeirError } from '../core/errors.ts';
import type { Payload } from '../core/payload.ts';
import { resultText } from '../tasks/resultText.ts';
import type { Served } from './engineHolder.ts';
import type { DeadLetterAnswer, DeadLetterAsk } from './protocol.ts';

export interface RunHere {
  /** From which a job may name the address of its image. */
  readonly hosts: string;
  serve(payload: Payload): Promise<Served>;
}

export async function askDeadLetters(box: DeadLetterBox, ask: DeadLetterAsk, here: RunHere): Promise<DeadLetterAnswer> {
  switch (ask.verb) {
    case 'list':
      return { letters: await box.list() };
    case 'open': {
      const { letter, body } = await box.open(ask.key);
      return { letters: [letter], body };
    }
    case 'run': {
      const { letter, body } = await box.open(ask.key);
      return { letters: [letter], body, result: await runHere(letter.contentType, body.slice(), here) };
    }
    case 'redrive':
      await box.redrive(ask.key);
      return {};
    case 'discard':
      await box.discard(ask.key);
      return {};
  }
}

async function runHere(contentType: string, body: Uint8Array<ArrayBuffer>, { hosts, serve }: RunHere): Promise<string> {
  const payload = await readJob(body, contentType === '' ? undefined : contentType, { hosts });
  const { replies, decode, provider } = await serve(payload);
  const [reply] = replies;
  if (reply === undefined) throw new Error('Each frame has a reply.');
  if (!reply.ok) return `It fails again on ${provider}: ${reply.error.message}`;
  try {
    return `Served on ${provider}: ${resultText(decode(reply)) || 'a result'}.`;
  } catch (error) {
    return `It fails again on ${provider}: ${WeirError.wrap(error, 'bad-output').message}`;
  }
}
