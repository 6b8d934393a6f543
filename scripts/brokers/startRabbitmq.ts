/**
 * A RabbitMQ server with Web STOMP, as `npm run brokers`, the tests and the proofs use it.
 * Erlang's own directory of nodes (epmd) gets a port of its own too, so that several sets can run side by side.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Broker, freePorts, startProcess } from './brokerProcess.ts';
import { answers } from './startNats.ts';

export interface RabbitmqOptions {
  /** Of AMQP. 0, or none: any free one. */
  readonly port?: number;
  readonly wsPort?: number;
}

export interface Rabbitmq extends Broker {
  /** Runs `rabbitmqctl` on it. */
  ctl(...args: readonly string[]): string;
}

/** Debian's command in the path changes the user and forgets the environment; this is what it runs. */
const folderOfCommands = '/usr/lib/rabbitmq/bin';
export const rabbitmqCommand = existsSync(folderOfCommands) ? `${folderOfCommands}/rabbitmq-server` : 'rabbitmq-server';

const maxMessageBytes = 8_388_608;

export async function startRabbitmq({ port, wsPort }: RabbitmqOptions = {}): Promise<Rabbitmq> {
  const [anyPort = 0, anyWsPort = 0, distPort = 0, epmdPort = 0] = await freePorts(4);
  const amqp = port || anyPort;
  const ws = wsPort || anyWsPort;
  const folder = mkdtempSync(join(tmpdir(), 'weir-rabbitmq-'));
  const config = join(folder, 'rabbitmq.conf');
  const plugins = join(folder, 'enabled_plugins');
  writeFileSync(
    config,
    [
      `listeners.tcp.1 = 127.0.0.1:${amqp}`,
      // The plugin brings plain STOMP along, which nobody asked for.
      'stomp.listeners.tcp = none',
      `web_stomp.tcp.listener = 127.0.0.1:${ws}`,
      'web_stomp.ws_frame = binary',
      `web_stomp.ws_opts.max_frame_size = ${maxMessageBytes + 65_536}`,
      `max_message_size = ${maxMessageBytes}`,
      'log.console = true',
      'log.console.level = warning',
      'log.file = false',
      '',
    ].join('\n'),
  );
  writeFileSync(plugins, '[rabbitmq_web_stomp].\n');
  const base = join(folder, 'data');
  mkdirSync(base);
  const owner = rabbitmqUser();
  if (owner !== undefined) for (const path of [folder, base, config, plugins]) chownSync(path, owner.uid, owner.gid);
  chmodSync(folder, 0o700);
  const env = {
    HOME: folder,
    ERL_EPMD_PORT: String(epmdPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODENAME: `weir${amqp}@localhost`,
    RABBITMQ_DIST_PORT: String(distPort),
    RABBITMQ_CONFIG_FILE: config,
    RABBITMQ_ENABLED_PLUGINS_FILE: plugins,
    RABBITMQ_MNESIA_BASE: base,
    RABBITMQ_LOG_BASE: base,
    RABBITMQ_PID_FILE: join(folder, 'pid'),
    RABBITMQ_CONF_ENV_FILE: join(folder, 'none'),
    // Schedulers that spin while they wait would take the processor from what is measured beside them.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+sbwt none +sbwtdcpu none +sbwtdio none',
  };
  const as = owner ?? {};
  const epmd = spawnEpmd(env, epmdPort, as);
  try {
    const broker = await startProcess(
      {
        name: 'rabbitmq-server',
        command: rabbitmqCommand,
        args: [],
        env,
        folder,
        ...as,
        isReady: async () => (await answers(amqp)) && (await answers(ws)),
        readyWithinMs: 60_000,
      },
      `ws://127.0.0.1:${ws}/ws`,
      `127.0.0.1:${amqp}`,
      async () => {
        epmd.kill('SIGKILL');
      },
    );
    return {
      ...broker,
      ctl: (...args) =>
        execFileSync('sh', ['-c', 'exec "$0" "$@"', ctlCommand(), ...args], {
          env: { ...process.env, ...env },
          cwd: folder,
          encoding: 'utf8',
          ...as,
        }),
    };
  } catch (error) {
    epmd.kill('SIGKILL');
    throw error;
  }
}

function ctlCommand(): string {
  const script = `${folderOfCommands}/rabbitmqctl`;
  return existsSync(script) ? script : 'rabbitmqctl';
}

function spawnEpmd(
  env: Readonly<Record<string, string>>,
  port: number,
  as: { readonly uid?: number; readonly gid?: number },
): ChildProcess {
  const child = spawn('epmd', ['-port', String(port), '-address', '127.0.0.1'], {
    env: { ...process.env, ...env },
    stdio: 'ignore',
    ...as,
  });
  child.once('error', () => {});
  process.on('exit', () => child.kill('SIGKILL'));
  return child;
}

/** RabbitMQ does not like to be root; the package has made a user for it. */
function rabbitmqUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'rabbitmq'], { encoding: 'utf8' }));
  try {
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
}
