import { expect, test } from 'vitest';
import { defaultSettings } from '../core/settings.ts';
import { sourceTraits } from '../core/sourceTraits.ts';
import { queueLimitOf, resolveGate } from './resolveGate.ts';

const { camera } = sourceTraits;

test('defaults come from the source and the sessions', () => {
  const gate = resolveGate(defaultSettings.flow, camera, 2);
  expect(gate).toEqual({ policy: 'latest', capacity: 2, maxAgeMs: Infinity, maxInFlight: 2, maxOpen: 4 });
  expect(queueLimitOf(gate)).toBe(1);
});

test('a source that cannot wait does not block', () => {
  const gate = resolveGate({ ...defaultSettings.flow, policy: 'block' }, camera, 1);
  expect(gate.policy).toBe('latest');
});

test('skip has no queue', () => {
  const gate = resolveGate({ ...defaultSettings.flow, policy: 'skip', capacity: 9 }, camera, 1);
  expect(queueLimitOf(gate)).toBe(0);
  expect(gate.maxInFlight).toBe(1);
});
