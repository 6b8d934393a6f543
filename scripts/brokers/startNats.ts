/** A NATS server with JetStream and websockets, as `npm run brokers`, the tests and the proofs use it. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Broker, freePorts, startProcess } from './brokerProcess.ts';

export interface NatsOptions {
  /** 0, or none: any free one. */
  readonly port?: number;
  readonly wsPort?: number;
  /** Pages that may connect; none named: all. */
  readonly origins?: readonly string[];
  /** Further lines of its configuration, such as users. */
  readonly config?: string;
}

export async function startNats({ port, wsPort, origins = [], config = '' }: NatsOptions = {}): Promise<Broker> {
  const [anyPort = 0, anyWsPort = 0] = await freePorts(2);
  const tcp = port || anyPort;
  const ws = wsPort || anyWsPort;
  const folder = mkdtempSync(join(tmpdir(), 'weir-nats-'));
  const file = join(folder, 'nats.conf');
  // Every message is on the disk before it is confirmed: by default a queue would lose up to two minutes of them.
  const lines = [
    `listen: "127.0.0.1:${tcp}"`,
    'max_payload: 8388608',
    `jetstream { store_dir: ${JSON.stringify(join(folder, 'store'))} }`,
    `websocket { listen: "127.0.0.1:${ws}", no_tls: true${
      origins.length === 0 ? '' : `, allowed_origins: ${JSON.stringify(origins)}`
    } }`,
    config,
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  return startProcess(
    {
      name: 'nats-server',
      command: 'nats-server',
      args: ['-c', file],
      env: {},
      folder,
      isReady: async () => (await answers(tcp)) && (await answers(ws)),
      readyWithinMs: 15_000,
    },
    `ws://127.0.0.1:${ws}`,
    `127.0.0.1:${tcp}`,
  );
}

/** Whether something takes a connection there. */
export function answers(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1');
    const say = (is: boolean) => {
      socket.destroy();
      done(is);
    };
    socket.once('connect', () => say(true));
    socket.once('error', () => say(false));
    socket.setTimeout(1000, () => say(false));
  });
}
