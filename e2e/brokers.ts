/** Real brokers for tests, started when the first test asks for them and ended with the last; missing ones skip their tests. */
import { type BrokerName, whyMissing } from '../scripts/brokers/findBrokers.ts';
import { layNats, layRabbitmq } from '../scripts/brokers/layQueues.ts';
import { startNats } from '../scripts/brokers/startNats.ts';
import { type Rabbitmq, startRabbitmq } from '../scripts/brokers/startRabbitmq.ts';
import type { Broker } from '../scripts/brokers/brokerProcess.ts';
import { openProducer, type JobFile } from '../server/produceJobs.ts';
import { skipBecause } from './skipBecause.ts';
import { test as base } from './station.ts';

export interface Brokers {
  nats(): Promise<Broker>;
  rabbitmq(): Promise<Rabbitmq>;
  /** Started, with a fresh queue of this name; skips the test where it is not installed. */
  withQueue(name: BrokerName, queue: string): Promise<Broker>;
}

export const test = base.extend<object, { brokers: Brokers }>({
  brokers: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, give) => {
      let nats: Promise<Broker> | undefined;
      let rabbitmq: Promise<Rabbitmq> | undefined;
      const brokers: Brokers = {
        nats: () => (nats ??= startNats()),
        rabbitmq: () => (rabbitmq ??= startRabbitmq()),
        async withQueue(name, queue) {
          skipBecause(whyMissing(name));
          const broker = await brokers[name]();
          await (name === 'nats' ? layNats : layRabbitmq)(broker, queue);
          return broker;
        },
      };
      await give(brokers);
      await (await nats?.catch(() => undefined))?.stop();
      await (await rabbitmq?.catch(() => undefined))?.stop();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
});

/** Puts jobs with these ids, each confirmed. */
export async function put(
  kind: BrokerName,
  url: string,
  queue: string,
  jobs: Readonly<Record<string, JobFile>>,
  more: { readonly replyTo?: string } = {},
): Promise<void> {
  const producer = await openProducer({ kind, url, queue });
  await Promise.all(Object.entries(jobs).map(([id, file]) => producer.put(id, file, more)));
  await producer.close();
}
