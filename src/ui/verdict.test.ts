import { expect, test } from 'vitest';
import { emptySnapshot } from '../core/emptySnapshot.ts';
import { errorCodes } from '../core/errors.ts';
import { defaultSettings, type Settings } from '../core/settings.ts';
import type { Snapshot } from '../core/snapshot.ts';
import type { LiveFacts } from '../core/telemetry.ts';
import { clockTime, count, one } from './format.ts';
import { sentences, withFix } from './sentences.ts';
import { adviceOf, verdictOf } from './verdict.ts';

const live: LiveFacts = {
  now: 60_000,
  elapsedMs: 60_000,
  windowMs: 30_000,
  ageMs: 58,
  utilisation: 0.973,
  queueLimit: 1,
  inFlightLimit: 1,
  inFlightMean: 1,
  littleError: 0.003,
  steadyMs: 9000,
  missRatio: 0,
  utilisationLaw: undefined,
  dropsPerS: { newest: 0, oldest: 0, superseded: 28.6, expired: 0, shed: 0, cancelled: 0, shutdown: 0 },
  failedPerS: 0,
  resultText: '7 boxes',
  frameErrors: [],
  sources: { scene: { status: 'open', facts: '' } },
  losses: 0,
  heapBytes: 0,
  checked: { frames: 0, notNumbers: 0, allZero: 0 },
};

function running(offered: number, completed: number, engine: Partial<Snapshot['engine']> = {}): Snapshot {
  return {
    ...emptySnapshot,
    state: 'running',
    ratesPerS: { offered, admitted: offered, completed, dropped: offered - completed, goodput: completed },
    stagesMs: { ...emptySnapshot.stagesMs, transfer: 0.9, prepare: 1.1, run: 31, decode: 0.6 },
    engine: { requested: 'wasm', provider: 'wasm', threads: 1, sessions: 1, ...engine },
  };
}

const settingsWith = (flow: Partial<Settings['flow']>, source: Partial<Settings['source']> = {}): Settings => ({
  ...defaultSettings,
  flow: { ...defaultSettings.flow, ...flow },
  source: { ...defaultSettings.source, ...source },
});

test('says what is served and that it does not keep up', () => {
  const verdict = verdictOf(running(60, 31.4), live, defaultSettings);
  expect(verdict.strong + verdict.rest).toBe('Serving 31.4 of 60.0 frames/s');
  expect(verdict.pill).toBe('behind');
});

test('names the limit that ends frames while the engine has time', () => {
  const idle = {
    ...live,
    utilisation: 0.41,
    inFlightMean: 0.4,
    dropsPerS: { ...live.dropsPerS, expired: 18, superseded: 0 },
  };
  const advice = adviceOf(running(100, 82), idle, settingsWith({ maxAgeMs: 20 }), { cores: 4 });
  expect(advice?.cause).toBe('Max age limits you:');
  expect(advice?.evidence).toBe('18.0 frames/s expired in the queue; the engine is busy 41 % of the time.');
});

test('preparation beside the run limits too, while the session waits for it', () => {
  const snapshot = running(30, 7);
  const slow = { ...snapshot, stagesMs: { ...snapshot.stagesMs, prepare: 109, run: 5 } };
  const advice = adviceOf(slow, { ...live, utilisation: 0.05 }, defaultSettings, { cores: 4 });
  expect(advice?.cause).toBe('Preparation limits you:');
});

test('keeps up within three per cent, and steadies first', () => {
  expect(verdictOf(running(60, 59.5), live, defaultSettings).pill).toBe('keeping');
  expect(verdictOf(running(60, 10), { ...live, elapsedMs: 800 }, defaultSettings).pill).toBe('steadying');
});

test('the one frame that is on its way is no loss at low rates', () => {
  expect(verdictOf(running(3.1, 2.9), { ...live, windowMs: 5000 }, defaultSettings).pill).toBe('keeping');
  expect(verdictOf(running(3.1, 2.1), { ...live, windowMs: 5000 }, defaultSettings).pill).toBe('behind');
});

test('stopped is not said as if nothing had come, with a model or without one', () => {
  const stopped: Snapshot = { ...running(60, 60), state: 'idle', counts: { ...emptySnapshot.counts, offered: 9 } };
  expect(verdictOf(emptySnapshot, undefined, defaultSettings).strong).toBe('No frames yet');
  expect(adviceOf(emptySnapshot, undefined, defaultSettings, { cores: 4 })).toBeUndefined();
  expect(verdictOf(stopped, live, defaultSettings).strong).toBe('Stopped');
  expect(adviceOf(stopped, live, defaultSettings, { cores: 4 })?.cause).toBe('Nothing runs.');
});

test('steadies again after a change, while the new numbers are few', () => {
  expect(verdictOf(running(60, 10), { ...live, windowMs: 800 }, defaultSettings).pill).toBe('steadying');
});

test('a source that has gone is said, not blamed on the model', () => {
  const error = { code: 'connection-lost', message: 'The connection to localhost:8765 was lost.' } as const;
  const gone = { ...live, sources: { scene: { status: 'retrying', retryAt: 0, error } } } as const;
  expect(verdictOf(running(60, 10), gone, defaultSettings)).toMatchObject({
    strong: 'No frames come',
    pill: 'failing',
  });
  expect(adviceOf(running(60, 10), gone, defaultSettings, { cores: 4 })?.evidence).toBe(error.message);
});

test('a scene that waits is measured against its planned rate', () => {
  const settings = settingsWith({ policy: 'block' }, { ratePerS: 60 });
  const verdict = verdictOf(running(31.4, 31.4), live, settings);
  expect(verdict.rest).toBe(' of 60.0 frames/s');
  expect(verdict.pill).toBe('behind');
});

test('advises a second session on WASM only while cores are free', () => {
  const advice = adviceOf(running(60, 31.4), live, defaultSettings, { cores: 4 });
  expect(`${advice?.cause} ${advice?.evidence} ${advice?.gain}`).toBe(
    'The model limits you: 31.0 of 33.6 ms are in run. A second session would serve up to 60 frames/s.',
  );
  expect(advice?.action?.change).toEqual({ engine: { sessions: 2 } });
  expect(adviceOf(running(60, 31.4), live, defaultSettings, { cores: 1 })?.action).toBeUndefined();
  expect(
    adviceOf(running(60, 31.4, { provider: 'webgpu' }), live, defaultSettings, { cores: 8 })?.action,
  ).toBeUndefined();
  expect(adviceOf(running(60, 60), live, defaultSettings, { cores: 4 })).toBeUndefined();
});

test('never promises more than is offered', () => {
  expect(adviceOf(running(40, 31.4), live, defaultSettings, { cores: 4 })?.gain).toContain('up to 40 frames/s');
});

test('says that a camera cannot be slowed down', () => {
  const advice = adviceOf(running(30, 30), live, settingsWith({ policy: 'block' }, { kind: 'camera' }), { cores: 4 });
  expect(`${advice?.cause} ${advice?.evidence}`).toBe(
    'This camera cannot be slowed down, so Block would only fill memory. Keep latest is in force.',
  );
});

test('failing names the error and the next step', () => {
  const failing: LiveFacts = {
    ...live,
    failedPerS: 10,
    frameErrors: [{ error: { code: 'cannot-decode', message: 'The image ends early.' }, count: 3 }],
  };
  expect(verdictOf(running(60, 50), failing, defaultSettings).pill).toBe('failing');
  expect(adviceOf(running(60, 50), failing, defaultSettings, { cores: 4 })?.evidence).toBe('The image ends early.');
});

test('every error code has its sentence, in plain words', () => {
  for (const code of errorCodes) {
    expect(sentences[code].title.length).toBeGreaterThan(3);
    expect(`${sentences[code].title} ${sentences[code].fix}`).not.toMatch(/!|oops|please|successfully/i);
  }
  expect(withFix('The camera is used by another program', 'device-busy')).toMatch(/program\. Close/);
});

test('numbers as the page writes them', () => {
  expect(count(36012)).toBe('36\u202f012');
  expect(one(1234.56)).toBe('1\u202f234.6');
  expect(one(-4)).toBe('−4.0');
  expect(clockTime(600_000)).toBe('10:00');
  expect(clockTime(3_753_000)).toBe('1:02:33');
});

test('blames the limit in flight only while it is reached', () => {
  const waiting = { ...live, utilisation: 0.3, inFlightLimit: 1 };
  const at = (inFlightMean: number) =>
    adviceOf(running(60, 31.4), { ...waiting, inFlightMean }, defaultSettings, { cores: 1 });
  expect(at(0.95)?.cause).toBe('The engine waits:');
  expect(at(0.1)).toBeUndefined();
});
