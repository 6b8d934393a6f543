/** What lies at a broker when all is done: results and dead letters, counted by their message ids. */
import { jetstreamManager } from '@nats-io/jetstream';
import { connectNats, connectStomp } from '../server/brokerClients.ts';
import type { BrokerName } from '../scripts/brokers/findBrokers.ts';

export interface Stored {
  readonly ids: readonly string[];
  readonly bodies: readonly string[];
}

/** Of NATS a subject that a stream stores, of RabbitMQ a queue; nothing is taken away. */
export function storedIn(broker: BrokerName, url: string, name: string): Promise<Stored> {
  return broker === 'nats' ? fromNats(url, name) : fromRabbitmq(url, name);
}

async function fromNats(url: string, subject: string): Promise<Stored> {
  const connection = await connectNats(url);
  try {
    const manager = await jetstreamManager(connection);
    const stream = await manager.streams.find(subject);
    const { state } = await manager.streams.info(stream);
    const ids: string[] = [];
    const bodies: string[] = [];
    for (let seq = state.first_seq; seq <= state.last_seq && state.messages > 0; seq++) {
      const message = await manager.streams.getMessage(stream, { seq }).catch(() => null);
      if (message === null) continue;
      ids.push(message.header.get('Weir-Job-Id') || message.header.get('Nats-Msg-Id'));
      bodies.push(message.string());
    }
    return { ids, bodies };
  } finally {
    await connection.close();
  }
}

const quietMs = 700;

async function fromRabbitmq(url: string, queue: string): Promise<Stored> {
  const stomp = await connectStomp(url);
  const ids: string[] = [];
  const bodies: string[] = [];
  let heardAt = Date.now();
  try {
    await stomp.subscribe(
      `/amq/queue/${encodeURIComponent(queue)}`,
      { ack: 'client-individual', 'prefetch-count': '0' },
      ({ headers, body }) => {
        heardAt = Date.now();
        ids.push(headers['amqp-message-id'] ?? '');
        bodies.push(body);
      },
    );
    while (Date.now() - heardAt < quietMs) await new Promise((done) => setTimeout(done, 50));
    return { ids, bodies };
  } finally {
    await stomp.close();
  }
}
