import { BehaviorSubject } from 'rxjs';
import { expect, test, vi } from 'vitest';
import type { Delivery, SourceState } from '../core/delivery.ts';
import type { Payload } from '../core/payload.ts';
import { createMjpeg } from './mjpeg.ts';

const jpeg = Uint8Array.of(0xff, 0xd8, 0xff, 0xd9);
const stream = { 'Content-Type': 'multipart/x-mixed-replace; boundary=frame' };
const part = [...new TextEncoder().encode('--frame\r\nContent-Length: 4\r\n\r\n'), ...jpeg];

function open(url: string, ...answers: readonly (() => Response)[]) {
  const deliveries: Delivery<Payload>[] = [];
  const states: SourceState[] = [];
  let ended: unknown = 'no';
  const demand = new BehaviorSubject(99);
  const requests: { address: string; authorization: string | null }[] = [];
  const fetch = vi.fn((address: string, init: RequestInit) => {
    requests.push({ address, authorization: new Headers(init.headers).get('Authorization') });
    const answer = answers[requests.length - 1];
    return answer === undefined ? new Promise<Response>(() => {}) : Promise.resolve(answer());
  });
  const source = createMjpeg(
    { url, fetch: fetch as never, random: () => 0 },
    { id: 'mjpeg', clock: { now: () => 0 }, onState: (state) => states.push(state), onMissed: () => {} },
  );
  const subscription = source.open(demand).subscribe({
    next: (delivery) => deliveries.push(delivery),
    error: (error: unknown) => (ended = error),
  });
  return { demand, deliveries, states, requests, subscription, ended: () => ended };
}

const settle = () => new Promise<void>((done) => setTimeout(done, 20));

test('each part is one frame, and a stream that ends is tried again', async () => {
  const run = open(
    'http://camera/stream',
    () => new Response(Uint8Array.from([...part, ...part]), { headers: stream }),
  );
  await settle();
  expect(run.deliveries.map(({ payload }) => payload.kind === 'encoded' && payload.format)).toEqual(['jpeg', 'jpeg']);
  expect(run.states.map(({ status }) => status)).toEqual(['opening', 'open', 'retrying', 'opening']);
  expect(run.requests).toHaveLength(2);
  run.subscription.unsubscribe();
});

test('without demand nothing is given, and nothing is lost', async () => {
  const run = open(
    'http://camera/stream',
    () => new Response(Uint8Array.from([...part, ...part]), { headers: stream }),
  );
  run.demand.next(1);
  await settle();
  expect(run.deliveries).toHaveLength(1);
  run.demand.next(1);
  await settle();
  expect(run.deliveries).toHaveLength(2);
  run.subscription.unsubscribe();
});

test('user and password of the address go into a header, never into the request line', async () => {
  const run = open('http://me:p%C3%A4ss@camera/stream');
  await settle();
  const [request] = run.requests;
  expect(request?.address).toBe('http://camera/stream');
  expect(Buffer.from(request?.authorization?.slice(6) ?? '', 'base64').toString()).toBe('me:päss');
  run.subscription.unsubscribe();
});

test.each([
  ['ws://camera/stream', () => new Response(''), 'connection-refused', /http:\/\/ or https:\/\//],
  ['http://camera/x', () => new Response('', { status: 401 }), 'auth-failed', /camera\/x answers 401/],
  [
    'http://camera/x',
    () => new Response('<html>', { headers: { 'Content-Type': 'text/html' } }),
    'cannot-decode',
    /text\/html, not an MJPEG stream/,
  ],
] as const)('%s: what another try would not change ends with its reason', async (url, answer, code, words) => {
  const run = open(url, answer);
  await settle();
  expect(run.ended()).toMatchObject({ code, message: expect.stringMatching(words) });
});

test('a server that fails is tried again, and says its status', async () => {
  const run = open('http://camera/x', () => new Response('', { status: 503 }));
  await settle();
  const state = run.states.find(({ status }) => status === 'retrying');
  expect(state).toMatchObject({ error: { code: 'connection-refused', message: 'http://camera/x answers 503.' } });
  run.subscription.unsubscribe();
});
