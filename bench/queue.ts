/**
 * A tab as a worker beside a bare consumer in Node: the same broker, the same prefetch, a result published and confirmed
 * before each acknowledgement on both sides. Then what the automatic prefetch makes of an engine of 10 ms, and two tabs.
 */
import { connectNats, connectStomp } from '../server/brokerClients.ts';
import { openProducer, produce } from '../server/produceJobs.ts';
import type { Broker } from '../scripts/brokers/brokerProcess.ts';
import { type BrokerName, brokerNames, whyMissing } from '../scripts/brokers/findBrokers.ts';
import { layNats, layRabbitmq } from '../scripts/brokers/layQueues.ts';
import { npy } from '../src/core/wire/npy.fixture.ts';
import { startNats } from '../scripts/brokers/startNats.ts';
import { startRabbitmq } from '../scripts/brokers/startRabbitmq.ts';
import type { Station } from '../e2e/station.ts';
import { type Bench, withBench } from './browser.ts';
import { oneOperator } from './overhead.ts';
import type { BenchEntry } from './result.ts';
import { mean, ratioInterval } from './statistics.ts';

const prefetch = 8;
const rounds = 4;
const jobs = 600;
const slowJobs = 300;
const serviceMs = 10;

interface Row {
  readonly broker: string;
  readonly what: string;
  readonly value: number;
  readonly unit: string;
}

export const queue: BenchEntry = {
  about:
    'jobs/s of a tab / of a bare Node consumer, each broker, >= 0.5; utilisation at 10 ms >= 0.9; two tabs / one >= 1.8',
  async run() {
    for (const name of brokerNames) {
      const why = whyMissing(name);
      if (why !== undefined) throw new Error(why);
    }
    return withBench({}, async (bench) => {
      const rows: Row[] = [];
      const ratios = [];
      let goodUse = true;
      for (const name of brokerNames) {
        const broker = name === 'nats' ? await startNats() : await startRabbitmq();
        try {
          const measured = await measure(bench, name, broker);
          ratios.push(ratioInterval(measured.ratios));
          rows.push(...measured.rows);
          goodUse &&= measured.utilisation >= 0.9 && measured.scale >= 1.8;
        } finally {
          await broker.stop();
        }
      }
      const worst = ratios.reduce((a, b) => (b.value < a.value ? b : a));
      return {
        table: [
          ['broker', 'what', 'value', 'unit'],
          ...rows.map(({ broker, what, value, unit }) => [broker, what, value, unit]),
        ],
        figure: {
          ratio: worst.value,
          low: worst.low,
          high: worst.high,
          unit: 'jobs/s of a tab / bare Node',
          pass: worst.value >= 0.5 && goodUse,
        },
        details: { rows, prefetch, jobs, browser: bench.version },
      };
    });
  },
};

async function measure(bench: Bench, name: BrokerName, broker: Broker) {
  const lay = name === 'nats' ? layNats : layRabbitmq;
  let laid = 0;
  const fill = async (count: number) => {
    const queueName = `q${laid++}`;
    await lay(broker, queueName);
    const producer = await openProducer({ kind: name, url: broker.url, queue: queueName });
    // As the model takes it: what a picture costs to decode is no part of the way of a job.
    const bytes = npy('<f4', '(1, 3, 8, 8)', new Float32Array(3 * 8 * 8));
    await produce(producer, {
      count,
      ratePerS: Infinity,
      name: queueName,
      fileAt: () => ({ bytes, contentType: 'application/x-npy' }),
    });
    await producer.close();
    return queueName;
  };
  const station = await bench.openStation('source.kind=constant');
  const refusal = await station.openModel(oneOperator());
  if (refusal !== undefined) throw new Error(`The model was refused: ${refusal.message}`);
  const tabs: number[] = [];
  const bares: number[] = [];
  for (let round = -1; round < rounds; round++) {
    const both = [
      async () => ({ of: tabs, perS: await byTab(station, name, broker, await fill(jobs), prefetch, jobs) }),
      async () => ({ of: bares, perS: await (name === 'nats' ? bareNats : bareRabbitmq)(broker, await fill(jobs)) }),
    ];
    for (const run of round % 2 === 0 ? both : both.reverse()) {
      const { of, perS } = await run();
      // Round -1 warms.
      if (round >= 0) of.push(perS);
    }
  }
  const pairs = tabs.map((perS, i) => perS / (bares[i] ?? NaN));
  await station.page.context().close();

  const simulated = `engine.provider=simulated&engine.serviceMs=${serviceMs}&engine.sessions=1&source.kind=constant`;
  const one = await bench.openStation(simulated);
  const alone = await byTab(one, name, broker, await fill(slowJobs), 0, slowJobs);
  const utilisation = (alone * serviceMs) / 1000;
  const two = await bench.openStation(simulated);
  const shared = await fill(2 * slowJobs);
  const started = performance.now();
  await Promise.all([one, two].map((each) => drained(each, name, broker, shared, 0, 2 * slowJobs, [one, two])));
  const together = (1000 * 2 * slowJobs) / (performance.now() - started);
  const scale = together / alone;
  await one.page.context().close();
  await two.page.context().close();
  const rows: Row[] = [
    { broker: name, what: 'tab', value: mean(tabs), unit: 'jobs/s' },
    { broker: name, what: 'bare Node consumer', value: mean(bares), unit: 'jobs/s' },
    { broker: name, what: 'tab / bare', value: mean(tabs) / mean(bares), unit: '' },
    { broker: name, what: `utilisation at ${serviceMs} ms, automatic prefetch`, value: utilisation, unit: '' },
    { broker: name, what: 'two tabs / one', value: scale, unit: '' },
  ];
  return { ratios: pairs, rows, utilisation, scale };
}

/** Jobs per second from the first to the last acknowledgement. */
async function byTab(
  station: Station,
  name: BrokerName,
  broker: Broker,
  queueName: string,
  held: number,
  count: number,
): Promise<number> {
  const ms = await drained(station, name, broker, queueName, held, count, [station]);
  return (1000 * count) / ms;
}

/** ms from the first job received until all tabs together have acknowledged `count`. */
async function drained(
  station: Station,
  name: BrokerName,
  broker: Broker,
  queueName: string,
  held: number,
  count: number,
  all: readonly Station[],
): Promise<number> {
  await station.page.evaluate(
    async (source) => {
      await window.weir.stop();
      await window.weir.configure({ source });
      await window.weir.start();
    },
    { kind: name, url: broker.url, queue: queueName, prefetch: held },
  );
  let first: number | undefined;
  for (;;) {
    const done = await Promise.all(
      all.map((each) =>
        each.page.evaluate((of) => window.weir.snapshot().work?.[of]?.counts ?? { received: 0, acknowledged: 0 }, name),
      ),
    );
    const now = performance.now();
    if (first === undefined && done.some(({ received }) => received > 0)) first = now;
    if (done.reduce((sum, { acknowledged }) => sum + acknowledged, 0) >= count) return now - (first ?? now);
    await new Promise((next) => setTimeout(next, 10));
  }
}

const result = new TextEncoder().encode(JSON.stringify({ v: 1, kind: 'tensors', result: [], text: 'x'.repeat(200) }));

/** Fetches within its prefetch, publishes, waits for the confirmation, acknowledges and waits for that too. */
async function bareNats(broker: Broker, stream: string): Promise<number> {
  const { jetstream, jetstreamManager, AckPolicy } = await import('@nats-io/jetstream');
  const connection = await connectNats(broker.url);
  try {
    const manager = await jetstreamManager(connection);
    await manager.consumers.add(stream, {
      durable_name: 'bare',
      ack_policy: AckPolicy.Explicit,
      max_ack_pending: prefetch,
    });
    const client = jetstream(connection);
    const consumer = await client.consumers.get(stream, 'bare');
    const started = performance.now();
    const messages = await consumer.consume({ max_messages: prefetch });
    let done = 0;
    await new Promise<void>((finish, fail) => {
      const work = async () => {
        for await (const message of messages) {
          void client
            .publish(`${stream}.results`, result, { msgID: message.headers?.get('Nats-Msg-Id') ?? '' })
            .then(() => message.ackAck())
            .then(() => {
              if (++done === jobs) finish();
            }, fail);
        }
      };
      work().catch(fail);
    });
    const perS = (1000 * jobs) / (performance.now() - started);
    await messages.close();
    return perS;
  } finally {
    await connection.close();
  }
}

async function bareRabbitmq(broker: Broker, queueName: string): Promise<number> {
  const stomp = await connectStomp(broker.url);
  try {
    const started = performance.now();
    let done = 0;
    await new Promise<void>((finish, fail) => {
      stomp
        .subscribe(
          `/amq/queue/${queueName}`,
          { ack: 'client-individual', 'prefetch-count': String(prefetch) },
          (message) => {
            stomp
              .send(`/queue/${queueName}.results`, { persistent: 'true', 'content-type': 'application/json' }, result)
              .then(() => stomp.ack(message))
              .then(() => {
                if (++done === jobs) finish();
              }, fail);
          },
        )
        .catch(fail);
    });
    return (1000 * jobs) / (performance.now() - started);
  } finally {
    await stomp.close();
  }
}
