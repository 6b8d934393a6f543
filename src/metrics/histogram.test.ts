/** The histogram against `hdr-histogram-js` as oracle: same cells, same percentiles; and merges and codings lose nothing. */
import fc from 'fast-check';
import { build } from 'hdr-histogram-js';
import { describe, expect, test } from 'vitest';
import { cellEndMs, cellOf, cellStartUs, Histogram, histogramLength } from './histogram.ts';
import { CellList } from './sparse.ts';

const microseconds = fc.oneof(fc.integer({ min: 1, max: 60_000_000 }), fc.integer({ min: 1, max: 5000 }));
const durations = fc.array(
  microseconds.map((us) => us / 1000),
  { minLength: 1, maxLength: 300 },
);

const oracle = () =>
  build({ lowestDiscernibleValue: 1, highestTrackableValue: 60_000_000, numberOfSignificantValueDigits: 3 });

function filled(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const ms of values) histogram.record(ms);
  return histogram;
}

describe('against the oracle', () => {
  test('every duration falls into the same cell, between the same bounds', () => {
    const hdr = oracle();
    const layout = hdr as unknown as {
      countsArrayIndex(us: number): number;
      highestEquivalentValue(us: number): number;
      lowestEquivalentValue(us: number): number;
    };
    fc.assert(
      fc.property(microseconds, (us) => {
        const cell = cellOf(us / 1000);
        expect(cell).toBe(layout.countsArrayIndex(us));
        expect(cellStartUs(cell)).toBe(layout.lowestEquivalentValue(us));
        expect(cellEndMs(cell) * 1000).toBeCloseTo(layout.highestEquivalentValue(us), 6);
      }),
      { numRuns: 2000 },
    );
  });

  test('percentiles, count and mean agree', () => {
    fc.assert(
      fc.property(durations, (values) => {
        const histogram = filled(values);
        const hdr = oracle();
        for (const ms of values) hdr.recordValue(Math.round(ms * 1000));
        expect(histogram.count).toBe(hdr.totalCount);
        for (const q of [0.5, 0.9, 0.95, 0.99, 0.999, 1])
          expect(histogram.percentile(q)).toBeCloseTo(hdr.getValueAtPercentile(q * 100) / 1000, 9);
        // The oracle takes the middle of a cell to be a little higher than we do.
        expect(Math.abs(histogram.mean() / (hdr.mean / 1000) - 1)).toBeLessThan(0.001);
      }),
    );
  });
});

test('three significant digits over the whole range', () => {
  fc.assert(
    fc.property(microseconds, (us) => {
      const histogram = filled([us / 1000]);
      expect(Math.abs(histogram.percentile(0.5) * 1000 - us)).toBeLessThanOrEqual(Math.max(0.001, us * 0.001));
    }),
  );
});

test('the edges: below zero is zero, above 60 s is 60 s, empty is zero', () => {
  expect([cellOf(-1), cellOf(0), cellOf(0.0004)]).toEqual([0, 0, 0]);
  expect(cellOf(1e9)).toBe(cellOf(60_000));
  expect(cellOf(60_000)).toBeLessThan(histogramLength);
  const empty = new Histogram();
  expect([empty.percentile(0.5), empty.mean(), empty.max(), empty.count]).toEqual([0, 0, 0, 0]);
});

describe('nothing is lost', () => {
  test('merged, or coded and decoded, is the same as recorded together', () => {
    fc.assert(
      fc.property(durations, durations, (a, b) => {
        const together = filled([...a, ...b]);
        const merged = filled(a);
        merged.merge(filled(b));
        expect(merged.encode()).toEqual(together.encode());
        const decoded = filled(a);
        decoded.addSparse(filled(b).encode());
        expect(decoded.encode()).toEqual(together.encode());
        decoded.addSparse(filled(b).encode(), -1);
        expect(decoded.encode()).toEqual(filled(a).encode());
        expect([merged.count, decoded.count]).toEqual([a.length + b.length, a.length]);
        merged.reset();
        expect(merged.encode().n).toBe(0);
      }),
      { numRuns: 50 },
    );
  });

  test('a list of cells becomes the same sparse histogram', () => {
    fc.assert(
      fc.property(durations, (values) => {
        const list = new CellList();
        for (const ms of values) list.push(cellOf(ms));
        expect(list.take()).toEqual(filled(values).encode());
        expect(list.take().n).toBe(0);
      }),
      { numRuns: 50 },
    );
  });
});
