/**
 * The page under 1,000 completions a second with all charts live: no long task on its main thread, no React work per
 * frame, and animation frames nearly as often as an empty page beside it gets them under the same load.
 */
import type { Page } from '@playwright/test';
import { withBench } from './browser.ts';
import { mean, ratioInterval } from './statistics.ts';
import type { BenchEntry } from './result.ts';
import { longestTaskMs, traced } from './trace.ts';

const seconds = 12;
const load =
  'engine.provider=simulated&engine.serviceMs=1&engine.sessions=2&source.ratePerS=1000&flow.policy=dropOldest&flow.capacity=100';

export const page: BenchEntry = {
  about:
    'main thread at 1,000 completions/s: longest task <= 50 ms CPU, 0 renders per frame, frames >= 0.9 of an empty page',
  run: () =>
    withBench({}, async (bench) => {
      const station = await bench.openStation();
      await station.page.addInitScript(countCommits);
      await station.page.goto('about:blank');
      await station.open(load);
      const empty = await bench.openPage('/_headers');
      await station.until('the load', (now) => now.counts.completed > 2000, 60_000);
      await station.page.waitForTimeout(3000);

      const loud = await commitsOver(station.page, 5000);
      const {
        result: { rates, completedPerS },
        events,
      } = await traced(bench.browser, station.page, async () => {
        const before = await station.batch();
        const pairs: { ours: number; empty: number }[] = [];
        for (let i = 0; i < seconds / 2; i++) {
          const [ours, theirs] = await Promise.all([framesOver(station.page, 2000), framesOver(empty, 2000)]);
          pairs.push({ ours, empty: theirs });
        }
        const after = await station.batch();
        const completedPerS = ((after.counts.completed - before.counts.completed) / (after.at - before.at)) * 1000;
        return { rates: pairs, completedPerS };
      });
      const longest = longestTaskMs(events, station.origin);

      await station.configure({ source: { ratePerS: 20 } });
      await station.page.waitForTimeout(2000);
      const quiet = await commitsOver(station.page, 5000);
      // What React does at 20 frames a second is its own beat; only what grows with the load is work per frame.
      const rendersPerFrame = Math.max(0, loud - quiet - 2) / (1000 - 20);
      const frames = ratioInterval(rates.map(({ ours, empty: theirs }) => ours / theirs));
      return {
        table: [
          ['measure', 'value', 'limit'],
          ['longest task, ms CPU', longest.cpuMs, '<= 50'],
          ['React commits/s at 1,000/s', loud, ''],
          ['React commits/s at 20/s', quiet, ''],
          ['renders per frame', rendersPerFrame, '0'],
          ['animation frames/s', mean(rates.map(({ ours }) => ours)), ''],
          ['of an empty page', frames.value, '>= 0.9'],
          ['completed/s', completedPerS, '1000'],
        ],
        figure: {
          value: longest.cpuMs,
          low: longest.cpuMs,
          high: longest.cpuMs,
          unit: 'ms',
          pass: longest.cpuMs <= 50 && rendersPerFrame === 0 && frames.value >= 0.9,
        },
        details: {
          longestWallMs: longest.wallMs,
          tasks: longest.tasks,
          rendersPerFrame,
          commitsPerS: { loud, quiet },
          frameRatio: frames,
          completedPerS,
          browser: bench.version,
        },
      };
    }),
};

/** React tells each commit to the hook that its developer tools would install. */
function countCommits(): void {
  const counter = { commits: 0 };
  Object.assign(window, {
    benchCommits: counter,
    __REACT_DEVTOOLS_GLOBAL_HOOK__: {
      supportsFiber: true,
      renderers: new Map(),
      inject: () => 1,
      onCommitFiberRoot: () => {
        counter.commits += 1;
      },
      onCommitFiberUnmount: () => {},
      onPostCommitFiberRoot: () => {},
    },
  });
}

async function commitsOver(page: Page, ms: number): Promise<number> {
  const read = () =>
    page.evaluate(() => (window as never as { benchCommits: { commits: number } }).benchCommits.commits);
  const before = await read();
  await page.waitForTimeout(ms);
  return ((await read()) - before) / (ms / 1000);
}

/** Animation frames a second. */
function framesOver(page: Page, ms: number): Promise<number> {
  return page.evaluate(
    (span) =>
      new Promise<number>((done) => {
        const started = performance.now();
        let frames = 0;
        const tick = () => {
          frames += 1;
          const elapsed = performance.now() - started;
          if (elapsed < span) requestAnimationFrame(tick);
          else done((frames / elapsed) * 1000);
        };
        requestAnimationFrame(tick);
      }),
    ms,
  );
}
