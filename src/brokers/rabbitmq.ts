/**
 * RabbitMQ over its plugin Web STOMP: `client-individual`, so that each job is acknowledged for itself.
 * It has no nack with a delay: a retry is a copy in a queue whose lifetime leads back to the work queue, then an ack.
 */
import type { IMessage } from '@stomp/stompjs';
import type { Credentials, DeadLetter } from '../core/work.ts';
import type { Arrival, Broker, BrokerHooks, BrokerSession, DeadLetterBox, Publication } from './broker.ts';
import { deadLetterOf } from './deadLetter.ts';
import { delayStepMs } from './decide.ts';
import { WeirError } from '../core/errors.ts';
import { openStomp, type StompSession } from './stompSession.ts';

export interface RabbitmqOptions {
  readonly url: string;
  readonly queue: string;
  /** Where dead letters lie. */
  readonly dead: string;
  readonly credentials: Credentials;
  readonly name: string;
  readonly createSocket?: (url: string) => WebSocket;
}

const attemptHeader = 'weir-attempt';
/** So many dead letters are looked at at once. */
const maxLetters = 500;
const listWithinMs = 300;

export function createRabbitmq(options: RabbitmqOptions): Broker {
  return {
    name: options.name,
    prefetchIsFixed: true,
    async connect(prefetch, hooks) {
      const stomp = await open(options, (error) => hooks.lost(error));
      try {
        await stomp.subscribe(
          `/amq/queue/${escaped(options.queue)}`,
          { ack: 'client-individual', 'prefetch-count': String(prefetch) },
          (message) => hooks.arrived(arrivalOf(message, stomp, options.queue)),
        );
      } catch (error) {
        throw reasonOf(WeirError.wrap(error, 'connection-lost'), options);
      }
      return sessionOf(stomp, options);
    },
  };
}

/** Web STOMP ends the connection over a queue that it cannot read, and its close frame does not say why. */
function reasonOf(error: WeirError, { url, queue }: RabbitmqOptions): WeirError {
  if (error.details?.includes('STOMP died') !== true) return error;
  const message = `${new URL(url).host} does not give out the queue ${queue}: it is not there, or this user may not read it.`;
  return new WeirError('bad-settings', message, { details: error.details });
}

function open(
  { url, credentials: { user, password }, createSocket }: RabbitmqOptions,
  lost: BrokerHooks['lost'],
): Promise<StompSession> {
  return openStomp({
    url,
    lost,
    ...(user === undefined || user === '' ? {} : { login: user, passcode: password ?? '' }),
    ...(createSocket === undefined ? {} : { createSocket }),
  });
}

function sessionOf(stomp: StompSession, options: RabbitmqOptions): BrokerSession {
  const deadLetters = createDeadLetters(options);
  const send = async (destination: string, { id, body, contentType, headers }: Publication) => {
    await stomp.send(
      destination,
      {
        ...headers,
        'amqp-message-id': id,
        'content-type': contentType,
        persistent: 'true',
        timestamp: String(Math.floor(Date.now() / 1000)),
      },
      body,
    );
    // STOMP knows no duplicates; whoever reads the results goes by their message id.
    return { duplicate: false };
  };
  return {
    leaseMs: undefined,
    want() {},
    publish: (publication) => send(destinationOf(publication.to), publication),
    put: (publication) => send(`/amq/queue/${escaped(options.queue)}`, publication),
    reply: (to, { id, body, contentType, headers }, correlationId) =>
      stomp.send(
        to.startsWith('/') ? to : `/reply-queue/${escaped(to)}`,
        {
          ...headers,
          'amqp-message-id': id,
          'content-type': contentType,
          ...(correlationId === undefined ? {} : { 'correlation-id': correlationId }),
        },
        body,
      ),
    // Web STOMP does not tell how deep a queue is.
    inspect: () => Promise.resolve(undefined),
    deadLetters,
    async close() {
      await deadLetters.close();
      await stomp.close();
    },
  };
}

/** A bare name is a durable queue, made when it is not there; anything else is a destination of STOMP as it is. */
export function destinationOf(to: string): string {
  return to.startsWith('/') ? to : `/queue/${escaped(to)}`;
}

/** Slashes part a destination. */
function escaped(name: string): string {
  return encodeURIComponent(name);
}

function arrivalOf(message: IMessage, stomp: StompSession, queue: string): Arrival {
  const { headers } = message;
  const body = copyOf(message);
  const failed = whole(headers[attemptHeader]);
  const contentType = headers['content-type'];
  const replyTo = headers['reply-to'];
  const correlationId = headers['correlation-id'];
  const timestamp = whole(headers['timestamp']);
  const id = (headers['amqp-message-id'] ?? headers['message-id'] ?? '').slice(0, 200);
  const copied = {
    'amqp-message-id': id,
    persistent: 'true',
    ...(contentType === undefined ? {} : { 'content-type': contentType }),
    ...(replyTo === undefined ? {} : { 'reply-to': replyTo }),
    ...(correlationId === undefined ? {} : { 'correlation-id': correlationId }),
    ...(headers['priority'] === undefined ? {} : { priority: headers['priority'] }),
  };
  return {
    id,
    message: id,
    attempt: 1 + failed + whole(headers['x-delivery-count']),
    redelivered: headers['redelivered'] === 'true',
    body,
    origin: {
      ...(replyTo === undefined ? {} : { 'weir-reply-to': replyTo }),
      ...(correlationId === undefined ? {} : { 'weir-correlation-id': correlationId }),
    },
    contentType,
    replyTo,
    correlationId,
    storedAt: timestamp === 0 ? undefined : timestamp * 1000,
    working: undefined,
    ack: () => stomp.ack(message),
    async retry(delayMs) {
      const ttl = delayStepMs(delayMs);
      await stomp.send(
        `/queue/${escaped(`${queue}.retry.${ttl}`)}`,
        {
          ...copied,
          [attemptHeader]: String(failed + 1),
          'x-message-ttl': String(ttl),
          'x-dead-letter-exchange': '',
          'x-dead-letter-routing-key': queue,
        },
        body,
      );
      await stomp.ack(message);
    },
    release: () => stomp.nack(message, true),
    bury: () => stomp.ack(message),
    async reject() {
      await stomp.nack(message, false);
      return 'deadLettered';
    },
  };
}

function copyOf({ binaryBody }: IMessage): Uint8Array<ArrayBuffer> {
  return new Uint8Array(binaryBody);
}

function whole(text: string | undefined): number {
  const value = Number(text ?? 0);
  return Number.isSafeInteger(value) && value > 0 ? value : 0;
}

/**
 * A queue cannot be read without taking from it: the letters are held unacknowledged on a connection of their own while
 * they are looked at, and go back when it closes.
 */
function createDeadLetters(options: RabbitmqOptions): DeadLetterBox & { close(): Promise<void> } {
  let stomp: StompSession | undefined;
  const messages = new Map<string, IMessage>();
  let quietSince = 0;

  async function opened(): Promise<StompSession> {
    if (stomp !== undefined) return stomp;
    const fresh = await open(options, () => {
      stomp = undefined;
      messages.clear();
    });
    stomp = fresh;
    quietSince = performance.now();
    await fresh.subscribe(
      destinationOf(options.dead),
      { ack: 'client-individual', 'prefetch-count': String(maxLetters) },
      (message) => {
        quietSince = performance.now();
        messages.set(message.headers['message-id'] ?? '', message);
      },
    );
    return fresh;
  }

  function messageOf(key: string): IMessage {
    const message = messages.get(key);
    if (message === undefined) throw new WeirError('cancelled', 'This dead letter is not here any more.');
    return message;
  }

  const letterOf = (message: IMessage): DeadLetter =>
    deadLetterOf(
      message.headers['message-id'] ?? '',
      (message.headers['amqp-message-id'] ?? '').slice(0, 200),
      (name) => message.headers[name],
      message.binaryBody.length,
      message.headers['content-type'],
    );

  return {
    async list() {
      await opened();
      while (performance.now() - quietSince < listWithinMs)
        await new Promise((done) => setTimeout(done, listWithinMs / 6));
      return [...messages.values()].map(letterOf);
    },
    async open(key) {
      await opened();
      const message = messageOf(key);
      return { letter: letterOf(message), body: copyOf(message) };
    },
    async redrive(key) {
      const through = await opened();
      const message = messageOf(key);
      const { headers } = message;
      const pass = (name: string, as: string) => (headers[name] === undefined ? {} : { [as]: headers[name] });
      await through.send(
        `/amq/queue/${escaped(options.queue)}`,
        {
          persistent: 'true',
          ...pass('amqp-message-id', 'amqp-message-id'),
          ...pass('content-type', 'content-type'),
          ...pass('weir-reply-to', 'reply-to'),
          ...pass('weir-correlation-id', 'correlation-id'),
        },
        copyOf(message),
      );
      await through.ack(message);
      messages.delete(key);
    },
    async discard(key) {
      const through = await opened();
      await through.ack(messageOf(key));
      messages.delete(key);
    },
    async close() {
      await stomp?.close();
      stomp = undefined;
      messages.clear();
    },
  };
}
