import fc from 'fast-check';
import { BehaviorSubject } from 'rxjs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Delivery, SourceState } from '../core/delivery.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Payload } from '../core/payload.ts';
import { decodeWeirV1, encodeWeirV1, type WeirHeader, type WeirHeaderOf } from '../core/wire/weirV1.ts';
import { createWeirSessions, type WeirSessions } from './weirSession.ts';
import { createWeirV1 } from './weirV1.ts';

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

const done: Outcome = { kind: 'completed' };
const failed: Outcome = { kind: 'failed', error: { code: 'cannot-decode', message: 'It is no picture.' } };

/** A socket whose other end is the test. */
class FakeSocket {
  binaryType = 'blob';
  readyState = 1;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  readonly heard: WeirHeader[] = [];
  closedWith: number | undefined;
  send(message: Uint8Array<ArrayBuffer>) {
    this.heard.push(decodeWeirV1(message).header);
  }
  close(code: number) {
    this.closedWith = code;
    this.readyState = 3;
  }
  says(header: WeirHeader, payload?: Uint8Array) {
    this.onmessage?.({ data: encodeWeirV1(header, payload).buffer });
  }
  drops(code = 1006) {
    this.readyState = 3;
    this.onclose?.({ code, reason: '' });
  }
  /** Credit given in all, less data sent, is what the sender may still send. */
  of<K extends WeirHeader['kind']>(kind: K): WeirHeaderOf<K>[] {
    return this.heard.filter((header): header is WeirHeaderOf<K> => header.kind === kind);
  }
  get credit() {
    return this.of('credit').reduce((sum, { n }) => sum + n, 0);
  }
}

const hello = (session = 'a', window = 1000): WeirHeader => ({ kind: 'hello', v: 1, session, window });
const data = (id: number, more: Partial<WeirHeaderOf<'data'>> = {}): WeirHeader => ({
  kind: 'data',
  id,
  type: 'image/png',
  ...more,
});

async function open(wanted: number, sessions: WeirSessions = createWeirSessions()) {
  const sockets: FakeSocket[] = [];
  const states: SourceState[] = [];
  const deliveries: Delivery<Payload>[] = [];
  const demand = new BehaviorSubject(wanted);
  let ended: unknown = 'no';
  const source = createWeirV1(
    {
      url: 'ws://host.test/feed',
      random: () => 1,
      sessions,
      create: (_url, protocol) => {
        expect(protocol).toBe('weir.v1');
        const socket = new FakeSocket();
        sockets.push(socket);
        return socket as unknown as WebSocket;
      },
    },
    { id: 'websocket', clock: { now: () => Date.now() }, onState: (state) => states.push(state), onMissed: () => {} },
  );
  const subscription = source.open(demand).subscribe({
    next: (delivery) => deliveries.push(delivery),
    complete: () => (ended = 'completed'),
    error: (error: unknown) => (ended = error),
  });
  await vi.advanceTimersByTimeAsync(0);
  const connect = (session = 'a', window = 1000) => {
    const socket = sockets.at(-1);
    if (socket === undefined) throw new Error('No connection was tried.');
    socket.onopen?.();
    socket.says(hello(session, window));
    return socket;
  };
  const settle = (at: number, outcome: Outcome = done) => deliveries[at]?.settle(outcome, Date.now());
  return { sockets, states, deliveries, demand, subscription, connect, settle, ended: () => ended };
}

test('credit is what the gate asked for, no more and no less, and follows it', async () => {
  const run = await open(3);
  const socket = run.connect();
  expect(socket.credit).toBe(3);
  socket.says(data(0));
  // The gate has two places left and has said nothing new.
  expect(run.deliveries).toHaveLength(1);
  expect(socket.credit).toBe(3);
  run.demand.next(3);
  expect(socket.credit).toBe(4);
  run.demand.next(1);
  expect(socket.credit).toBe(4);
});

test('what comes on credit that the gate took back waits here, in order, and is lost by nobody', async () => {
  const run = await open(3);
  const socket = run.connect();
  run.demand.next(0);
  for (const id of [0, 1, 2]) socket.says(data(id));
  expect(run.deliveries).toHaveLength(0);
  run.demand.next(2);
  expect(run.deliveries).toHaveLength(2);
  expect(socket.credit).toBe(3);
  run.demand.next(1);
  run.settle(0);
  run.settle(1);
  run.settle(2);
  expect(socket.of('ack').map(({ id }) => id)).toEqual([0, 1, 2]);
});

test('a lossy policy keeps a window of credit filled, within what the sender can keep', async () => {
  const run = await open(Infinity);
  const socket = run.connect('a', 10);
  expect(socket.of('credit').map(({ n }) => n)).toEqual([10]);
  for (let id = 0; id < 5; id++) socket.says(data(id));
  expect(socket.of('credit').map(({ n }) => n)).toEqual([10, 5]);
});

test('each ending has its answer', async () => {
  const run = await open(10);
  const socket = run.connect();
  const endings: Outcome[] = [
    done,
    failed,
    { kind: 'dropped', cause: 'oldest' },
    { kind: 'dropped', cause: 'cancelled' },
    { kind: 'dropped', cause: 'shutdown' },
    { kind: 'released' },
  ];
  endings.forEach((ending, id) => {
    socket.says(data(id));
    run.settle(id, ending);
  });
  expect(socket.heard.filter(({ kind }) => kind === 'ack' || kind === 'nack')).toEqual([
    { kind: 'ack', id: 0 },
    { kind: 'nack', id: 1, dead: true, reason: 'failed: cannot-decode: It is no picture.' },
    { kind: 'nack', id: 2, dead: true, reason: 'dropped: oldest' },
    { kind: 'nack', id: 3, retryMs: 0, reason: 'cancelled' },
    { kind: 'nack', id: 4, retryMs: 0, reason: 'shutdown' },
    { kind: 'nack', id: 5, retryMs: 0, reason: 'released' },
  ]);
  // What was given back may come again, and is then served.
  socket.says(data(5, { attempt: 2 }));
  expect(run.deliveries[6]).toMatchObject({ attempt: 2 });
});

test('what was lost with its engine comes again, a few times, and then no more', async () => {
  const run = await open(10);
  const socket = run.connect();
  const lost: Outcome = { kind: 'failed', error: { code: 'device-lost', message: 'The GPU device was lost.' } };
  for (let attempt = 1; attempt <= 3; attempt++) {
    socket.says(data(0, { attempt }));
    run.settle(attempt - 1, lost);
  }
  const reason = 'failed: device-lost: The GPU device was lost.';
  expect(socket.heard.filter(({ kind }) => kind === 'nack')).toEqual([
    { kind: 'nack', id: 0, retryMs: 1000, reason },
    { kind: 'nack', id: 0, retryMs: 1000, reason },
    { kind: 'nack', id: 0, dead: true, reason },
  ]);
});

test('after a lost connection: what is served goes on, is answered on the new one, and comes again without being served', async () => {
  const run = await open(4);
  const first = run.connect();
  for (const id of [0, 1, 2]) first.says(data(id));
  run.settle(0);
  first.drops();
  expect(run.states.at(-1)).toMatchObject({ status: 'retrying', error: { code: 'connection-lost' } });
  // Settled while nobody can be told.
  run.settle(1);
  await vi.advanceTimersByTimeAsync(500);
  run.demand.next(4);
  const second = run.connect();
  expect(second.credit).toBe(4);
  for (const id of [1, 2, 3]) second.says(data(id, { attempt: 2 }));
  expect(second.of('ack').map(({ id }) => id)).toEqual([1]);
  run.settle(2);
  expect(second.of('ack').map(({ id }) => id)).toEqual([1, 2]);
  expect(run.deliveries).toHaveLength(4);
  expect(run.states.at(-1)).toMatchObject({ facts: expect.stringContaining('2 duplicates not served again') });
  // The credit of a duplicate is given again.
  expect(second.credit).toBe(6);
});

test('another session is another numbering: the same ids are served', async () => {
  const run = await open(2);
  run.connect('a').says(data(0));
  run.settle(0);
  run.sockets[0]?.drops();
  await vi.advanceTimersByTimeAsync(500);
  run.connect('b').says(data(0));
  expect(run.deliveries).toHaveLength(2);
});

test('closing gives back what was not begun, answers what was, and only then hangs up', async () => {
  const sessions = createWeirSessions();
  const run = await open(2, sessions);
  const socket = run.connect();
  run.demand.next(1);
  socket.says(data(0));
  socket.says(data(1));
  run.subscription.unsubscribe();
  expect(socket.of('nack')).toEqual([{ kind: 'nack', id: 1, retryMs: 0, reason: 'released' }]);
  expect(socket.closedWith).toBeUndefined();
  run.settle(0);
  expect(socket.of('ack').map(({ id }) => id)).toEqual([0]);
  expect(socket.closedWith).toBe(1000);
  // A later run of the same page still knows it.
  const later = await open(2, sessions);
  const again = later.connect();
  again.says(data(0));
  again.says(data(1));
  expect(again.of('ack').map(({ id }) => id)).toEqual([0]);
  expect(later.deliveries).toHaveLength(1);
});

test('what is not answered soon after the closing is left to the next connection', async () => {
  const run = await open(2);
  const socket = run.connect();
  socket.says(data(0));
  run.subscription.unsubscribe();
  await vi.advanceTimersByTimeAsync(1999);
  expect(socket.closedWith).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1);
  expect(socket.closedWith).toBe(1000);
});

test('the end comes when all is answered, and not while something was given back', async () => {
  const run = await open(4);
  const socket = run.connect();
  socket.says(data(0));
  socket.says(data(1));
  socket.says({ kind: 'end' });
  run.settle(0, { kind: 'released' });
  run.settle(1);
  expect(run.ended()).toBe('no');
  socket.says(data(0));
  socket.says({ kind: 'end' });
  expect(run.ended()).toBe('no');
  run.settle(2);
  expect(run.ended()).toBe('completed');
  expect(socket.closedWith).toBe(1000);
  expect(run.states.at(-1)).toEqual({ status: 'ended' });
});

test('times of the sender are told in our clock, and the deadline comes along', async () => {
  const run = await open(9);
  const socket = run.connect();
  const [ping] = socket.of('ping');
  expect(ping?.t).toBe(1_000_000);
  // Its clock is five seconds ahead; the way there and back took 20 ms.
  await vi.advanceTimersByTimeAsync(20);
  socket.says({ kind: 'pong', t: 1_000_000, at: 1_005_010 });
  await vi.advanceTimersByTimeAsync(100);
  socket.says(data(0, { sentAt: 1_005_080, deadlineMs: 50 }));
  socket.says(data(1, { sentAt: 1_005_999 }));
  // Not of these days: seconds, or a clock that was never set.
  socket.says(data(2, { sentAt: 1_005_080 - 25 * 3_600_000 }));
  expect(run.deliveries.map(({ stamps }) => stamps.scheduled)).toEqual([1_000_080, 1_000_120, 1_000_120]);
  expect(run.deliveries[0]?.deadlineMs).toBe(50);
  expect(run.deliveries[1]?.deadlineMs).toBeUndefined();
});

test.each<[string, (socket: FakeSocket) => void, RegExp]>([
  ['more than its credit', (socket) => [0, 1, 2].forEach((id) => socket.says(data(id))), /more than it had credit for/],
  ['text', (socket) => socket.onmessage?.({ data: 'hello' }), /sent text, and every message is binary/],
  ['garbage', (socket) => socket.onmessage?.({ data: new ArrayBuffer(3) }), /not weir\.v1: it has 3 bytes/],
  ["the receiver's words", (socket) => socket.says({ kind: 'credit', n: 1 }), /sent credit, which is the receiver's/],
  ['a second hello', (socket) => socket.says(hello()), /said hello twice/],
])('a sender that breaks the rules is told of and not hammered: %s', async (_, act, sentence) => {
  const run = await open(2);
  const socket = run.connect();
  act(socket);
  expect(socket.closedWith).toBe(4400);
  expect(run.states.at(-1)).toMatchObject({ retryAt: 1_008_000, error: { message: expect.stringMatching(sentence) } });
  expect(run.ended()).toBe('no');
});

test('a server that picks the protocol and does not speak it is told of', async () => {
  const run = await open(2);
  run.sockets[0]?.onopen?.();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(run.states.at(-1)).toMatchObject({
    status: 'retrying',
    error: { message: expect.stringMatching(/no hello/) },
  });
  await vi.advanceTimersByTimeAsync(8000);
  run.sockets[1]?.onopen?.();
  run.sockets[1]?.says(data(0));
  expect(run.states.at(-1)).toMatchObject({ error: { message: expect.stringMatching(/first message is data/) } });
  await vi.advanceTimersByTimeAsync(15_000);
  run.sockets[2]?.drops();
  expect(run.states.at(-1)).toMatchObject({ error: { code: 'connection-refused' } });
});

test('credit never passes demand and every message has one answer, in any interleaving', async () => {
  type Step = { readonly kind: 'demand' | 'data' | 'settle' | 'drop'; readonly n: number };
  const step = fc.record({ kind: fc.constantFrom('demand', 'data', 'data', 'settle', 'settle', 'drop'), n: fc.nat(6) });
  await fc.assert(
    fc.asyncProperty(fc.array(step as fc.Arbitrary<Step>, { maxLength: 60 }), async (steps) => {
      const run = await open(2);
      let socket = run.connect();
      let largest = 2;
      let sent = 0;
      let next = 0;
      const unanswered = new Set<number>();
      const backlog: number[] = [];
      const hear = () => {
        for (const header of [...socket.of('ack'), ...socket.of('nack')]) unanswered.delete(Number(header.id));
      };
      for (const { kind, n } of steps) {
        if (kind === 'demand') {
          largest = Math.max(largest, n);
          run.demand.next(n);
        } else if (kind === 'data' && sent < socket.credit) {
          const id = backlog.shift() ?? next++;
          unanswered.add(id);
          sent += 1;
          socket.says(data(id));
        } else if (kind === 'settle') {
          run.deliveries.find(({ outcome }) => outcome === undefined)?.settle(done, Date.now());
        } else if (kind === 'drop') {
          hear();
          socket.drops();
          await vi.advanceTimersByTimeAsync(15_000);
          socket = run.connect();
          sent = 0;
          backlog.splice(0, backlog.length, ...unanswered);
        }
        expect(socket.credit - sent).toBeLessThanOrEqual(largest);
      }
      // Whatever was left is served and answered in the end.
      while (unanswered.size > 0) {
        run.demand.next(10);
        const again = backlog.shift();
        if (again !== undefined) socket.says(data(again));
        for (const each of run.deliveries) if (each.outcome === undefined) each.settle(done, Date.now());
        hear();
      }
      expect(run.deliveries).toHaveLength(next);
      run.subscription.unsubscribe();
    }),
    { numRuns: 300 },
  );
});
