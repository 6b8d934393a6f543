/**
 * Frames over a plain WebSocket that is read on demand alone (`WebSocketStream`): the sender waits behind the network's
 * buffers. Nothing is lost, but what stands in them (3 to 6 MB) grows old; only the credit of `weir.v1` bounds that.
 */
import { Observable } from 'rxjs';
import { shownAddress } from '../core/address.ts';
import { Delivery } from '../core/delivery.ts';
import { WeirError } from '../core/errors.ts';
import type { Payload } from '../core/payload.ts';
import type { Source, SourceContext } from '../core/source.ts';
import { fullJitterMs } from '../core/fullJitter.ts';
import { payloadOf } from './websocket.ts';

/** Of WHATWG's `WebSocketStream`, which TypeScript does not know; the part that is used. */
export interface MessageStream {
  readonly opened: Promise<{ readonly readable: ReadableStream<string | ArrayBuffer | Uint8Array<ArrayBuffer>> }>;
  readonly closed: Promise<{ readonly closeCode: number; readonly reason: string }>;
  close(): void;
}
type StreamConstructor = new (url: string) => MessageStream;

export interface WebSocketStreamOptions {
  readonly url: string;
  readonly create?: (url: string) => MessageStream;
  readonly random?: () => number;
}

/** Errors for good where the browser has no WebSocketStream, and with what is no address. */
export function createWebSocketStream(options: WebSocketStreamOptions, context: SourceContext): Source {
  const { clock } = context;
  const shown = shownAddress(options.url);
  const create = options.create ?? ownConstructor();
  const host = URL.canParse(options.url) ? new URL(options.url).host : shown;
  return {
    pausable: true,
    open: (demand) =>
      new Observable<Delivery<Payload>>((subscriber) => {
        let socket: MessageStream | undefined;
        let timer: ReturnType<typeof setTimeout> | undefined;
        let attempt = 0;
        let nextId = 0;
        let asked = 0;
        let wake = () => {};
        const demanded = () =>
          new Promise<void>((done) => {
            wake = done;
          });

        /** Resolves when the sender has ended the stream. @throws when the connection is lost */
        const read = async (made: MessageStream): Promise<void> => {
          const { readable } = await made.opened;
          if (subscriber.closed) return;
          context.onState({ status: 'open', facts: `${shown}, read on demand` });
          const reader = readable.getReader();
          for (;;) {
            while (asked <= 0 && !subscriber.closed) await demanded();
            if (subscriber.closed) return;
            const { done, value } = await reader.read();
            if (done) return;
            attempt = 0;
            // While it came the gate may have taken its demand back.
            while (asked <= 0 && !subscriber.closed) await demanded();
            if (subscriber.closed) return;
            asked -= 1;
            const now = clock.now();
            subscriber.next(
              new Delivery<Payload>({
                id: nextId++,
                source: context.id,
                ...payloadOf(value instanceof Uint8Array ? whole(value) : value),
                scheduled: now,
                arrived: now,
              }),
            );
          }
        };

        const connect = async (): Promise<void> => {
          context.onState({ status: 'opening' });
          if (create === undefined) throw new Hopeless(missing);
          let made: MessageStream;
          try {
            made = create(options.url);
          } catch (error) {
            const rule = 'that is ws:// or wss:// and a host, without a #';
            throw new Hopeless(`"${shown}" is not a WebSocket address: ${rule}.`, error);
          }
          socket = made;
          let opened = false;
          const closed = made.closed;
          // Told by `read` as well, where it is waited for.
          closed.catch(() => undefined);
          made.opened.then(
            () => (opened = true),
            () => undefined,
          );
          try {
            await read(made);
            const { closeCode, reason } = await closed;
            if (closeCode === 1000) return;
            throw new Error(`close code ${closeCode} ${reason.slice(0, 200)}`);
          } catch (error) {
            throw opened
              ? new WeirError('connection-lost', `The connection to ${host} was lost.`, { cause: error })
              : new WeirError('connection-refused', `No WebSocket answers at ${host}.`, { cause: error });
          }
        };

        const run = () => {
          connect().then(
            () => {
              if (subscriber.closed) return;
              context.onState({ status: 'ended' });
              subscriber.complete();
            },
            (thrown: unknown) => {
              if (subscriber.closed) return;
              const error = WeirError.wrap(thrown, 'connection-lost');
              if (error instanceof Hopeless) return subscriber.error(error);
              const wait = fullJitterMs(attempt++, options.random);
              context.onState({ status: 'retrying', retryAt: clock.now() + wait, error: error.toData() });
              timer = setTimeout(run, wait);
            },
          );
        };
        const demands = demand.subscribe((more) => {
          asked = more;
          wake();
        });
        run();
        return () => {
          demands.unsubscribe();
          clearTimeout(timer);
          wake();
          socket?.close();
        };
      }),
  };
}

function ownConstructor(): ((url: string) => MessageStream) | undefined {
  const { WebSocketStream: own } = globalThis as { WebSocketStream?: StreamConstructor };
  return own === undefined ? undefined : (url) => new own(url);
}

const missing = 'This browser has no WebSocketStream. Choose the protocol weir.v1 if the sender speaks it, or Plain.';

/** Another try would not change it. */
class Hopeless extends WeirError {
  constructor(message: string, cause?: unknown) {
    super('connection-refused', message, cause === undefined ? {} : { cause });
  }
}

/** The buffer that holds these bytes and nothing else. */
function whole(bytes: Uint8Array<ArrayBuffer>): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = bytes;
  return byteLength === buffer.byteLength ? buffer : buffer.slice(byteOffset, byteOffset + byteLength);
}
