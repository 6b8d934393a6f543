/** What is exported, read back: every frame of the trace is whole, and the text keeps to the grammar of OpenMetrics. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Delivery } from '../../core/delivery.ts';
import { emptySnapshot } from '../../core/emptySnapshot.ts';
import type { Outcome } from '../../core/outcome.ts';
import { emptyCounts } from '../../core/snapshot.ts';
import { createFrameLog } from '../frameLog.ts';
import { Histogram } from '../histogram.ts';
import { chromeTrace, type TraceEvent } from './chromeTrace.ts';
import { openMetrics } from './openMetrics.ts';

const outcomes: readonly Outcome[] = [
  { kind: 'completed' },
  { kind: 'failed', error: { code: 'bad-output', message: '' } },
  { kind: 'dropped', cause: 'newest' },
  { kind: 'dropped', cause: 'expired' },
  { kind: 'dropped', cause: 'shutdown' },
];

/** How far a frame with this outcome came. */
const reach: Readonly<Record<string, number>> = { completed: 9, failed: 6, newest: 0, expired: 1, shutdown: 2 };

function logged(frames: readonly { readonly outcome: Outcome; readonly gaps: readonly number[] }[], capacity = 100) {
  const log = createFrameLog(capacity);
  frames.forEach(({ outcome, gaps }, id) => {
    let at = 1_700_000_000_000 + id * 3;
    const next = () => (at += gaps[id % gaps.length] ?? 1);
    const delivery = new Delivery({
      id,
      source: id % 2 === 0 ? 'a' : 'b',
      payload: 0,
      bytes: 0,
      scheduled: at,
      arrived: next(),
    });
    const order = ['enqueued', 'dequeued', 'began', 'prepared', 'started', 'ran', 'returned', 'decoded'] as const;
    const far = reach[outcome.kind === 'dropped' ? outcome.cause : outcome.kind] ?? 0;
    for (const stamp of order.slice(0, far)) delivery.stamps[stamp] = next();
    delivery.stamps.settled = next();
    log.settled(delivery, outcome);
  });
  return log;
}

const frame = fc.record({
  outcome: fc.constantFrom(...outcomes),
  gaps: fc.array(fc.double({ min: 0, max: 9, noNaN: true }), { minLength: 1, maxLength: 9 }),
});

describe('frame log', () => {
  test('keeps the last ones, in order, and gives those that ended since', () => {
    const log = logged(
      Array.from({ length: 12 }, () => ({ outcome: outcomes[0] as Outcome, gaps: [1] })),
      5,
    );
    const all = log.since(0);
    expect(all.map(({ id }) => id)).toEqual([7, 8, 9, 10, 11]);
    expect(all[0]?.source).toBe('b');
    expect(log.since(all[3]?.stamps.settled ?? 0).map(({ id }) => id)).toEqual([10, 11]);
  });
});

describe('trace', () => {
  test('every frame has its slices in order, its flow begins once and ends once, and no slices of a track overlap', () => {
    fc.assert(
      fc.property(fc.array(frame, { minLength: 1, maxLength: 40 }), (frames) => {
        const { traceEvents } = JSON.parse(chromeTrace(logged(frames).since(0))) as { traceEvents: TraceEvent[] };
        const slices = traceEvents.filter(({ ph }) => ph === 'X');
        for (const [id, { outcome }] of frames.entries()) {
          const own = slices.filter(({ args }) => args?.['frame'] === id);
          expect(own.map(({ ts }) => ts)).toEqual(own.map(({ ts }) => ts).sort((a, b) => a - b));
          const last = own.at(-1);
          expect(last?.name).toBe(
            outcome.kind === 'completed' ? 'settles' : outcome.kind === 'dropped' ? outcome.cause : outcome.kind,
          );
          const flow = traceEvents.filter((event) => event.id === id + 1);
          expect(flow.map(({ ph }) => ph).join('')).toMatch(/^st*f$/);
          expect(flow).toHaveLength(own.length);
          for (const [place, arrow] of flow.entries())
            expect([arrow.ts, arrow.tid]).toEqual([own[place]?.ts, own[place]?.tid]);
        }
        const tracks = new Set(slices.map(({ tid }) => tid));
        for (const tid of tracks) {
          const on = slices.filter((slice) => slice.tid === tid).sort((a, b) => a.ts - b.ts);
          // Slices that touch may share the microsecond that they were rounded to.
          for (let i = 1; i < on.length; i++)
            expect((on[i]?.ts ?? 0) - (on[i - 1]?.ts ?? 0) - (on[i - 1]?.dur ?? 0)).toBeGreaterThanOrEqual(-1);
          expect(traceEvents.some((event) => event.name === 'thread_name' && event.tid === tid)).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('nothing has ended: an empty trace that opens', () => {
    expect(JSON.parse(chromeTrace([]))).toMatchObject({ traceEvents: [{ name: 'process_name' }] });
  });
});

describe('OpenMetrics', () => {
  const histogram = (values: readonly number[]) => {
    const made = new Histogram();
    for (const ms of values) made.record(ms);
    return made;
  };
  const text = openMetrics({
    snapshot: {
      ...emptySnapshot,
      sources: {
        'a"\\\n': { ...emptyCounts(), offered: 7, completed: 5, dropped: { ...emptyCounts().dropped, oldest: 2 } },
      },
    },
    utilisation: 0.5,
    histograms: { response: histogram([0.5, 4, 4, 70_000]), service: histogram([3]), queueing: histogram([]) },
  });

  test('keeps to the grammar: each sample under its family, units in names, one EOF', () => {
    const lines = text.split('\n');
    expect(lines.slice(-2)).toEqual(['# EOF', '']);
    let family = '';
    let type = '';
    const seen = new Set<string>();
    for (const line of lines.slice(0, -2)) {
      const meta = /^# (TYPE|UNIT|HELP) (\w+) (.+)$/.exec(line);
      if (meta !== null) {
        const [, kind, name = '', value = ''] = meta;
        if (kind === 'TYPE') {
          expect(seen.has(name)).toBe(false);
          seen.add(name);
          family = name;
          type = value;
        } else expect(name).toBe(family);
        if (kind === 'UNIT') expect(name.endsWith(`_${value}`)).toBe(true);
        continue;
      }
      const sample = /^([a-z_]+)(\{(?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",?)*\})? (-?[\d.e+-]+|\+Inf)$/.exec(line);
      expect(sample, line).not.toBeNull();
      const suffixes: Record<string, string> = {
        counter: '_total',
        gauge: '',
        info: '_info',
        histogram: '_(bucket|sum|count)',
      };
      expect(sample?.[1]).toMatch(new RegExp(`^${family}${suffixes[type]}$`));
    }
  });

  test('says what was counted, and buckets grow', () => {
    expect(text).toContain('weir_frames_offered_total{source="a\\"\\\\\\n"} 7\n');
    expect(text).toContain('weir_frames_dropped_total{source="a\\"\\\\\\n",cause="oldest"} 2\n');
    const counts = [...text.matchAll(/weir_response_time_seconds_bucket\{le="[^"]+"\} (\d+)/g)].map(([, n]) =>
      Number(n),
    );
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(text).toContain('weir_response_time_seconds_bucket{le="0.001"} 1\n');
    expect(text).toContain('weir_response_time_seconds_bucket{le="0.005"} 3\n');
    expect(counts.at(-1)).toBe(4);
    expect(text).toContain('weir_response_time_seconds_count 4\n');
  });
});
