/** The dial's measured line: a number only from warm frames of this model, and a capacity only where the engine is busy enough. */
import { expect, test } from 'vitest';
import { emptySnapshot } from '../core/emptySnapshot.ts';
import { defaultLoad } from '../core/loadRecipe.ts';
import { defaultSettings } from '../core/settings.ts';
import type { Snapshot } from '../core/snapshot.ts';
import type { LiveFacts } from '../core/telemetry.ts';
import { reachedOf } from './reached.ts';

const load = { recipe: defaultLoad, flops: 500e6, parameters: 1, trafficBytes: 1 };

function reached(
  served: LiveFacts['served'],
  change: { provider?: string; sessions?: number; state?: Snapshot['state']; prepareMs?: number } = {},
) {
  const { provider = 'wasm', sessions = 1, state = 'running', prepareMs = 0 } = change;
  const snapshot: Snapshot = {
    ...emptySnapshot,
    state,
    ratesPerS: { ...emptySnapshot.ratesPerS, offered: 30 },
    stagesMs: { ...emptySnapshot.stagesMs, prepare: prepareMs },
    engine: { requested: 'wasm', provider, threads: 1, sessions },
  };
  const live = { ...(served === undefined ? {} : { served }) } as LiveFacts;
  return reachedOf(load, snapshot, live, defaultSettings);
}

test('says the rate, the time of a frame, and what keeps up', () => {
  expect(reached({ frames: 100, meanMs: 84, runMs: 80, batch: 1 })).toEqual({
    value: '6.3 GFLOP/s, 80.0\u00a0ms\u00a0a\u00a0run',
    note: 'About 180 MFLOPs of this kind would keep up with 30.0 frames/s.',
  });
  expect(reached({ frames: 100, meanMs: 84, runMs: 80, batch: 1 }, { sessions: 2 })).toEqual({
    value: '6.3 GFLOP/s, 80.0\u00a0ms\u00a0a\u00a0run in each of 2 sessions',
    note: 'About 390 MFLOPs of this kind would keep up with 30.0 frames/s.',
  });
  expect(reached({ frames: 100, meanMs: 0.1, runMs: 0.1, batch: 1 }).value).toBe(
    '5.0 TFLOP/s, 0.1\u00a0ms\u00a0a\u00a0run',
  );
});

test('preparing that leaves no time for any model is said', () => {
  expect(reached({ frames: 100, meanMs: 60, runMs: 20, batch: 1 }).note).toMatch(/Preparing alone takes too long/);
  // Also where it is done beside the run.
  expect(reached({ frames: 100, meanMs: 5, runMs: 5, batch: 1 }, { prepareMs: 109 }).note).toMatch(/Preparing alone/);
});

test('an engine that mostly waits says so instead of a guess', () => {
  expect(reached({ frames: 100, meanMs: 5, runMs: 4, batch: 1 }).note).toMatch(/mostly waits/);
});

test('without enough frames there is a dash with its reason', () => {
  expect(reached(undefined)).toEqual({ value: '–', note: 'Warm frames needed: 7; served so far: 0.' });
  expect(reached({ frames: 6, meanMs: 5, runMs: 4, batch: 1 }).note).toMatch(/so far: 6/);
  expect(reached(undefined, { state: 'paused' }).note).toMatch(/Nothing runs/);
  expect(reached({ frames: 100, meanMs: 5, runMs: 4, batch: 1 }, { provider: 'simulated' })).toEqual({
    value: '–',
    note: 'The simulated engine computes nothing.',
  });
});
