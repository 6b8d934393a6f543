/**
 * Frames over a plain WebSocket: a binary message is one encoded image or `.npy` array, a text message is JSON with a base64 image.
 * A plain WebSocket cannot be slowed down; a lost connection is tried again with full jitter.
 */
import { Observable } from 'rxjs';
import { shownAddress } from '../core/address.ts';
import { Delivery } from '../core/delivery.ts';
import { WeirError } from '../core/errors.ts';
import { imageFormatOf } from '../core/imageFormat.ts';
import type { Payload } from '../core/payload.ts';
import type { Source, SourceContext } from '../core/source.ts';
import { isNpy } from '../core/wire/npy.ts';

/** Full jitter: the wait is uniform in 0 … min(cap, base * 2^attempt). */
const baseWaitMs = 500;
const maxWaitMs = 15_000;

export interface WebSocketSourceOptions {
  readonly url: string;
  readonly create?: (url: string) => WebSocket;
  readonly random?: () => number;
}

export function createWebSocketSource(options: WebSocketSourceOptions, context: SourceContext): Source {
  const { clock } = context;
  const create = options.create ?? ((url) => new WebSocket(url));
  const random = options.random ?? Math.random;
  return {
    pausable: false,
    open: () =>
      new Observable<Delivery<Payload>>((subscriber) => {
        let socket: WebSocket | undefined;
        let timer: ReturnType<typeof setTimeout> | undefined;
        let attempt = 0;
        let nextId = 0;

        const connect = () => {
          context.onState({ status: 'opening' });
          let opened = false;
          try {
            socket = create(options.url);
          } catch (error) {
            subscriber.error(
              new WeirError(
                'connection-refused',
                `"${shownAddress(options.url)}" is not a WebSocket address: that is ws:// or wss:// and a host, without a #.`,
                { cause: error },
              ),
            );
            return;
          }
          socket.binaryType = 'arraybuffer';
          socket.onopen = () => {
            opened = true;
            attempt = 0;
            context.onState({ status: 'open', facts: shownAddress(options.url) });
          };
          socket.onmessage = (event: MessageEvent<unknown>) => {
            const now = clock.now();
            const bytes = bytesOf(event.data);
            subscriber.next(
              new Delivery<Payload>({
                id: nextId++,
                source: context.id,
                payload: { kind: 'encoded', format: imageFormatOf(bytes) ?? (isNpy(bytes) ? 'npy' : 'unknown'), bytes },
                bytes: bytes.byteLength,
                scheduled: now,
                arrived: now,
              }),
            );
          };
          socket.onclose = (event) => {
            if (subscriber.closed) return;
            if (opened && event.code === 1000) {
              context.onState({ status: 'ended' });
              subscriber.complete();
              return;
            }
            const wait = random() * Math.min(maxWaitMs, baseWaitMs * 2 ** attempt++);
            const error = opened
              ? new WeirError('connection-lost', `The connection to ${hostOf(options.url)} was lost.`, {
                  details: `close code ${event.code} ${event.reason.slice(0, 200)}`,
                })
              : new WeirError('connection-refused', `No WebSocket answers at ${hostOf(options.url)}.`, {
                  details: `close code ${event.code}`,
                });
            context.onState({ status: 'retrying', retryAt: clock.now() + wait, error: error.toData() });
            timer = setTimeout(connect, wait);
          };
        };
        connect();
        return () => {
          clearTimeout(timer);
          if (socket !== undefined) {
            socket.onclose = null;
            socket.onmessage = null;
            socket.close();
          }
        };
      }),
  };
}

/** The image bytes of a message; empty when there are none, which then fails as an undecodable frame and is counted. */
export function bytesOf(data: unknown): Uint8Array<ArrayBuffer> {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  if (typeof data !== 'string') return new Uint8Array(0);
  try {
    const message: unknown = JSON.parse(data);
    if (typeof message !== 'object' || message === null || !('image' in message)) return new Uint8Array(0);
    if (typeof message.image !== 'string') return new Uint8Array(0);
    // Data URLs are what a browser's canvas gives, so people send them too.
    const text = atob(message.image.replace(/^data:[^,]*,/, ''));
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    return bytes;
  } catch {
    return new Uint8Array(0); // not JSON or not base64: counted as a frame that cannot be decoded
  }
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url.slice(0, 100);
}
