/**
 * The sending end of `weir.v1` (docs/weir-v1.md): one numbered stream of messages for one receiver at a time.
 * It sends on credit alone, keeps what was not answered, and sends that again to whoever connects next.
 */
import { WebSocket } from 'ws';
import {
  decodeWeirV1,
  encodeWeirV1,
  type MessageId,
  weirV1,
  type WeirHeader,
  type WeirHeaderOf,
} from '../src/core/wire/weirV1.ts';

export type Outgoing = Omit<WeirHeaderOf<'data'>, 'kind' | 'attempt'> & { readonly payload: Uint8Array };
export type Answer = WeirHeaderOf<'ack'> | WeirHeaderOf<'nack'>;

export interface WeirSenderOptions {
  /** Names the numbering: an id means one message for as long as this stays. */
  readonly session: string;
  /** The most messages that are left unanswered. */
  readonly window: number;
  /** The next message; `later` when there is none just now, `end` when there will be none. */
  readonly next: () => Outgoing | 'later' | 'end';
  readonly onAnswer?: (answer: Answer) => void;
  readonly onSent?: (id: MessageId) => void;
}

export interface WeirSender {
  /** Sent and not answered. */
  readonly unanswered: number;
  /** A receiver that was there before is sent away. */
  serve(client: WebSocket): void;
  /** There may be a next message now. */
  wake(): void;
}

const wrongWordCode = 4400;
/** Node's timers count no further. */
const longestWaitMs = 2 ** 31 - 1;

/** For `ws`: picks `weir.v1` where it is offered, and nothing else. */
export function pickWeirV1(offered: ReadonlySet<string>): string | false {
  return offered.has(weirV1) ? weirV1 : false;
}

export function createWeirSender({ session, window, next, onAnswer, onSent }: WeirSenderOptions): WeirSender {
  const unanswered = new Map<MessageId, { readonly message: Outgoing; attempt: number }>();
  /** Ids to send again before anything new. */
  let again: MessageId[] = [];
  const waits = new Set<NodeJS.Timeout>();
  let client: WebSocket | undefined;
  let credit = 0;
  let saidEnd = false;

  const say = (header: WeirHeader, payload?: Uint8Array) => {
    if (client?.readyState === WebSocket.OPEN) client.send(encodeWeirV1(header, payload));
  };
  const send = (entry: { readonly message: Outgoing; attempt: number }) => {
    const { payload, ...header } = entry.message;
    entry.attempt += 1;
    credit -= 1;
    say({ kind: 'data', ...header, ...(entry.attempt > 1 ? { attempt: entry.attempt } : {}) }, payload);
    onSent?.(header.id);
  };
  const pump = () => {
    while (client !== undefined && credit > 0) {
      const id = again.shift();
      if (id !== undefined) {
        const entry = unanswered.get(id);
        // Answered meanwhile.
        if (entry !== undefined) send(entry);
        continue;
      }
      if (unanswered.size >= window) return;
      const message = next();
      if (message === 'later') return;
      if (message === 'end') {
        if (!saidEnd) say({ kind: 'end' });
        saidEnd = true;
        return;
      }
      const entry = { message, attempt: 0 };
      unanswered.set(message.id, entry);
      send(entry);
    }
  };
  const hear = (header: WeirHeader) => {
    switch (header.kind) {
      case 'credit':
        credit += header.n;
        pump();
        return;
      case 'ack':
      case 'nack': {
        // One that was answered before may be answered again.
        if (!unanswered.has(header.id)) return;
        onAnswer?.(header);
        if (header.kind === 'nack' && header.dead !== true) {
          const { id } = header;
          saidEnd = false;
          const timer = setTimeout(
            () => {
              waits.delete(timer);
              if (unanswered.has(id) && !again.includes(id)) again.push(id);
              pump();
            },
            Math.min(header.retryMs, longestWaitMs),
          ).unref();
          waits.add(timer);
        } else unanswered.delete(header.id);
        pump();
        return;
      }
      case 'ping':
        say({ kind: 'pong', t: header.t, at: Date.now() });
        return;
      case 'pong':
      case 'result':
        return;
      case 'hello':
      case 'data':
      case 'end':
        client?.close(wrongWordCode, `${header.kind} is the sender's word`);
    }
  };

  return {
    get unanswered() {
      return unanswered.size;
    },
    wake: pump,
    serve(next) {
      client?.close(1000, 'another receiver has come');
      client = next;
      credit = 0;
      saidEnd = false;
      // All of it is sent again now, whatever was waited for.
      for (const timer of waits) clearTimeout(timer);
      waits.clear();
      again = [...unanswered.keys()];
      next.on('message', (data: Buffer, isBinary) => {
        if (client !== next) return;
        try {
          if (!isBinary) throw new Error('Every message is binary.');
          hear(decodeWeirV1(new Uint8Array(data)).header);
        } catch (error) {
          next.close(wrongWordCode, error instanceof Error ? error.message.slice(0, 100) : '');
        }
      });
      next.on('close', () => {
        if (client === next) client = undefined;
      });
      say({ kind: 'hello', v: 1, session, window });
    },
  };
}
