/**
 * A server process of a broker with a folder of its own, killed and started again at will: what a trial and the proofs need.
 * It listens on loopback only, and takes everything it wrote with it when it is stopped.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';

export interface Broker {
  /** What a person puts into the Server field. */
  readonly url: string;
  /** host:port for clients that do not run in a browser. */
  readonly address: string;
  /** SIGKILL, as a machine that loses its power. */
  kill(): Promise<void>;
  /** After `kill`: with the same ports and the same stored messages. */
  restart(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

export interface BrokerSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly uid?: number;
  readonly gid?: number;
  /** Resolves once it serves; called again and again until then. */
  isReady(): Promise<boolean>;
  readonly readyWithinMs: number;
}

const keptOutput = 4000;
const lookEveryMs = 100;

export async function startProcess(
  spec: BrokerSpec,
  url: string,
  address: string,
  afterStop = async () => {},
): Promise<Broker> {
  let child: ChildProcess | undefined;
  let output = '';

  async function start(): Promise<void> {
    output = '';
    const { uid, gid } = spec;
    const started = spawn(spec.command, spec.args, {
      env: { ...process.env, ...spec.env },
      cwd: spec.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that a kill reaches the shell around it and what that started.
      detached: true,
      ...(uid === undefined || gid === undefined ? {} : { uid, gid }),
    });
    child = started;
    let failed: Error | undefined;
    started.once('error', (error) => {
      failed = error;
    });
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-keptOutput);
    };
    started.stdout?.on('data', keep);
    started.stderr?.on('data', keep);
    const deadline = Date.now() + spec.readyWithinMs;
    while (!(await spec.isReady())) {
      if (failed !== undefined) throw new Error(`${spec.name} did not start: ${failed.message}`);
      if (started.exitCode !== null) throw new Error(`${spec.name} ended while it started:\n${output}`);
      if (Date.now() > deadline)
        throw new Error(`${spec.name} was not ready within ${spec.readyWithinMs / 1000} s:\n${output}`);
      await new Promise((done) => setTimeout(done, lookEveryMs));
    }
  }

  async function kill(): Promise<void> {
    const running = child;
    child = undefined;
    if (running?.pid === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const ended = new Promise((done) => running.once('exit', done));
    killGroup(running.pid);
    await ended;
    // The shell around it is gone; the server itself may need a moment more.
    while (await spec.isReady()) await new Promise((done) => setTimeout(done, 20));
  }

  async function stop(): Promise<void> {
    process.off('exit', onExit);
    await kill();
    await afterStop();
    rmSync(spec.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Whoever is interrupted leaves no server behind. */
  const onExit = () => {
    if (child?.pid !== undefined) killGroup(child.pid);
    rmSync(spec.folder, { recursive: true, force: true });
  };
  process.on('exit', onExit);
  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, address, kill, restart: start, stop };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** Ports that nobody listened on a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((done, reject) => {
          const server = createServer();
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => done(server));
        }),
    ),
  );
  const ports = servers.map((server) => {
    const bound = server.address();
    if (bound === null || typeof bound === 'string') throw new Error('A server on TCP has a port.');
    return bound.port;
  });
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}
