/** A WebSocket server under the test's control: it sends what it is told, and can vanish and come back on its port. */
import { WebSocketServer } from 'ws';

export interface Sender {
  readonly url: string;
  /** Resolves when a page is connected. */
  connected(): Promise<void>;
  send(message: Uint8Array | string): void;
  /** Ends every connection without a word and stops listening. */
  vanish(): Promise<void>;
  comeBack(): Promise<void>;
}

export async function startSender(): Promise<Sender> {
  let server = await listen(0);
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('The sender has no port.');
  const { port } = address;
  return {
    url: `ws://localhost:${port}`,
    async connected() {
      if (server.clients.size > 0) return;
      await new Promise<void>((done) => server.once('connection', () => done()));
    },
    send(message) {
      for (const client of server.clients) client.send(message);
    },
    async vanish() {
      for (const client of server.clients) client.terminate();
      await new Promise<void>((done) => server.close(() => done()));
    },
    async comeBack() {
      server = await listen(port);
    },
  };
}

function listen(port: number): Promise<WebSocketServer> {
  return new Promise((resolve, reject) => {
    const server = new WebSocketServer({ port, host: '127.0.0.1' });
    server.once('listening', () => resolve(server));
    server.once('error', reject);
  });
}
