/** Nothing is lost whatever dies: the short form of `npm run prove -- chaos`. */
import type { Broker } from '../scripts/brokers/brokerProcess.ts';
import { type BrokerName, brokerNames, whyMissing } from '../scripts/brokers/findBrokers.ts';
import { layNats, layRabbitmq } from '../scripts/brokers/layQueues.ts';
import { startNats } from '../scripts/brokers/startNats.ts';
import { startRabbitmq } from '../scripts/brokers/startRabbitmq.ts';
import { chaos } from './chaos.ts';
import { skipBecause } from './skipBecause.ts';
import { expect, test } from './station.ts';

const isLong = process.env['WEIR_LONG'] !== undefined;
const only = process.env['WEIR_CHAOS_BROKER'];
const messages = Number(process.env['WEIR_CHAOS_MESSAGES'] ?? (isLong ? 20_000 : 400));
const tabKills = isLong ? 50 : 3;

async function start(name: BrokerName, queue: string): Promise<Broker> {
  if (name === 'nats') {
    const broker = await startNats();
    await layNats(broker, queue);
    return broker;
  }
  const broker = await startRabbitmq();
  await layRabbitmq(broker, queue);
  return broker;
}

for (const name of brokerNames) {
  test(`${name}: tabs, broker and links die while a queue is worked, and nothing is lost`, async ({ host }) => {
    skipBecause(whyMissing(name));
    skipBecause(only !== undefined && only !== name ? `only ${only} was asked for` : undefined);
    test.setTimeout(isLong ? 3_600_000 : 150_000);
    const broker = await start(name, 'chaos');
    try {
      const result = await chaos({
        name,
        broker,
        origin: host.url,
        queue: 'chaos',
        messages,
        tabKills,
        brokerKills: isLong ? 5 : 1,
        linkCuts: isLong ? 10 : 2,
        serviceMs: 10,
        ratePerS: isLong ? 60 : 50,
        say: (line) => console.log(`${name}: ${line}`),
      });
      console.log(`${name}: ${JSON.stringify({ ...result, lost: result.lost.length })}`);
      expect(result.produced).toBe(messages);
      expect(result.lost).toEqual([]);
      expect(result.ackedTooEarly).toEqual([]);
      if (name === 'nats') expect(result.acksSeen).toBeGreaterThan(messages / 4);
      expect(result.dead).toBe(0);
      expect(result.duplicates).toBeLessThanOrEqual(result.duplicatesAllowed);
    } finally {
      await broker.stop();
    }
  });
}
