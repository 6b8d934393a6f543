/** Counts by where a delivery was when it ended, and time means that are exact to the moment. */
import { expect, test } from 'vitest';
import { Delivery } from '../core/delivery.ts';
import { checkConservation } from './checkConservation.ts';
import { createLedger } from './ledger.ts';

function setup() {
  let now = 0;
  const ledger = createLedger({ now: () => now });
  let id = 0;
  return {
    ledger,
    at: (ms: number) => {
      now = ms;
    },
    offer(source = 'a') {
      const delivery = new Delivery({ id: id++, source, payload: 0, bytes: 0, scheduled: now, arrived: now });
      delivery.watch({ settled: (one, outcome) => ledger.settled(one, outcome) });
      ledger.offered(delivery);
      return delivery;
    },
    admit(delivery: Delivery) {
      delivery.stamps.enqueued = now;
      ledger.admitted(delivery);
    },
    dequeue(delivery: Delivery) {
      delivery.stamps.dequeued = now;
      ledger.dequeued(delivery);
    },
  };
}

test('refused, ended in the queue, ended in flight; per source and in total', () => {
  const { ledger, offer, admit, dequeue } = setup();
  offer('b').settle({ kind: 'dropped', cause: 'newest' }, 0);
  const waiting = offer();
  admit(waiting);
  const served = offer();
  admit(served);
  dequeue(served);
  expect(ledger.snapshot()).toMatchObject({ offered: 3, refused: 1, admitted: 2, queued: 1, inFlight: 1 });
  expect(checkConservation(ledger.snapshot()).holds).toBe(true);
  waiting.settle({ kind: 'dropped', cause: 'oldest' }, 0);
  served.settle({ kind: 'failed', error: { code: 'bad-output', message: '' } }, 0);
  ledger.missed('b', 4);
  expect(ledger.snapshot()).toMatchObject({ queued: 0, inFlight: 0, failed: 1, missed: 4 });
  const { a, b } = ledger.sources();
  expect(a).toMatchObject({ offered: 2, admitted: 2, refused: 0, failed: 1, missed: 0 });
  expect(b).toMatchObject({ offered: 1, refused: 1, dropped: { newest: 1 }, missed: 4 });
});

test('a snapshot is a copy', () => {
  const { ledger, offer } = setup();
  const before = ledger.snapshot();
  offer().settle({ kind: 'dropped', cause: 'newest' }, 0);
  expect([before.offered, before.dropped.newest]).toEqual([0, 0]);
});

test('integrates queued, in flight and the time at the limit', () => {
  const { ledger, at, offer, admit, dequeue } = setup();
  ledger.setQueueLimit(2);
  const [x, y] = [offer(), offer()];
  admit(x);
  at(10);
  admit(y);
  at(30);
  dequeue(x);
  at(60);
  x.settle({ kind: 'completed' }, 60);
  // One for 10 ms, two for 20, one for 30, one for 40; x in flight for 30.
  expect(ledger.integrals(100)).toEqual({ queued: 10 + 40 + 30 + 40, inFlight: 30, atLimit: 20 });
});

test('a queue of no places is never at its limit', () => {
  const { ledger } = setup();
  ledger.setQueueLimit(0);
  expect(ledger.integrals(50).atLimit).toBe(0);
});
