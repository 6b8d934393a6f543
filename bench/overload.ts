/**
 * Constant arrivals at twice the capacity, one in flight, every policy in one table: with `latest` a frame waits at most
 * one service time, the engine never idles and nothing drifts; a queue of 100,000 shows what an unbounded one does
 * instead. Then ten times the capacity for a minute: what memory it costs, and how soon the station is as before.
 */
import { expectConserved } from '../e2e/conserved.ts';
import type { Station } from '../e2e/station.ts';
import type { Counts } from '../src/core/snapshot.ts';
import { type Bench, eagerMeasure, heapMB, withBench } from './browser.ts';
import type { BenchEntry } from './result.ts';
import { type Row, settledDuring, settledProbe } from './settled.ts';
import { mean, shareInterval, slope } from './statistics.ts';

const serviceMs = 20;
const perS = 1000 / serviceMs;
const seconds = 30;
const otherSeconds = 12;
const warmMs = 3000;
const nominalPerS = perS / 2;
const minuteS = 60;
const recoveryLimitS = 5;
const growthLimitMB = 50;

const station = (ratePerS: number) =>
  // The plain scene: painting a crowded one for the preview is the price of a demo, not of a policy.
  `source.difficulty=0&engine.provider=simulated&engine.serviceMs=${serviceMs}&source.ratePerS=${ratePerS}&source.width=320&source.height=240&flow.maxInFlight=1`;
const policies = [
  ['latest', 'latest'],
  ['dropOldest 4', 'dropOldest&flow.capacity=4'],
  ['dropNewest 4', 'dropNewest&flow.capacity=4'],
  ['skip', 'skip'],
  ['block 4', 'block&flow.capacity=4'],
  ['dropOldest 100,000', 'dropOldest&flow.capacity=100000'],
] as const;

export const overload: BenchEntry = {
  about:
    'arrivals at 2x capacity, every policy: latest waits <= S + 2 ms; 10x for a minute: memory, and back to normal',
  run: () =>
    withBench(
      { replace: settledProbe },
      async (bench) => {
        const each: { name: string; judged: Judged; exact: boolean }[] = [];
        for (const [name, policy] of policies) {
          const span = name === 'latest' ? seconds : otherSeconds;
          const { rows, counts, exact } = await record(bench, `${station(2 * perS)}&flow.policy=${policy}`, span);
          each.push({ name, exact, judged: judge(rows, counts) });
        }
        const floods: { name: string; flood: Flood }[] = [];
        for (const [name, policy] of [policies[0], ['dropOldest 64', 'dropOldest&flow.capacity=64']] as const)
          floods.push({ name, flood: await flooded(bench, `${station(nominalPerS)}&flow.policy=${policy}`) });

        const [latest] = each;
        if (latest === undefined) throw new Error('No policy was run.');
        const { judged } = latest;
        const drift = Math.abs(judged.slope.slope) <= judged.slope.half || Math.abs(judged.slope.slope * seconds) < 1;
        const exact = each.every((one) => one.exact) && floods.every(({ flood }) => flood.exact);
        const recovers = floods.every(
          ({ flood }) => flood.growthMB < growthLimitMB && flood.recoveredS <= recoveryLimitS,
        );
        return {
          table: [
            [
              '2x capacity',
              'completed/s',
              'refused or dropped',
              'waited <= S + 2 ms',
              'queueing ms',
              'largest',
              'idle',
              'ms/s',
            ],
            ...each.map(({ name, judged: of }) => [
              name,
              of.completedPerS,
              of.dropped,
              of.share.value,
              of.meanQueueing,
              of.largest,
              of.idle,
              of.slope.slope,
            ]),
            ['limit, latest', '', '', '>= 0.995', '', '', '<= 0.03', 'none'],
            ['', '', '', '', '', '', '', ''],
            ['10x for 60 s', 'offered', 'growth MB', 'p95 before, ms', 'during', 'back after s', '', ''],
            ...floods.map(({ name, flood }) => [
              name,
              flood.offered,
              flood.growthMB,
              flood.beforeMs,
              flood.duringMs,
              flood.recoveredS,
              '',
              '',
            ]),
            ['limit', '', `< ${growthLimitMB}`, '', '', `<= ${recoveryLimitS}`, '', ''],
          ],
          figure: {
            value: judged.share.value,
            low: judged.share.low,
            high: judged.share.high,
            unit: 'share',
            pass: judged.share.value >= 0.995 && judged.idle <= 0.03 && drift && exact && recovers,
          },
          details: {
            exactCounts: exact,
            policies: Object.fromEntries(each.map(({ name, judged: of }) => [name, of])),
            tenfold: Object.fromEntries(floods.map(({ name, flood }) => [name, flood])),
            browser: bench.version,
          },
        };
      },
      [eagerMeasure],
    ),
};

async function record(
  bench: Bench,
  hash: string,
  span: number,
): Promise<{ rows: readonly Row[]; counts: Counts; exact: boolean }> {
  const page = await bench.openStation(hash);
  await page.until('results', (now) => now.counts.completed > 0, 60_000);
  await page.page.waitForTimeout(warmMs);
  const rows = await settledDuring(page, () => page.page.waitForTimeout(span * 1000));
  const { counts } = await page.snapshot();
  const exact = await stopsExactly(page);
  await page.page.context().close();
  return { rows, counts, exact };
}

async function stopsExactly(page: Station): Promise<boolean> {
  await page.page.evaluate(() => window.weir.stop());
  const end = await page.until('all settled', (now) => now.counts.inFlight === 0 && now.counts.queued === 0, 30_000);
  expectConserved(end);
  return page.complaints.length === 0;
}

interface Judged {
  readonly completedPerS: number;
  /** Share of the offered that was not served. */
  readonly dropped: number;
  readonly share: { readonly value: number; readonly low: number; readonly high: number };
  readonly meanQueueing: number;
  readonly largest: number;
  readonly idle: number;
  /** Of the queueing delay over time, ms per s. */
  readonly slope: { readonly slope: number; readonly half: number };
}

function judge(rows: readonly Row[], { offered, refused, dropped }: Counts): Judged {
  const done = completed(rows);
  if (done.length < 100) throw new Error(`Only ${done.length} frames were completed: not sound.`);
  const queueing = done.map((row) => row.dequeued - row.enqueued);
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
    completedPerS: (done.length - 1) / (wall / 1000),
    // What was refused is told as `newest` too.
    dropped: (refused - dropped.newest + Object.values(dropped).reduce((sum, count) => sum + count, 0)) / offered,
    share: shareInterval(hits, done.length - 1),
    meanQueueing: mean(queueing),
    largest: Math.max(...queueing),
    idle: 1 - busy / wall,
    slope: slope(done.map((row) => [row.dequeued / 1000, row.dequeued - row.enqueued])),
  };
}

const completed = (rows: readonly Row[]) =>
  rows.filter(({ outcome }) => outcome === 'completed').sort((a, b) => a.began - b.began);

interface Flood {
  /** Over the minute. */
  readonly offered: number;
  readonly growthMB: number;
  /** p95 of the response time, ms. */
  readonly beforeMs: number;
  readonly duringMs: number;
  /** Whole seconds after which each second's p95 was as before. */
  readonly recoveredS: number;
  readonly exact: boolean;
}

/** Half the capacity, ten times the capacity for a minute, half again. */
async function flooded(bench: Bench, hash: string): Promise<Flood> {
  const page = await bench.openStation(hash);
  await page.until('results', (now) => now.counts.completed > 0, 60_000);
  await page.page.waitForTimeout(warmMs);
  const before = await settledDuring(page, () => page.page.waitForTimeout(10_000));
  const heapBefore = await heapMB(page);
  const { counts: first } = await page.snapshot();
  await page.configure({ source: { ratePerS: 10 * perS } });
  // Rows of the probe are no part of what the station holds: only the last seconds of the minute are recorded.
  await page.page.waitForTimeout((minuteS - 5) * 1000);
  const heapAfter = await heapMB(page);
  const during = await settledDuring(page, () => page.page.waitForTimeout(5000));
  const { counts: last } = await page.snapshot();
  const after = await settledDuring(page, async () => {
    await page.configure({ source: { ratePerS: nominalPerS } });
    await page.page.waitForTimeout(12_000);
  });
  const exact = await stopsExactly(page);
  await page.page.context().close();

  const beforeMs = p95(before);
  // The p95 of one second at half the capacity is nearly its largest value, which trembles by some ms.
  const asBefore = (ms: number) => ms <= beforeMs * 1.25 + 2;
  const from = Math.min(...after.map(({ settled }) => settled));
  let recoveredS = 0;
  for (let second = 0; second < 11; second++) {
    const rows = after.filter(({ settled }) => Math.floor((settled - from) / 1000) === second);
    if (!asBefore(p95(rows))) recoveredS = second + 1;
  }
  return {
    offered: last.offered - first.offered,
    growthMB: heapAfter - heapBefore,
    beforeMs,
    duringMs: p95(during),
    recoveredS,
    exact,
  };
}

function p95(rows: readonly Row[]): number {
  const sorted = completed(rows)
    .map(({ scheduled, decoded }) => decoded - scheduled)
    .sort((a, b) => a - b);
  return sorted[Math.ceil(0.95 * sorted.length) - 1] ?? Infinity;
}
