import { expect, test } from 'vitest';
import { defaultSettings, type NamedSource, type Settings } from '../core/settings.ts';
import { queueLimitOf, resolveCredit, resolveGate } from './resolveGate.ts';

const camera: NamedSource = { ...defaultSettings.source, id: 'camera', weight: 2, kind: 'camera' };
const settingsWith = (flow: Partial<Settings['flow']>, ...kinds: NamedSource['kind'][]): Settings => ({
  ...defaultSettings,
  sources: kinds.map((kind, index) => ({ ...camera, id: `s${index}`, kind })),
  flow: { ...defaultSettings.flow, ...flow },
});

test('what a gate obeys comes from its source', () => {
  const gate = resolveGate(defaultSettings.flow, camera);
  expect(gate).toEqual({
    policy: 'latest',
    capacity: 2,
    capacityBytes: Infinity,
    maxAgeMs: Infinity,
    rateLimit: Infinity,
    codel: undefined,
    weight: 2,
  });
  expect(queueLimitOf(gate)).toBe(1);
});

test('a source that cannot wait does not block', () => {
  expect(resolveGate({ ...defaultSettings.flow, policy: 'block' }, camera).policy).toBe('latest');
});

test('skip has no queue, and no second frame in flight that would be one', () => {
  expect(queueLimitOf(resolveGate({ ...defaultSettings.flow, policy: 'skip', capacity: 9 }, camera))).toBe(0);
  expect(resolveCredit(settingsWith({ policy: 'skip' }, 'camera'), 2, 1)).toMatchObject({ maxInFlight: 2, maxOpen: 4 });
});

test('the second frame of a session comes just in time where only the newest counts', () => {
  const credit = (...kinds: NamedSource['kind'][]) => resolveCredit(settingsWith({}, ...kinds), 1, 1);
  expect(credit('camera')).toMatchObject({ maxInFlight: 2, servers: 1, justInTime: true });
  expect(credit('video')).toMatchObject({ maxInFlight: 2, servers: 1, justInTime: false });
  expect(credit('camera', 'video').justInTime).toBe(false);
});

test('slots count frames, so a batch takes as many as it holds', () => {
  expect(resolveCredit(settingsWith({}, 'video'), 2, 4)).toMatchObject({ maxInFlight: 12, maxOpen: 14, servers: 8 });
});

test('an adaptive limit may open as far as its largest', () => {
  const limiter = { kind: 'aimd', min: 1, max: 9, targetMs: null } as const;
  expect(resolveCredit(settingsWith({ limiter }, 'video'), 1, 1)).toMatchObject({ maxOpen: 11, limiter: { max: 9 } });
});
