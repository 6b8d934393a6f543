/**
 * The static host of the built page: the same headers on every response, 404 included, and the demo feed beside it.
 * `npm start`, the browser tests and the benches all serve through it.
 */
import { createServer, type IncomingMessage } from 'node:http';
import { resolve } from 'node:path';
import sirv from 'sirv';
import { attachFeed, feedQuery } from './feed.ts';
import { productionHeaders } from './headers.ts';
import { listenFrom } from './listenFrom.ts';

export interface HostOptions {
  /** Folders served, the first that has the file wins. */
  readonly roots?: readonly string[];
  /** 0 takes any free port. */
  readonly port?: number;
  /** How many ports after `port` are tried when it is taken. */
  readonly attempts?: number;
  readonly address?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly onTaken?: (port: number) => void;
  readonly onRequest?: (request: IncomingMessage) => void;
  /** Another body for a path, or undefined for the file as it is. */
  readonly replace?: (path: string) => string | undefined;
}

export interface Host {
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

export async function startHost(options: HostOptions = {}): Promise<Host> {
  const { roots = ['dist'], headers = productionHeaders, port = 0, attempts = 20, address = '127.0.0.1' } = options;
  const folders = roots.map((root) =>
    sirv(resolve(root), {
      etag: true,
      setHeaders: (response, path) =>
        response.setHeader(
          'Cache-Control',
          path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
        ),
    }),
  );
  const server = createServer((request, response) => {
    options.onRequest?.(request);
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { Allow: 'GET, HEAD' }).end();
      return;
    }
    const replaced = options.replace?.((request.url ?? '/').split('?')[0] ?? '/');
    if (replaced !== undefined) {
      response.writeHead(200, { 'Content-Type': 'text/javascript' }).end(replaced);
      return;
    }
    const tryFolder = (index: number): void => {
      const folder = folders[index];
      if (folder !== undefined) folder(request, response, () => tryFolder(index + 1));
      else response.writeHead(404, { 'Content-Type': 'text/plain' }).end('Not found\n');
    };
    tryFolder(0);
  });
  const feed = attachFeed(server);
  server.on('upgrade', (request, socket) => {
    if (feedQuery(request.url) === undefined) socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
  });
  const taken = await listenFrom(server, { port, attempts, address, setting: 'PORT', onTaken: options.onTaken });
  return {
    port: taken,
    url: `http://localhost:${taken}`,
    close: () =>
      new Promise((done) => {
        feed.close();
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
