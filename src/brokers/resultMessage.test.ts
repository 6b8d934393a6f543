import { expect, it } from 'vitest';
import { Delivery } from '../core/delivery.ts';
import { deadLetterOf } from './deadLetter.ts';
import { resultMessage } from './resultMessage.ts';

it('tells who did what on what in which times', () => {
  const { stamps } = new Delivery({ id: 1, source: 's', payload: undefined, bytes: 0, scheduled: 100, arrived: 100 });
  Object.assign(stamps, { dequeued: 103, began: 104, prepared: 106, ran: 116, returned: 117, decoded: 117.5 });
  const bytes = resultMessage(
    {
      result: { kind: 'classification', items: [{ label: 'cat', index: 3, score: 0.5 }] },
      model: { name: 'm', sha256: 'abc' },
      provider: 'wasm',
    },
    stamps,
    { id: 'job', attempt: 2, worker: 'tab-1' },
  );
  expect(JSON.parse(new TextDecoder().decode(bytes))).toEqual({
    v: 1,
    id: 'job',
    attempt: 2,
    worker: 'tab-1',
    model: { name: 'm', sha256: 'abc' },
    provider: 'wasm',
    ms: { queueing: 3, transfer: 2, prepare: 2, run: 10, decode: 0.5 },
    kind: 'classification',
    result: [{ label: 'cat', index: 3, score: 0.5 }],
  });
});

it('reads dead letters of whoever wrote them, capped', () => {
  const headers: Record<string, string> = {
    'weir-reason': 'x'.repeat(999),
    'weir-attempts': '-3',
    'weir-died-at': 'now',
  };
  expect(deadLetterOf('1', 'j', (name) => headers[name], 5, undefined)).toEqual({
    key: '1',
    job: 'j',
    reason: 'x'.repeat(60),
    message: 'The broker set it aside; it does not say why.',
    attempts: 0,
    worker: '',
    firstAt: undefined,
    diedAt: undefined,
    contentType: '',
    bytes: 5,
  });
});
