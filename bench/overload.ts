/**
 * Constant arrivals at twice the capacity, one in flight: with `latest` a frame waits at most one service time, the
 * engine never idles and nothing drifts; `dropOldest` with a queue of 100,000 shows what an unbounded queue does instead.
 * Rows come from a probe that the bench's host adds to the worker script where a delivery is settled; the page is as built.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { Stamps } from '../src/core/delivery.ts';
import { expectConserved } from '../e2e/conserved.ts';
import type { Station } from '../e2e/station.ts';
import { type Bench, keptNames, withBench } from './browser.ts';
import type { BenchEntry } from './result.ts';
import { mean, shareInterval, slope } from './statistics.ts';

const serviceMs = 20;
const ratePerS = 100;
const seconds = 30;
const warmMs = 3000;

type Row = Pick<Stamps, 'scheduled' | 'arrived' | 'enqueued' | 'dequeued' | 'began' | 'ran' | 'decoded' | 'settled'> & {
  readonly outcome: string;
};

export const overload: BenchEntry = {
  about: 'arrivals at 2x capacity, latest, one in flight: share of frames that wait <= S + 2 ms',
  run: () =>
    withBench({ replace: probe }, async (bench) => {
      const load = `engine.provider=simulated&engine.serviceMs=${serviceMs}&source.ratePerS=${ratePerS}&source.width=320&source.height=240&flow.maxInFlight=1`;
      const latest = await record(bench, `${load}&flow.policy=latest`);
      const unbounded = await record(bench, `${load}&flow.policy=dropOldest&flow.capacity=100000`);
      const judged = judge(latest);
      const contrast = judge(unbounded);
      const drift = Math.abs(judged.slope.slope) <= judged.slope.half || Math.abs(judged.slope.slope * seconds) < 1;
      return {
        table: [
          ['measure', 'latest', 'dropOldest 100,000', 'limit'],
          ['completed', judged.completed, contrast.completed, ''],
          ['waited <= S + 2 ms', judged.share.value, contrast.share.value, '>= 0.995'],
          ['mean queueing, ms', judged.meanQueueing, contrast.meanQueueing, ''],
          ['largest queueing, ms', judged.largest, contrast.largest, ''],
          ['engine idle', judged.idle, contrast.idle, '<= 0.03'],
          ['slope, ms/s', judged.slope.slope, contrast.slope.slope, 'none'],
        ],
        figure: {
          value: judged.share.value,
          low: judged.share.low,
          high: judged.share.high,
          unit: 'share',
          pass: judged.share.value >= 0.995 && judged.idle <= 0.03 && drift && latest.exact && unbounded.exact,
        },
        details: {
          idle: judged.idle,
          slopeMsPerS: judged.slope,
          exactCounts: latest.exact && unbounded.exact,
          completed: judged.completed,
          meanQueueingMs: judged.meanQueueing,
          dropOldest: { meanQueueingMs: contrast.meanQueueing, slopeMsPerS: contrast.slope.slope },
          browser: bench.version,
        },
      };
    }),
};

/** Where a delivery is settled, whatever the minifier called the rest. Settling is in one place, so it must match once. */
const settling = /this\.stamps\.settled=([\w$]+)/g;

function probe(path: string): string | undefined {
  if (!/pipeline\.worker-[\w-]+\.js$/.test(path)) return undefined;
  return readFileSync(`dist${path}`, 'utf8').replace(settling, '(this.stamps.settled=$1,self.benchSettled?.(this))');
}

function probeFits(): boolean {
  const name = readdirSync('dist/assets').find((file) => /^pipeline\.worker-.*\.js$/.test(file));
  return name !== undefined && [...readFileSync(`dist/assets/${name}`, 'utf8').matchAll(settling)].length === 1;
}

async function record(bench: Bench, hash: string): Promise<{ rows: readonly Row[]; exact: boolean }> {
  if (!probeFits()) throw new Error('The probe does not fit the built pipeline worker: not sound.');
  const station = await bench.openStation(hash);
  await station.until('results', (now) => now.counts.completed > 0, 60_000);
  await station.page.waitForTimeout(warmMs);
  const worker = station.page.workers().find((each) => each.url().includes('pipeline.worker'));
  if (worker === undefined) throw new Error('The pipeline worker was not found: not sound.');
  await worker.evaluate(keptNames);
  await worker.evaluate(() => {
    const rows: unknown[] = [];
    Object.assign(self, {
      benchRows: rows,
      benchSettled: (delivery: { stamps: object; outcome: { kind: string } }) =>
        rows.push({ stamps: delivery.stamps, outcome: delivery.outcome.kind }),
    });
  });
  await station.page.waitForTimeout(seconds * 1000);
  const rows = await worker.evaluate(() => {
    const { benchRows } = self as never as { benchRows: { stamps: Stamps; outcome: string }[] };
    return benchRows.map(({ stamps, outcome }) => ({ ...stamps, outcome }));
  });
  const exact = await stopsExactly(station);
  await station.page.context().close();
  return { rows: rows as readonly Row[], exact };
}

async function stopsExactly(station: Station): Promise<boolean> {
  await station.page.evaluate(() => window.weir.stop());
  const end = await station.until('all settled', (now) => now.counts.inFlight === 0 && now.counts.queued === 0, 30_000);
  expectConserved(end);
  return station.complaints.length === 0;
}

function judge({ rows }: { rows: readonly Row[] }) {
  const done = rows.filter(({ outcome }) => outcome === 'completed').sort((a, b) => a.began - b.began);
  if (done.length < 100) throw new Error(`Only ${done.length} frames were completed: not sound.`);
  const queueing = done.map(({ dequeued, enqueued }) => dequeued - enqueued);
  let hits = 0;
  let busy = 0;
  for (let i = 1; i < done.length; i++) {
    const before = done[i - 1];
    const row = done[i];
    if (before === undefined || row === undefined) continue;
    if (row.dequeued - row.enqueued <= before.ran - before.began + 2) hits += 1;
    busy += row.ran - row.began;
  }
  const first = done[0];
  const last = done.at(-1);
  const wall = (last?.ran ?? 0) - (first?.ran ?? 0);
  return {
    completed: done.length,
    share: shareInterval(hits, done.length - 1),
    meanQueueing: mean(queueing),
    largest: Math.max(...queueing),
    idle: 1 - busy / wall,
    /** Of the queueing delay over time, ms per s. */
    slope: slope(done.map(({ dequeued, enqueued }) => [dequeued / 1000, dequeued - enqueued])),
  };
}
