/**
 * STOMP 1.2 over a websocket, each message that is sent confirmed by its receipt; at most 64 of them are outstanding,
 * because an unthrottled burst together with heart-beats crashes the server's side of the connection.
 */
import { Client, type IFrame, type IMessage } from '@stomp/stompjs';
import { WeirError } from '../core/errors.ts';

export interface StompOptions {
  readonly url: string;
  readonly login?: string;
  readonly passcode?: string;
  readonly lost: (error: WeirError) => void;
  /** Where there is no `WebSocket`, or another one is wanted. */
  readonly createSocket?: (url: string) => WebSocket;
}

export interface StompSession {
  /** Resolves when the broker has taken it for good. */
  send(destination: string, headers: Readonly<Record<string, string>>, body: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Resolves with the receipt of the subscription. */
  subscribe(
    destination: string,
    headers: Readonly<Record<string, string>>,
    onMessage: (message: IMessage) => void,
  ): Promise<void>;
  ack(message: IMessage): Promise<void>;
  nack(message: IMessage, requeue: boolean): Promise<void>;
  close(): Promise<void>;
}

const maxReceipts = 64;
const heartbeatMs = 5000;
const connectWithinMs = 10_000;
/** A receipt that does not come says that the connection is half open. */
const receiptWithinMs = 30_000;

interface Pending {
  resolve(): void;
  reject(error: WeirError): void;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** @throws WeirError connection-refused, auth-failed */
export function openStomp({ url, login, passcode, lost, createSocket }: StompOptions): Promise<StompSession> {
  const pending = new Map<string, Pending>();
  const waiting: (() => void)[] = [];
  let nextReceipt = 0;
  let nextSubscription = 0;
  let connected = false;
  let ended: WeirError | undefined;

  return new Promise((resolve, reject) => {
    const client = new Client({
      ...(createSocket === undefined ? { brokerURL: url } : { webSocketFactory: () => createSocket(url) as never }),
      connectHeaders: { host: '/', ...(login === undefined ? {} : { login, passcode: passcode ?? '' }) },
      reconnectDelay: 0,
      heartbeatIncoming: heartbeatMs,
      heartbeatOutgoing: heartbeatMs,
      discardWebsocketOnCommFailure: true,
      forceBinaryWSFrames: true,
      debug: () => {},
    });
    const timer = setTimeout(() => fail(refused(url)), connectWithinMs);

    function fail(error: WeirError): void {
      if (ended !== undefined) return;
      ended = error;
      clearTimeout(timer);
      for (const { reject: refuse, timer: each } of pending.values()) {
        clearTimeout(each);
        refuse(error);
      }
      pending.clear();
      for (const go of waiting.splice(0)) go();
      void client.deactivate({ force: true });
      if (connected) lost(error);
      else reject(error);
    }

    /** The frame that `write` sends with this receipt has been dealt with. */
    async function confirmed(write: (receipt: string) => void): Promise<void> {
      if (pending.size >= maxReceipts) await new Promise<void>((go) => waiting.push(go));
      if (ended !== undefined) throw ended;
      const receipt = `r${nextReceipt++}`;
      return new Promise<void>((done, refuse) => {
        const late = setTimeout(
          () => fail(new WeirError('connection-lost', `${hostOf(url)} confirms nothing any more.`)),
          receiptWithinMs,
        );
        pending.set(receipt, { resolve: done, reject: refuse, timer: late });
        try {
          write(receipt);
        } catch (error) {
          fail(WeirError.wrap(error, 'connection-lost', `The connection to ${hostOf(url)} was lost.`));
        }
      });
    }

    client.onUnhandledReceipt = ({ headers }: IFrame) => {
      const id = headers['receipt-id'] ?? '';
      const entry = pending.get(id);
      if (entry === undefined) return;
      pending.delete(id);
      clearTimeout(entry.timer);
      entry.resolve();
      waiting.shift()?.();
    };
    client.onStompError = ({ headers, body }: IFrame) => fail(errorOf(headers['message'] ?? '', body, url));
    client.onWebSocketError = () => {};
    client.onWebSocketClose = ({ code, reason }: { code?: number; reason?: string }) =>
      fail(
        connected
          ? new WeirError('connection-lost', `The connection to ${hostOf(url)} was lost.`, {
              details: `close code ${code ?? 'none'} ${(reason ?? '').slice(0, 200)}`,
            })
          : refused(url),
      );
    client.onConnect = () => {
      clearTimeout(timer);
      connected = true;
      resolve({
        send: (destination, headers, body) =>
          confirmed((receipt) => client.publish({ destination, headers: { ...headers, receipt }, binaryBody: body })),
        subscribe: (destination, headers, onMessage) =>
          confirmed((receipt) => {
            client.subscribe(destination, onMessage, { ...headers, id: `s${nextSubscription++}`, receipt });
          }),
        ack: (message) => confirmed((receipt) => message.ack({ receipt })),
        nack: (message, requeue) =>
          confirmed((receipt) => message.nack({ receipt, ...(requeue ? {} : { requeue: 'false' }) })),
        async close() {
          if (ended !== undefined) return;
          ended = new WeirError('cancelled', 'The connection was closed.');
          for (const { reject: refuse, timer: each } of pending.values()) {
            clearTimeout(each);
            refuse(ended);
          }
          pending.clear();
          await client.deactivate({ force: true });
        },
      });
    };
    try {
      client.activate();
    } catch (error) {
      fail(WeirError.wrap(error, 'connection-refused', notAnAddress));
    }
  });
}

const notAnAddress = 'The server is no WebSocket address: that is ws:// or wss:// and a host.';

function refused(url: string): WeirError {
  return new WeirError(
    'connection-refused',
    `No RabbitMQ with the plugin Web STOMP answers at ${hostOf(url)}, or what stands before it does not let pages of this origin in.`,
  );
}

/** @param message header of the ERROR frame, such as "not_found"; @param body its text */
function errorOf(message: string, body: string, url: string): WeirError {
  const details = `${message}: ${body}`.slice(0, 500);
  const text = details.toLowerCase();
  const host = hostOf(url);
  const [, quoted = ''] = /queue '([^']{1,200})'/.exec(body) ?? [];
  const about = quoted === '' ? '' : ` ${quoted}`;
  if (/bad connect|access refused for user|authentication/.test(text))
    return new WeirError('auth-failed', `${host} did not take the user or the password.`, { details });
  if (/access_refused|access refused|not_allowed/.test(text))
    return new WeirError('permission-denied', `${host} does not let this user do that to the queue${about}.`, {
      details,
    });
  if (/not_found|not found/.test(text))
    return new WeirError('bad-settings', `There is no queue${about} at ${host}.`, { details });
  if (/message size|too large|max_message_size/.test(text))
    return new WeirError('too-large', `${host} takes no message of that size.`, { details });
  if (/precondition_failed|inequivalent/.test(text))
    return new WeirError(
      'bad-settings',
      `The queue${about} is there with other properties; write /amq/queue/ before its name to use it as it is.`,
      { details },
    );
  return new WeirError('connection-lost', `${host} ended the connection.`, { details });
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url.slice(0, 100);
}
