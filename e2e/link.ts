/** A TCP proxy in front of a broker, whose links can be cut, or left half open as when a network cable is pulled. */
import { connect, createServer, type Socket } from 'node:net';

export interface Link {
  /** The address of the broker through it. */
  readonly url: string;
  /** Ends all connections; new ones are let through. */
  cut(): void;
  /** Nothing passes any more and nobody is told; new connections are let through. */
  halfOpen(): void;
  close(): Promise<void>;
}

export async function startLink(url: string): Promise<Link> {
  const target = new URL(url);
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    const pair = [near, far] as const;
    pairs.add(pair);
    const end = () => {
      if (!pairs.delete(pair)) return;
      near.destroy();
      far.destroy();
    };
    for (const socket of pair) {
      socket.setNoDelay(true);
      socket.on('error', end);
      socket.on('close', end);
    }
    near.pipe(far);
    far.pipe(near);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('A server on TCP has a port.');
  const through = new URL(url);
  through.port = String(bound.port);
  const cut = () => {
    for (const [near, far] of pairs) {
      pairs.delete([near, far]);
      near.destroy();
      far.destroy();
    }
  };
  return {
    url: through.href,
    cut,
    halfOpen() {
      for (const [near, far] of pairs) {
        near.unpipe(far);
        far.unpipe(near);
        near.pause();
        // The broker hears that its side is over only when it writes for long; it is told now, the worker is not.
        far.destroy();
      }
    },
    close: () =>
      new Promise((done) => {
        cut();
        server.close(() => done());
      }),
  };
}
