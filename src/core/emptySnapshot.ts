/** The snapshot before anything has happened: every number is there, and is nought. */
import { emptyCounts, type Percentiles, type Snapshot } from './snapshot.ts';

const noPercentiles: Percentiles = {
  n: 0,
  p50: 0,
  p95: 0,
  p99: 0,
  max: 0,
  valid: { p50: false, p95: false, p99: false },
};

export const emptySnapshot: Snapshot = {
  state: 'idle',
  counts: emptyCounts(),
  sources: {},
  ratesPerS: { offered: 0, admitted: 0, completed: 0, dropped: 0, goodput: 0 },
  latencyMs: {
    response: noPercentiles,
    service: noPercentiles,
    queueing: noPercentiles,
    offered: { n: 0, p50: null, p95: null, p99: null, valid: noPercentiles.valid },
  },
  jitterMs: { deviation: 0, spread: 0, gapP99: 0, longestStall: 0 },
  ageMs: { mean: undefined, peak: undefined },
  missRatio: 0,
  stagesMs: {
    late: 0,
    queueing: 0,
    batching: 0,
    transfer: 0,
    prepare: 0,
    run: 0,
    ordering: 0,
    decode: 0,
    unattributed: 0,
    present: 0,
    publish: 0,
  },
  engine: { requested: 'auto', provider: 'none', threads: 0, sessions: 0 },
  model: undefined,
  result: undefined,
};
