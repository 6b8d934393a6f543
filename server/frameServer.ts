/**
 * One stream of frames for all who connect: it starts with the first reader and stops after the last has left.
 * Shared, because a camera often takes one connection only, and encoding once costs one core however many watch.
 * A reader of `weir.v1` has a stream of its own, that waits for it.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket, WebSocketServer } from 'ws';
import { weirV1 } from '../src/core/wire/weirV1.ts';
import { type ListenOptions, listenFrom } from './listenFrom.ts';
import { createWeirFrames } from './weirFrames.ts';
import { pickWeirV1 } from './weirSender.ts';

const maxBufferedBytes = 1_000_000;
const maxClients = 64;
/** Readers come back at once after a failure; the camera that refused should not be asked at once. */
const waitAfterFailureMs = 2000;

export interface FrameServerOptions extends ListenOptions {
  /** Ends when there is no more, throws when it failed; the signal says that nobody reads any more. */
  readonly frames: (signal: AbortSignal) => AsyncIterable<Uint8Array>;
  /** They wait for their reader, so that `weir.v1` can be spoken; a camera does not. */
  readonly canWait: boolean;
  /** Pages that may connect besides those of this computer. */
  readonly origins: readonly string[];
  /** One line for the person who started it. */
  readonly report: (line: string) => void;
}

export interface FrameServer {
  readonly port: number;
  /** Resolves when the frames have stopped too. */
  close(): Promise<void>;
}

export async function startFrameServer(options: FrameServerOptions): Promise<FrameServer> {
  const clients = new Set<WebSocket>();
  let abort = new AbortController();
  let running: Promise<void> | undefined;
  let closed = () => {};
  const closing = new Promise<void>((resolve) => {
    closed = resolve;
  });

  const leave = (client: WebSocket) => {
    clients.delete(client);
    if (clients.size === 0) abort.abort();
  };

  const run = async () => {
    while (clients.size > 0) {
      abort = new AbortController();
      const failure = await play(abort.signal);
      if (abort.signal.aborted) continue;
      if (failure !== undefined) options.report(failure);
      // 1000 tells a reader that this was all, 1011 that it may come again.
      for (const client of clients) client.close(failure === undefined ? 1000 : 1011, cut(failure ?? '', 123));
      clients.clear();
      if (failure !== undefined) await Promise.race([sleep(waitAfterFailureMs), closing]);
    }
    running = undefined;
  };

  /** The reason when it failed. */
  const play = async (signal: AbortSignal): Promise<string | undefined> => {
    try {
      for await (const frame of options.frames(signal)) {
        if (signal.aborted) break;
        for (const client of clients) {
          // It said goodbye; its `close` may be half a minute away, for which no camera should be held.
          if (client.readyState !== WebSocket.OPEN) leave(client);
          // Too slow for this frame: it misses it, and memory stays as it is.
          else if (client.bufferedAmount <= maxBufferedBytes) client.send(frame);
        }
        if (signal.aborted) break;
      }
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };

  const server = createServer((_, response) => {
    response
      .writeHead(426, { 'Content-Type': 'text/plain', Upgrade: 'websocket' })
      .end('This is a WebSocket feed: enter its address in Weir.\n');
  });
  const lossless = createWeirFrames(options.frames, options.report);
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: 128 * 1024,
    perMessageDeflate: false,
    // Nothing else is spoken: a browser then ends the connection, and says so.
    handleProtocols: (offered) => (options.canWait ? pickWeirV1(offered) : false),
  });
  const refused = new Set<string>();
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // A peer that resets the connection is its own affair.
    socket.on('error', () => socket.destroy());
    const { origin } = request.headers;
    if (origin !== undefined && !isAllowed(origin, options.origins)) {
      if (!refused.has(origin) && refused.size < 100) {
        refused.add(origin);
        options.report(refusal(cut(origin, 200)));
      }
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
      return;
    }
    if (sockets.clients.size >= maxClients) {
      socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      if (client.protocol === weirV1) return lossless.serve(client);
      clients.add(client);
      client.on('error', () => client.terminate());
      client.on('close', () => leave(client));
      running ??= run();
    });
  });
  const port = await listenFrom(server, options);
  return {
    port,
    async close() {
      const stopped = lossless.close();
      for (const client of sockets.clients) client.terminate();
      server.close();
      server.closeAllConnections();
      clients.clear();
      closed();
      abort.abort();
      await running;
      await stopped;
    },
  };
}

/** Any page in the browser can reach this port, so only those of this computer and those named may see the pictures. */
function isAllowed(origin: string, origins: readonly string[]): boolean {
  if (origins.includes(origin)) return true;
  return URL.canParse(origin) && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(origin).hostname);
}

function refusal(origin: string): string {
  if (origin !== 'null') return `A page of ${origin} was refused; --origin ${origin} lets it in.`;
  // Every such page has the same origin, so letting one in would let in all.
  return 'A page without an address of its own (a file, or a sandboxed frame) was refused: open Weir from a server.';
}

/** At most so many bytes of UTF-8, whole characters only. */
function cut(text: string, maxBytes: number): string {
  let end = Math.min(text.length, maxBytes);
  while (Buffer.byteLength(text.slice(0, end)) > maxBytes || /[\ud800-\udbff]$/.test(text.slice(0, end))) end -= 1;
  return text.slice(0, end);
}
