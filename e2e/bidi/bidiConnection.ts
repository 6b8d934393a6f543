/**
 * A connection that speaks WebDriver BiDi: commands as promises, events to listeners, all typed by the protocol.
 * Playwright and Puppeteer speak it too, but need commands that Firefox ESR lacks and a newer Node than ours.
 */
import type { Commands, Event } from 'webdriver-bidi-protocol';
import { WebSocket } from 'ws';

export interface BidiConnection {
  /** Rejects with the browser's own words, or when the connection ends first. */
  send<M extends keyof Commands>(method: M, params: Commands[M]['params']): Promise<Commands[M]['returnType']>;
  /** Returns its undo. */
  onEvent(listener: (event: Event) => void): () => void;
  close(): void;
}

type Incoming =
  | { readonly type: 'success'; readonly id: number; readonly result: never }
  | { readonly type: 'error'; readonly id: number | null; readonly error: string; readonly message: string }
  | (Event & { readonly type: 'event' });

interface Waiting {
  readonly method: string;
  resolve(result: never): void;
  reject(error: Error): void;
}

export async function connectBidi(url: string): Promise<BidiConnection> {
  const socket = new WebSocket(url, { perMessageDeflate: false, maxPayload: 256 * 1024 * 1024 });
  const waiting = new Map<number, Waiting>();
  const listeners = new Set<(event: Event) => void>();
  let nextId = 0;

  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as Incoming;
    if (message.type === 'event') {
      for (const listener of listeners) listener(message);
      return;
    }
    const asked = waiting.get(message.id ?? -1);
    waiting.delete(message.id ?? -1);
    if (message.type === 'success') asked?.resolve(message.result);
    else asked?.reject(new Error(`${asked.method}: ${message.error}: ${message.message}`));
  });
  socket.on('close', () => {
    for (const { method, reject } of waiting.values())
      reject(new Error(`${method}: the browser closed the connection`));
    waiting.clear();
  });

  return {
    send: (method, params) =>
      new Promise((resolve, reject) => {
        const id = nextId++;
        waiting.set(id, { method, resolve, reject });
        socket.send(JSON.stringify({ id, method, params }), (error) => {
          if (error instanceof Error && waiting.delete(id)) reject(error);
        });
      }),
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => socket.close(),
  };
}
