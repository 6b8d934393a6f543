import { expect, test } from 'vitest';
import type { ModelCard, ModelFacts, Prepare } from '../core/card.ts';
import { type DeepPartial, defaultSettings, type Settings } from '../core/settings.ts';
import { resolveEngine } from './resolveEngine.ts';

const facts: ModelFacts = {
  format: 'onnx',
  bytes: 1e6,
  opsets: {},
  operators: {},
  inputs: [{ name: 'x', type: 'float32', shape: ['batch', 3, 'height', 'width'] }],
  outputs: [],
  nodes: 1,
  parameters: 0,
  externalFiles: [],
  metadata: {},
};
const prepare: Prepare = {
  input: 'x',
  width: 64,
  height: 32,
  fit: 'stretch',
  color: 'rgb',
  layout: 'nchw',
  type: 'float32',
  scale: 1,
  mean: [0, 0, 0],
  std: [1, 1, 1],
  pad: 0,
};
const card: ModelCard = { name: 'm', task: { kind: 'tensors' }, prepare, reasons: {} };

const sessions = (
  kind: Settings['source']['kind'],
  engine: DeepPartial<Settings['engine']> = {},
  policy: Settings['flow']['policy'] = 'auto',
  bytes = 1e6,
) =>
  resolveEngine(
    {
      ...defaultSettings,
      source: { ...defaultSettings.source, kind },
      flow: { ...defaultSettings.flow, policy },
      engine: { ...defaultSettings.engine, ...engine },
    },
    4,
    { facts: { ...facts, bytes }, card },
  ).sessions;

test('what can wait is served by a session for each core, what is live by one with all threads', () => {
  expect([sessions('camera'), sessions('scene'), sessions('websocket')]).toEqual([1, 1, 1]);
  expect([sessions('files'), sessions('images'), sessions('video')]).toEqual([4, 4, 4]);
  expect(sessions('video', {}, 'latest')).toBe(1);
  expect(sessions('scene', {}, 'block')).toBe(4);
});

test('the aim, the number and the threads of a person come before the choice', () => {
  expect(sessions('camera', { aim: 'throughput' })).toBe(4);
  expect(sessions('files', { aim: 'latency' })).toBe(1);
  expect(sessions('files', { sessions: 3 })).toBe(3);
  expect(sessions('files', { threads: 2 })).toBe(2);
});

test('a GPU and a simulation have one session, a large model as many as the memory holds', () => {
  expect(sessions('files', { provider: 'webgpu' })).toBe(1);
  expect(sessions('files', { provider: 'simulated' })).toBe(1);
  expect(sessions('files', {}, 'auto', 100e6)).toBe(2);
  expect(sessions('files', {}, 'auto', 900e6)).toBe(1);
});

test('free dimensions are fixed to what the card feeds only where a person wants it', () => {
  const model = { facts, card };
  const fixed = { ...defaultSettings, engine: { ...defaultSettings.engine, fixSizes: true } };
  expect(resolveEngine(defaultSettings, 4, model).sizes).toEqual({});
  expect(resolveEngine(fixed, 4, model).sizes).toEqual({ height: 32, width: 64 });
  expect(resolveEngine(fixed, 4, undefined).sizes).toEqual({});
});
