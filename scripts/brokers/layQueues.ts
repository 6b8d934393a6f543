/**
 * What a work queue needs on a broker: the queue, a place for results, one for dead letters.
 * A person lays them out once with the broker's own tools; the trial, the tests and the producer do it here.
 */
import { jetstreamManager, RetentionPolicy } from '@nats-io/jetstream';
import { connectNats, connectStomp } from '../../server/brokerClients.ts';
import type { Broker } from './brokerProcess.ts';
import type { Rabbitmq } from './startRabbitmq.ts';

export const trialQueue = 'frames';

const twoMinutesNs = 120e9;

/** Streams NAME (work queue), NAME_results and NAME_dead, each with the subject that the page expects. */
export async function layNats(broker: Pick<Broker, 'url'>, name: string, auth = {}): Promise<void> {
  const connection = await connectNats(broker.url, auth);
  try {
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name, subjects: [name], retention: RetentionPolicy.Workqueue });
    await manager.streams.add({
      name: `${name}_results`,
      subjects: [`${name}.results`],
      duplicate_window: twoMinutesNs,
    });
    await manager.streams.add({ name: `${name}_dead`, subjects: [`${name}.dead`], retention: RetentionPolicy.Limits });
  } finally {
    await connection.close();
  }
}

/** Quorum queue NAME and NAME.results; the page makes the queues for retries and dead letters by itself. */
export async function layRabbitmq(broker: Pick<Rabbitmq, 'url'>, name: string): Promise<void> {
  const stomp = await connectStomp(broker.url);
  // A subscription makes its queue; what it may be given goes back when it closes.
  const declare = (queue: string, properties: Readonly<Record<string, string>>) =>
    stomp.subscribe(`/queue/${queue}`, { ack: 'client-individual', 'prefetch-count': '1', ...properties }, () => {});
  try {
    await declare(name, { 'x-queue-type': 'quorum' });
    await declare(`${name}.results`, {});
    await declare(`${name}.dead`, {});
  } finally {
    await stomp.close();
  }
}
