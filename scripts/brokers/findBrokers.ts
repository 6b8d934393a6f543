/**
 * Finds the two brokers or, as root on Debian, installs them; they may be missing, unlike the browser.
 * Whoever gets none is told why, and the tests that need it count as skipped.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { aptInstall, canAptInstall } from '../aptInstall.ts';
import { rabbitmqCommand } from './startRabbitmq.ts';

export const brokerNames = ['nats', 'rabbitmq'] as const;
export type BrokerName = (typeof brokerNames)[number];

const packages: Readonly<Record<BrokerName, string>> = { nats: 'nats-server', rabbitmq: 'rabbitmq-server' };
const commands: Readonly<Record<BrokerName, string>> = { nats: 'nats-server', rabbitmq: rabbitmqCommand };

export function isInstalled(name: BrokerName): boolean {
  const command = commands[name];
  if (command.startsWith('/')) return existsSync(command);
  // RabbitMQ has no way to be asked without being started.
  return spawnSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0;
}

/** Undefined when it is there. */
export function whyMissing(name: BrokerName): string | undefined {
  return isInstalled(name)
    ? undefined
    : `${packages[name]} is not installed: "apt-get install ${packages[name]}" brings it on Debian and Ubuntu, and "docker compose up" starts it without.`;
}

/** Installs what is missing where that is possible, and says what is missing still. */
export function offerBrokers(say: (line: string) => void = console.log): void {
  const missing = brokerNames.filter((name) => !isInstalled(name)).map((name) => packages[name]);
  if (missing.length > 0 && canAptInstall()) {
    say(`Not found: ${missing.join(', ')}; running: apt-get install -y ${missing.join(' ')}`);
    if (!aptInstall(missing)) say('That did not work.');
  }
  for (const name of brokerNames) {
    const why = whyMissing(name);
    if (why !== undefined) say(why);
  }
}
