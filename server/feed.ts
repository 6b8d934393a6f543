/**
 * The demo feed: encoded images over WebSocket at `/feed`, from the process that serves the page.
 * `?rate=30` frames per second, `?format=json` wraps them as text; a slow reader misses frames, it never fills memory.
 * A reader that offers `weir.v1` misses none: it gives credit (`weirFeed.ts`; `?count=`, `?session=`, `?rate=0` for no pace).
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { weirV1 } from '../src/core/wire/weirV1.ts';
import { demoFrame } from './demoScene.ts';
import { createWeirFeed } from './weirFeed.ts';
import { pickWeirV1 } from './weirSender.ts';

const maxBufferedBytes = 1_000_000;
const maxClients = 64;

export interface Feed {
  close(): void;
}

/** Answers upgrades to `/feed` on `server` and leaves all others to whoever else listens. */
export function attachFeed(server: Pick<Server, 'on' | 'off'>): Feed {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 128 * 1024, handleProtocols: pickWeirV1 });
  const weirFeed = createWeirFeed();
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // A peer that resets the connection is its own affair.
    socket.on('error', () => socket.destroy());
    const query = feedQuery(request.url);
    if (query === undefined) return;
    if (sockets.clients.size >= maxClients) {
      socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      if (client.protocol === weirV1) weirFeed.serve(client, query, paceOf(query));
      else serve(client, query);
    });
  };
  server.on('upgrade', upgrade);
  return {
    close() {
      server.off('upgrade', upgrade);
      for (const client of sockets.clients) client.terminate();
      weirFeed.close();
      sockets.close();
    },
  };
}

/** The parameters of an address of the feed; undefined for every other one, however malformed. */
export function feedQuery(path = '/'): URLSearchParams | undefined {
  const [name, query = ''] = path.split('?', 2);
  return name === '/feed' ? new URLSearchParams(query) : undefined;
}

function serve(client: WebSocket, parameters: URLSearchParams): void {
  const rate = rateOf(parameters);
  const asJson = parameters.get('format') === 'json';
  const started = performance.now();
  let sent = 0;
  // The plan, not the timer, says which frame is due, so a late tick does not lower the rate.
  const timer = setInterval(
    () => {
      const due = Math.floor(((performance.now() - started) / 1000) * rate);
      // After a pause of the whole process the missed frames are skipped, not sent in one burst.
      if (due - sent > rate) sent = due - 1;
      for (; sent < due; sent++) {
        if (client.readyState !== WebSocket.OPEN || client.bufferedAmount > maxBufferedBytes) continue;
        const image = demoFrame(sent);
        client.send(asJson ? JSON.stringify({ id: sent, image: image.toString('base64') }) : image);
      }
    },
    Math.max(2, 1000 / rate / 2),
  );
  client.on('close', () => clearInterval(timer));
  client.on('error', () => client.terminate());
}

/** Frames per second within 0.1 to 240; nonsense gives the default of 30. */
export function rateOf(parameters: URLSearchParams): number {
  const rate = Number(parameters.get('rate') ?? 30);
  return Number.isFinite(rate) && rate > 0 ? Math.min(240, Math.max(0.1, rate)) : 30;
}

/** Over `weir.v1` a rate of 0 means as fast as there is credit. */
function paceOf(parameters: URLSearchParams): number {
  return parameters.get('rate') === '0' ? Infinity : rateOf(parameters);
}
