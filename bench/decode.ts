/** Decoding alone on one core: a YOLOv8 head with a hundred candidates, a segmentation of 21 classes; and whether it leaves memory behind. */
import { buildBare } from './bare/build.ts';
import type { DecodeCase } from './bare/decoding.ts';
import type { Bare } from './bare/main.ts';
import { withBench } from './browser.ts';
import type { BenchEntry } from './result.ts';
import { mean, slope } from './statistics.ts';

const most: Readonly<Record<DecodeCase, number>> = { yolov8: 3, segmentation: 5 };
const cases = ['yolov8', 'segmentation'] as const;
const rounds = 12;
const windowMs = 500;
const warmMs = 2000;
/** Kept bytes a decode that count as none: a slope of a heap is never exactly 0. */
const mostBytes = 64;

export const decode: BenchEntry = {
  about: 'decoding [84, 8400] with 100 candidates, ms on one core, <= 3; segmentation 257x257x21 <= 5; nothing kept',
  async run() {
    return withBench({ roots: [await buildBare()] }, async (bench) => {
      const page = await bench.openPage('/bare.html');
      await page.waitForFunction(() => 'bare' in window);
      const session = await page.context().newCDPSession(page);
      const decodeFor = (name: DecodeCase, ms: number) =>
        page.evaluate(([n, t]) => (window as never as { bare: Bare }).bare.decode(n, t), [name, ms] as const);
      const heap = async () => {
        await session.send('HeapProfiler.collectGarbage');
        return (await session.send('Runtime.getHeapUsage')).usedSize;
      };
      for (const name of cases) await decodeFor(name, warmMs);
      const times: Record<DecodeCase, number[]> = { yolov8: [], segmentation: [] };
      const found: Record<DecodeCase, number> = { yolov8: 0, segmentation: 0 };
      const kept: [decodes: number, bytes: number][] = [];
      let decodes = 0;
      for (let round = 0; round < rounds; round++) {
        for (const name of round % 2 === 0 ? cases : cases.toReversed()) {
          const result = await decodeFor(name, windowMs);
          times[name].push(result.msEach);
          found[name] = result.found;
          decodes += result.count;
        }
        kept.push([decodes, await heap()]);
      }
      const { slope: bytesEach, half } = slope(kept);
      const rows = cases.map((name) => {
        const sorted = times[name].toSorted((a, b) => a - b);
        return { name, ms: mean(sorted), low: sorted[0] ?? NaN, high: sorted.at(-1) ?? NaN, found: found[name] };
      });
      const [head] = rows;
      if (head === undefined || rows.some((row) => row.found === 0)) throw new Error('Nothing was found: not sound.');
      const keepsNothing = bytesEach - half <= mostBytes;
      return {
        table: [
          ['decoder', 'ms', 'least', 'most', 'limit', 'found'],
          ...rows.map(({ name, ms, low, high, found: items }) => [name, ms, low, high, most[name], items]),
          ['kept, bytes a decode', bytesEach, bytesEach - half, bytesEach + half, mostBytes, ''],
        ],
        figure: {
          value: head.ms,
          low: head.low,
          high: head.high,
          unit: 'ms',
          pass: keepsNothing && rows.every(({ name, ms }) => ms <= most[name]),
        },
        details: { rows, decodes, bytesEach, bytesHalf: half, browser: bench.version },
      };
    });
  },
};
