/**
 * The demo feed over `weir.v1`: the same loop of pictures, as many as there is credit for, at most `rate` per second.
 * A stream that was given a name (`?session=`) goes on after a reconnect with what was not answered.
 */
import { randomUUID } from 'node:crypto';
import type { WebSocket } from 'ws';
import { demoFrame } from './demoScene.ts';
import { createWeirSender, type WeirSender } from './weirSender.ts';

export interface WeirFeed {
  serve(client: WebSocket, parameters: URLSearchParams, ratePerS: number): void;
  close(): void;
}

interface Stream {
  readonly sender: WeirSender;
  /** Runs while somebody reads. */
  timer: NodeJS.Timeout | undefined;
  clients: number;
  leftAt: number;
}

/** How long a named stream waits for its receiver. */
const keptMs = 60_000;
const maxStreams = 64;
const window = 256;
const tickMs = 4;

export function createWeirFeed(): WeirFeed {
  const streams = new Map<string, Stream>();

  const drop = (name: string) => {
    clearInterval(streams.get(name)?.timer);
    streams.delete(name);
  };
  const sweep = () => {
    const now = performance.now();
    const left = [...streams].filter(([, { clients }]) => clients === 0).sort(([, a], [, b]) => a.leftAt - b.leftAt);
    for (const [name, { leftAt }] of left) if (now - leftAt > keptMs || streams.size >= maxStreams) drop(name);
  };

  const open = (name: string, ratePerS: number, count: number): Stream => {
    let sent = 0;
    let started = performance.now();
    const sender = createWeirSender({
      session: `${name} ${randomUUID()}`,
      window,
      next: () => {
        if (sent >= count) return 'end';
        const late = performance.now() - (started + (sent / ratePerS) * 1000);
        if (late < 0) return 'later';
        // Without credit the plan waits, instead of making the wait good in one burst.
        if (late > 1000 / ratePerS + 50) started += late;
        const id = sent++;
        return { id, type: 'image/png', sentAt: Date.now(), payload: demoFrame(id) };
      },
    });
    return { sender, timer: undefined, clients: 0, leftAt: 0 };
  };

  return {
    serve(client, parameters, ratePerS) {
      sweep();
      const given = parameters.get('session')?.slice(0, 100);
      const count = countOf(parameters);
      const name = JSON.stringify([given ?? randomUUID(), ratePerS, count]);
      const stream = streams.get(name) ?? open((given ?? 'demo').slice(0, 100) || 'demo', ratePerS, count);
      streams.set(name, stream);
      stream.clients += 1;
      stream.timer ??= setInterval(() => stream.sender.wake(), tickMs).unref();
      client.on('error', () => client.terminate());
      client.on('close', () => {
        stream.clients -= 1;
        stream.leftAt = performance.now();
        if (stream.clients > 0) return;
        clearInterval(stream.timer);
        stream.timer = undefined;
        if (given === undefined) drop(name);
      });
      stream.sender.serve(client);
    },
    close() {
      for (const name of streams.keys()) drop(name);
    },
  };
}

/** Messages until `end`; nonsense, like nothing, means no end. */
export function countOf(parameters: URLSearchParams): number {
  const count = Number(parameters.get('count') ?? Infinity);
  return Number.isInteger(count) && count >= 1 ? count : Infinity;
}
