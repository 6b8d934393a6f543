import { BehaviorSubject } from 'rxjs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Delivery, SourceState } from '../core/delivery.ts';
import type { Payload } from '../core/payload.ts';
import { createWebSocketStream, type MessageStream } from './websocketStream.ts';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

type Message = string | ArrayBuffer;

/** A stream of which each message is made when it is asked for. */
function fake(messages: readonly Message[], close: { closeCode: number } | Error) {
  const asked = { count: 0, closed: false };
  const readable = new ReadableStream<Message>(
    {
      pull(controller) {
        const message = messages[asked.count];
        if (message !== undefined) controller.enqueue(message);
        else if (close instanceof Error) controller.error(close);
        else controller.close();
        asked.count += 1;
      },
    },
    { highWaterMark: 0 },
  );
  const stream: MessageStream = {
    opened: Promise.resolve({ readable }),
    closed: close instanceof Error ? Promise.reject(close) : Promise.resolve({ ...close, reason: '' }),
    close: () => {
      asked.closed = true;
    },
  };
  return { stream, asked };
}

function open(streams: readonly (() => MessageStream)[], wanted: number) {
  const states: SourceState[] = [];
  const deliveries: Delivery<Payload>[] = [];
  const demand = new BehaviorSubject(wanted);
  let ended: unknown = 'no';
  let next = 0;
  const source = createWebSocketStream(
    {
      url: 'ws://host.test/feed',
      random: () => 1,
      create: () => {
        const make = streams[next++];
        if (make === undefined) throw new Error('It was connected too often.');
        return make();
      },
    },
    { id: 'websocket', clock: { now: () => Date.now() }, onState: (state) => states.push(state), onMissed: () => {} },
  );
  const subscription = source.open(demand).subscribe({
    next: (delivery) => deliveries.push(delivery),
    complete: () => (ended = 'completed'),
    error: (error: unknown) => (ended = error),
  });
  return { states, deliveries, demand, subscription, ended: () => ended };
}

const bytes = (...values: number[]): ArrayBuffer => Uint8Array.from(values).buffer;

test('a message is read when it is wanted, and not before', async () => {
  const { stream, asked } = fake([bytes(1), bytes(2), bytes(3)], { closeCode: 1000 });
  const run = open([() => stream], 0);
  await vi.advanceTimersByTimeAsync(1000);
  expect(asked.count).toBe(0);
  run.demand.next(2);
  await vi.advanceTimersByTimeAsync(1000);
  expect(asked.count).toBe(2);
  expect(run.deliveries).toHaveLength(2);
  run.demand.next(9);
  await vi.advanceTimersByTimeAsync(1000);
  expect(run.deliveries).toHaveLength(3);
  expect(run.ended()).toBe('completed');
  expect(run.states.at(-1)).toEqual({ status: 'ended' });
});

test('demand that is taken back while a message comes holds that message', async () => {
  let give: (message: ArrayBuffer) => void = () => {};
  const readable = new ReadableStream<Message>({ start: (controller) => void (give = (m) => controller.enqueue(m)) });
  const stream: MessageStream = {
    opened: Promise.resolve({ readable }),
    closed: new Promise(() => {}),
    close: () => {},
  };
  const run = open([() => stream], 1);
  await vi.advanceTimersByTimeAsync(0);
  run.demand.next(0);
  give(bytes(1));
  await vi.advanceTimersByTimeAsync(1000);
  expect(run.deliveries).toHaveLength(0);
  run.demand.next(1);
  await vi.advanceTimersByTimeAsync(0);
  expect(run.deliveries).toHaveLength(1);
});

test('a lost connection is tried again, any close but 1000 too', async () => {
  const lost = fake([bytes(1)], new Error('gone'));
  const broken = fake([], { closeCode: 1011 });
  const last = fake([bytes(2)], { closeCode: 1000 });
  const run = open([() => lost.stream, () => broken.stream, () => last.stream], 99);
  await vi.advanceTimersByTimeAsync(0);
  expect(run.states.at(-1)).toMatchObject({ status: 'retrying', retryAt: 500, error: { code: 'connection-lost' } });
  await vi.advanceTimersByTimeAsync(500);
  expect(run.states.at(-1)).toMatchObject({ status: 'retrying', error: { details: expect.stringContaining('1011') } });
  await vi.advanceTimersByTimeAsync(15_000);
  expect(run.deliveries).toHaveLength(2);
  expect(run.ended()).toBe('completed');
});

test('what is no address ends it with a sentence, and closing closes', async () => {
  const wrong = open(
    [
      () => {
        throw new SyntaxError('The URL is invalid.');
      },
    ],
    1,
  );
  await vi.advanceTimersByTimeAsync(0);
  expect(wrong.ended()).toMatchObject({
    code: 'connection-refused',
    message: expect.stringContaining('ws:// or wss://'),
  });
  const { stream, asked } = fake([bytes(1)], { closeCode: 1000 });
  const run = open([() => stream], 0);
  await vi.advanceTimersByTimeAsync(0);
  run.subscription.unsubscribe();
  expect(asked.closed).toBe(true);
});

test('a browser without WebSocketStream says what to choose instead', async () => {
  let refused: unknown;
  createWebSocketStream(
    { url: 'ws://host.test' },
    { id: 'websocket', clock: { now: () => 0 }, onState: () => {}, onMissed: () => {} },
  )
    .open(new BehaviorSubject(1))
    .subscribe({ error: (error: unknown) => (refused = error) });
  await vi.advanceTimersByTimeAsync(0);
  expect(refused).toMatchObject({ message: expect.stringContaining('no WebSocketStream') });
});
