/**
 * `npm run brokers [nats] [rabbitmq]`: real brokers on loopback for a trial, each with a folder of its own, until Ctrl+C.
 * A queue is laid out for each, so that the page and `npm run produce` find what they need.
 */
import { parseArgs } from 'node:util';
import type { Broker } from './brokerProcess.ts';
import { type BrokerName, brokerNames, whyMissing } from './findBrokers.ts';
import { layNats, layRabbitmq, trialQueue } from './layQueues.ts';
import { startNats } from './startNats.ts';
import { startRabbitmq } from './startRabbitmq.ts';

const help = `npm run brokers [-- nats rabbitmq] [--nats-port 4222] [--nats-ws-port 9222] [--rabbitmq-port 5672] [--rabbitmq-ws-port 15674]
Starts them on 127.0.0.1 and stops them with Ctrl+C; what they stored goes with them. A port of 0 takes any free one.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: 'boolean', short: 'h' },
    'nats-port': { type: 'string', default: '0' },
    'nats-ws-port': { type: 'string', default: '9222' },
    'rabbitmq-port': { type: 'string', default: '0' },
    'rabbitmq-ws-port': { type: 'string', default: '15674' },
  },
});

const port = (text: string) => {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number > 65_535) throw new Error(`"${text}" is no port.`);
  return number;
};

async function start(name: BrokerName): Promise<Broker> {
  if (name === 'nats') {
    const broker = await startNats({ port: port(values['nats-port']), wsPort: port(values['nats-ws-port']) });
    await layNats(broker, trialQueue);
    return broker;
  }
  const broker = await startRabbitmq({
    port: port(values['rabbitmq-port']),
    wsPort: port(values['rabbitmq-ws-port']),
  });
  await layRabbitmq(broker, trialQueue);
  return broker;
}

const running: Broker[] = [];

async function main(): Promise<void> {
  const wanted = positionals.length === 0 ? brokerNames : positionals;
  const unknown = wanted.find((name) => !brokerNames.some((known) => known === name));
  if (values.help === true || unknown !== undefined) {
    if (unknown !== undefined) console.error(`There is no broker "${unknown}"; these are: ${brokerNames.join(', ')}.`);
    console.log(help);
    process.exitCode = unknown === undefined ? 0 : 1;
    return;
  }
  for (const name of brokerNames.filter((known) => wanted.includes(known))) {
    const why = whyMissing(name);
    if (why !== undefined) {
      console.error(why);
      process.exitCode = 1;
      continue;
    }
    const broker = await start(name);
    running.push(broker);
    console.log(`${name}: Server ${broker.url}, Queue ${trialQueue}, Results to ${trialQueue}.results`);
    console.log(`  other clients: ${broker.address}; fill it: npm run produce -- --${name} ${broker.url} FILES`);
  }
  if (running.length === 0) return;
  console.log('Ready. Ctrl+C stops them and removes what they stored.');
  await new Promise((done) => {
    process.once('SIGINT', done);
    process.once('SIGTERM', done);
  });
}

async function run(): Promise<void> {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
  await Promise.all(running.map((broker) => broker.stop()));
  process.exit();
}

void run();
