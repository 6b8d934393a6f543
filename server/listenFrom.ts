/** Listens on the first free port from the one that was asked for, as every server of Weir does. */
import type { Server } from 'node:http';

export interface ListenOptions {
  /** 0 takes any free port. */
  readonly port: number;
  /** How many ports after `port` are tried when it is taken. */
  readonly attempts: number;
  readonly address: string;
  /** What a person sets to choose another port, for the message: `PORT` or `--port`. */
  readonly setting: string;
  readonly onTaken?: ((port: number) => void) | undefined;
}

/** The port that it listens on. @throws Error when none of them is free, or the address cannot be used */
export async function listenFrom(server: Server, options: ListenOptions): Promise<number> {
  const { port, attempts, address, setting, onTaken } = options;
  for (let candidate = port; ; candidate++) {
    try {
      return await listen(server, candidate, address);
    } catch (error) {
      const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (!isTaken) throw error;
      if (candidate - port >= attempts || candidate >= 65_535)
        throw new Error(
          `Port ${candidate} is taken, and so are those before it from ${port}. Set ${setting} to a free one.`,
        );
      onTaken?.(candidate);
    }
  }
}

function listen(server: Server, port: number, address: string): Promise<number> {
  return new Promise((resolvePort, reject) => {
    server.once('error', reject);
    server.listen(port, address, () => {
      server.off('error', reject);
      const bound = server.address();
      resolvePort(typeof bound === 'object' && bound !== null ? bound.port : port);
    });
  });
}
