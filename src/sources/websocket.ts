/**
 * Frames over a plain WebSocket: a binary message is one encoded image or `.npy` array, a text message is JSON with a base64 image.
 * A plain WebSocket cannot be slowed down; a lost connection is tried again with full jitter, ever later until a message comes.
 */
import { Observable } from 'rxjs';
import { shownAddress } from '../core/address.ts';
import { Delivery } from '../core/delivery.ts';
import { WeirError } from '../core/errors.ts';
import { imageFormatOf } from '../core/imageFormat.ts';
import { maxEncodedBytes, type Payload } from '../core/payload.ts';
import type { Source, SourceContext } from '../core/source.ts';
import { isNpy } from '../core/wire/npy.ts';
import { fullJitterMs } from '../core/fullJitter.ts';
import { broken, type ReadPayload, tooLarge } from './readFile.ts';

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
          let received = false;
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
            context.onState({ status: 'open', facts: shownAddress(options.url) });
          };
          socket.onmessage = (event: MessageEvent<unknown>) => {
            const now = clock.now();
            received = true;
            // Not at the opening: a server that is there and never gets a message across must not be hammered.
            attempt = 0;
            subscriber.next(
              new Delivery<Payload>({
                id: nextId++,
                source: context.id,
                ...payloadOf(event.data),
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
            const wait = fullJitterMs(attempt++, random);
            const error = opened
              ? new WeirError('connection-lost', lostSentence(hostOf(options.url), received), {
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

/** The browser does not say why: it gives the same code for a sender that died and for a message that it refuses. */
function lostSentence(host: string, received: boolean): string {
  return received
    ? `The connection to ${host} was lost.`
    : `The connection to ${host} broke before a whole message had come: its sender stopped, or a message has 2 GB or more, which no browser takes.`;
}

export function payloadOf(data: unknown): ReadPayload {
  const size = data instanceof ArrayBuffer ? data.byteLength : typeof data === 'string' ? data.length : 0;
  if (size > maxEncodedBytes) return broken(tooLarge('The message', size, maxEncodedBytes));
  const bytes = bytesOf(data);
  const format = imageFormatOf(bytes) ?? (isNpy(bytes) ? 'npy' : 'unknown');
  return { payload: { kind: 'encoded', format, bytes }, bytes: bytes.byteLength };
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
