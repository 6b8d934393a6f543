/** Messages of other windows: who is heard, what is answered, and what is left alone. */
import { expect, test, vi } from 'vitest';
import { emptySnapshot } from '../core/emptySnapshot.ts';
import { WeirError } from '../core/errors.ts';
import type { Snapshot } from '../core/snapshot.ts';
import { allowedOrigins, listenToMessages } from './postMessages.ts';
import type { Weir } from './weir.ts';

function setUp() {
  const listeners = new Set<(snapshot: Snapshot) => void>();
  const verbs = {
    version: '0.1.0',
    snapshot: vi.fn(() => emptySnapshot),
    openModel: vi.fn(() => Promise.reject(new WeirError('not-a-model', 'The file is empty.'))),
    subscribe: (listener: (snapshot: Snapshot) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const window = new EventTarget();
  const answers: unknown[] = [];
  // A port is a source that Node knows as one.
  const { port1: source } = new MessageChannel();
  source.postMessage = (message: unknown) => answers.push(message);
  const stop = listenToMessages(
    verbs as unknown as Weir,
    window,
    allowedOrigins('https://weir.example', 'https://lab.example/x'),
  );
  const send = async (data: unknown, origin = 'https://lab.example') => {
    const event = new MessageEvent('message', { data, origin, source });
    window.dispatchEvent(event);
    await new Promise((done) => setTimeout(done));
  };
  return { verbs, listeners, answers, send, stop };
}

test('verbs are answered with their value or their error', async () => {
  const { answers, send, verbs } = setUp();
  await send({ weir: 1, id: 1, verb: 'version' });
  await send({ weir: 1, id: 'b', verb: 'snapshot', args: [{ since: 'start' }] }, 'https://weir.example');
  await send({ weir: 1, id: 3, verb: 'openModel', args: ['x.onnx'] });
  await send({ weir: 1, id: 4, verb: 'constructor' });
  expect(verbs.snapshot).toHaveBeenCalledWith({ since: 'start' });
  expect(answers).toEqual([
    { weir: 1, id: 1, value: '0.1.0' },
    { weir: 1, id: 'b', value: emptySnapshot },
    { weir: 1, id: 3, error: { code: 'not-a-model', message: 'The file is empty.' } },
    { weir: 1, id: 4, error: { code: 'bad-settings', message: 'There is no verb "constructor".' } },
  ]);
});

test('origins that are not listed, and messages of others, are not heard', async () => {
  const { answers, send, verbs } = setUp();
  for (const origin of ['https://evil.example', 'http://lab.example', 'https://lab.example.evil.example', 'null', ''])
    await send({ weir: 1, id: 1, verb: 'snapshot' }, origin);
  for (const data of [
    undefined,
    'snapshot',
    { verb: 'snapshot' },
    { weir: 1, verb: 'snapshot' },
    { weir: 2, id: 1, verb: 'snapshot' },
  ])
    await send(data);
  expect(verbs.snapshot).not.toHaveBeenCalled();
  expect(answers).toEqual([]);
  expect([...allowedOrigins('null', 'data:text/html,x nonsense')]).toEqual([]);
});

test('a subscription sends snapshots until it is ended', async () => {
  const { answers, send, listeners, stop } = setUp();
  await send({ weir: 1, id: 7, verb: 'subscribe' });
  await send({ weir: 1, id: 7, verb: 'subscribe' });
  expect(listeners.size).toBe(1);
  for (const listener of listeners) listener(emptySnapshot);
  await send({ weir: 1, id: 7, verb: 'unsubscribe' });
  expect(answers).toEqual([
    { weir: 1, id: 7, snapshot: emptySnapshot },
    { weir: 1, id: 7, value: undefined },
  ]);
  await send({ weir: 1, id: 8, verb: 'subscribe' });
  stop();
  expect(listeners.size).toBe(0);
});
