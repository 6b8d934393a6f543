import { of } from 'rxjs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Delivery, SourceState } from '../core/delivery.ts';
import { maxEncodedBytes, type Payload } from '../core/payload.ts';
import { bytesOf, createWebSocketSource } from './websocket.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

class FakeSocket {
  binaryType = 'blob';
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  closed = false;
  close() {
    this.closed = true;
  }
}

function open() {
  const sockets: FakeSocket[] = [];
  const states: SourceState[] = [];
  const deliveries: Delivery<Payload>[] = [];
  let completed = false;
  const source = createWebSocketSource(
    {
      url: 'ws://host.test/feed',
      random: () => 1,
      create: () => {
        const socket = new FakeSocket();
        sockets.push(socket);
        return socket as unknown as WebSocket;
      },
    },
    { id: 'websocket', clock: { now: () => 0 }, onState: (state) => states.push(state), onMissed: () => {} },
  );
  const subscription = source.open(of(Infinity)).subscribe({
    next: (delivery) => deliveries.push(delivery),
    complete: () => {
      completed = true;
    },
  });
  return { sockets, states, deliveries, subscription, isCompleted: () => completed };
}

test('every message is a delivery, garbage too, so that it is counted', () => {
  const { sockets, deliveries } = open();
  sockets[0]?.onopen?.();
  sockets[0]?.onmessage?.({ data: new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0]).buffer });
  sockets[0]?.onmessage?.({ data: 'no json' });
  expect(deliveries.map(({ payload }) => payload.kind === 'encoded' && payload.format)).toEqual(['jpeg', 'unknown']);
});

test('a lost server is tried again with growing waits, a clean close ends the source', () => {
  const { sockets, states, isCompleted } = open();
  sockets[0]?.onclose?.({ code: 1006, reason: '' });
  expect(states.at(-1)).toMatchObject({ status: 'retrying', retryAt: 500, error: { code: 'connection-refused' } });
  vi.advanceTimersByTime(500);
  sockets[1]?.onclose?.({ code: 1006, reason: '' });
  expect(states.at(-1)).toMatchObject({ retryAt: 1000 });
  vi.advanceTimersByTime(1000);
  sockets[2]?.onopen?.();
  sockets[2]?.onmessage?.({ data: 'a message' });
  sockets[2]?.onclose?.({ code: 1006, reason: '' });
  expect(states.at(-1)).toMatchObject({ retryAt: 500, error: { code: 'connection-lost' } });
  vi.advanceTimersByTime(500);
  sockets[3]?.onopen?.();
  sockets[3]?.onclose?.({ code: 1000, reason: '' });
  expect(states.at(-1)).toEqual({ status: 'ended' });
  expect(isCompleted()).toBe(true);
});

test('a server that gets no message across is tried ever later, and the sentence names both reasons', () => {
  const { sockets, states } = open();
  const waits = [500, 1000, 2000, 4000, 8000, 15_000, 15_000];
  waits.forEach((wait, i) => {
    sockets[i]?.onopen?.();
    sockets[i]?.onclose?.({ code: 1006, reason: '' });
    expect(states.at(-1)).toMatchObject({
      status: 'retrying',
      retryAt: wait,
      error: {
        code: 'connection-lost',
        message: expect.stringMatching(/sender stopped, or a message has 2 GB or more/),
      },
    });
    vi.advanceTimersByTime(wait);
  });
});

test('a message beyond the limit is counted, but not kept', () => {
  const { sockets, deliveries } = open();
  sockets[0]?.onopen?.();
  sockets[0]?.onmessage?.({ data: new ArrayBuffer(maxEncodedBytes + 1) });
  const [payload] = deliveries.map((each) => each.payload);
  expect(payload).toMatchObject({
    kind: 'broken',
    error: { code: 'too-large', message: 'The message has 513 MiB; the limit is 512 MiB.' },
  });
});

test('closing the source closes the socket and tries no more', () => {
  const { sockets, subscription } = open();
  sockets[0]?.onclose?.({ code: 1006, reason: '' });
  subscription.unsubscribe();
  vi.advanceTimersByTime(60_000);
  expect(sockets).toHaveLength(1);
});

test('images in JSON, with and without a data URL', () => {
  const image = btoa('\x01\x02\x03');
  expect([...bytesOf(JSON.stringify({ id: 'a', image }))]).toEqual([1, 2, 3]);
  expect([...bytesOf(JSON.stringify({ image: `data:image/png;base64,${image}` }))]).toEqual([1, 2, 3]);
  for (const bad of ['{', '[]', 'null', '{"image":5}', '{"image":"%%%"}']) expect(bytesOf(bad).byteLength).toBe(0);
});
