/**
 * Puts jobs into a queue at a rate: each has an id of its own, is confirmed by the broker, and is never counted before.
 * The command, the tests, the proofs and the benches fill their queues with it.
 */
import { headers as createHeaders, type Payload } from '@nats-io/nats-core';
import { connectNats, connectStomp } from './brokerClients.ts';

export interface JobFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
}

export interface Producer {
  /** Resolves when the broker has stored it, with its sequence number where the broker has such. */
  put(
    id: string,
    file: JobFile,
    more?: { readonly priority?: number; readonly replyTo?: string },
  ): Promise<number | undefined>;
  close(): Promise<void>;
}

export interface ProducerOptions {
  readonly kind: 'nats' | 'rabbitmq';
  readonly url: string;
  /** NATS: a subject; RabbitMQ: the name of a queue that exists. */
  readonly queue: string;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly token?: string | undefined;
}

export async function openProducer({ kind, url, queue, user, password, token }: ProducerOptions): Promise<Producer> {
  if (kind === 'nats') {
    const connection = await connectNats(url, {
      // Whoever waits for a confirmation hears at once that none will come.
      reconnect: false,
      ...(user === undefined ? {} : { user, pass: password ?? '' }),
      ...(token === undefined ? {} : { token }),
    });
    return {
      async put(id, { bytes, contentType }, { replyTo } = {}) {
        const headers = createHeaders();
        headers.set('Nats-Msg-Id', id);
        headers.set('Content-Type', contentType);
        if (replyTo !== undefined) headers.set('Reply-To', replyTo);
        const answer = await connection.request(queue, bytes satisfies Payload, { headers, timeout: 10_000 });
        const stored = answer.json<{ seq?: number; error?: { description: string } }>();
        if (stored.error !== undefined) throw new Error(`The job was not stored: ${stored.error.description}`);
        return stored.seq;
      },
      close: () => connection.drain(),
    };
  }
  const stomp = await connectStomp(url, {
    ...(user === undefined ? {} : { login: user, passcode: password ?? '' }),
  });
  return {
    async put(id, { bytes, contentType }, { priority, replyTo } = {}) {
      await stomp.send(
        `/amq/queue/${encodeURIComponent(queue)}`,
        {
          'amqp-message-id': id,
          'content-type': contentType,
          persistent: 'true',
          timestamp: String(Math.floor(Date.now() / 1000)),
          ...(priority === undefined ? {} : { priority: String(priority) }),
          ...(replyTo === undefined ? {} : { 'reply-to': replyTo }),
        },
        bytes,
      );
      return undefined;
    },
    close: () => stomp.close(),
  };
}

export interface ProduceOptions {
  readonly count: number;
  /** Jobs per second; Infinity: as fast as they are confirmed. */
  readonly ratePerS: number;
  readonly name: string;
  readonly fileAt: (index: number) => JobFile;
  readonly onStored?: (stored: number) => void;
  readonly signal?: AbortSignal;
}

const mostUnconfirmed = 64;

/** Ids of what was stored, in order. */
export async function produce(producer: Producer, options: ProduceOptions): Promise<string[]> {
  const { count, ratePerS, name, fileAt, onStored, signal } = options;
  const stored: string[] = [];
  const open = new Set<Promise<void>>();
  const started = performance.now();
  for (let index = 0; index < count && signal?.aborted !== true; index++) {
    const wait = started + (index * 1000) / ratePerS - performance.now();
    if (wait > 1) await new Promise((done) => setTimeout(done, wait));
    while (open.size >= mostUnconfirmed) await Promise.race(open);
    const id = `${name}-${index}`;
    const put: Promise<void> = producer.put(id, fileAt(index)).then(() => {
      stored.push(id);
      open.delete(put);
      onStored?.(stored.length);
    });
    // A refusal is heard at the next wait.
    put.catch(() => {});
    open.add(put);
  }
  await Promise.all(open);
  return stored;
}
