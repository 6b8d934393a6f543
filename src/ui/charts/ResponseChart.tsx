/** Response time: where the frames of each second lie, and the percentiles over them. */
import type uPlot from 'uplot';
import type { SecondSlice } from '../../core/telemetry.ts';
import type { StationStore } from '../../store/station.ts';
import { count, one } from '../format.ts';
import { Panel, Tile } from '../parts/Panel.tsx';
import { useStation, useStationContext } from '../StationContext.ts';
import { colour } from '../theme.ts';
import { useView } from '../view.ts';
import { drawBreaches } from './breaches.ts';
import { Chart } from './Chart.tsx';
import { calmScale, spreadLabels } from './scale.ts';
import { lineAcross, textAt } from './timeChart.ts';
import { useState } from 'react';
import css from './charts.module.css';

/** Without a neighbour to measure by, a cell is 2 ms high. */
const cellMsHigh = 2;
const heatTokens = ['--heat-1', '--heat-2', '--heat-3', '--heat-4'] as const;

export function ResponseChart() {
  const { store } = useStationContext();
  const [options] = useState(() => responseOptions(store));
  return (
    <Panel
      name="response"
      title="Response time"
      shortTitle="Response"
      unit="ms"
      className={css['response']}
      legend={<HeatKey />}
      head={<Head />}
    >
      <Chart
        options={options}
        empty="Starts with the first frame"
        table={{
          caption: 'Response time, ms',
          columns: ['p50', 'p95', 'p99', 'completed'],
          row: (second) => [ms(second.p50), ms(second.p95), ms(second.p99), count(second.completed)],
        }}
      />
    </Panel>
  );
}

function Head() {
  const { store } = useStationContext();
  const whole = useStation((state) => state.snapshot.latencyMs.response);
  const cursorAt = useView((values) => values.cursorAt);
  const at =
    cursorAt === undefined ? undefined : store.getState().timeline.seconds.find((second) => second.at === cursorAt);
  const none = whole.n === 0;
  const value = (number: number) => (none ? '–' : one(number));
  return (
    <>
      <span className={css['tiles']}>
        {at === undefined ? (
          <>
            <Tile name="p50" value={value(whole.p50)} weak={!none && !whole.valid.p50} width={4} />
            <Tile name="p95" value={value(whole.p95)} weak={!none && !whole.valid.p95} width={4} />
            <Tile name="p99" value={value(whole.p99)} weak={!none && !whole.valid.p99} width={4} />
            <span className={css['wide']}>
              <Tile name="max" value={value(whole.max)} width={4} />
            </span>
            {!none && (
              <span className={css['wide']}>
                <Tile name="n" value={count(whole.n)} width={5} />
              </span>
            )}
          </>
        ) : (
          <>
            <Tile name="p50" value={ms(at.p50)} width={4} />
            <Tile name="p95" value={ms(at.p95)} width={4} />
            <Tile name="p99" value={ms(at.p99)} width={4} />
            <span className={css['wide']}>
              <Tile name="max" value={ms(at.cellMs.at(-1))} width={4} />
            </span>
            <span className={css['wide']}>
              <Tile name="n" value={count(at.completed)} width={5} />
            </span>
          </>
        )}
      </span>
    </>
  );
}

function HeatKey() {
  const { store } = useStationContext();
  const version = useStation((state) => state.timeline.version);
  const windowS = useStation((state) => state.settings.windowS);
  void version;
  const largest = largestCell(store.getState().timeline.seconds.slice(-windowS));
  if (largest === 0) return undefined;
  return (
    <span className={css['key']} title="frames per cell">
      <i />
      {largest <= 1 ? '1' : `1–${count(largest)}`}
    </span>
  );
}

function ms(value: number | undefined): string {
  return value === undefined ? '–' : one(value);
}

function largestCell(seconds: readonly SecondSlice[]): number {
  let largest = 0;
  for (const { cellCount } of seconds) for (const frames of cellCount) largest = Math.max(largest, frames);
  return largest;
}

function responseOptions(store: StationStore) {
  const deadline = () => store.getState().settings.flow.deadlineMs;
  const ink = () => colour('--ink-1');
  const halo = () => colour('--bg-panel');
  const lines = [{ width: 1.25, dash: [4, 2.5] }, { width: 1.25 }, { width: 2 }];
  return {
    top: 8,
    bottom: 12,
    timeLabels: (phone: boolean) => phone,
    series: [
      ...lines.map(({ width }) => ({ scale: 'y', stroke: halo, width: width + 4, points: { show: false } })),
      ...lines.map((line) => ({ scale: 'y', stroke: ink, ...line, points: { show: false } })),
    ] satisfies uPlot.Series[],
    data(seconds: readonly SecondSlice[]) {
      const columns = [
        seconds.map((second) => second.p99),
        seconds.map((second) => second.p95),
        seconds.map((second) => second.p50),
      ];
      // uPlot bridges `undefined` and breaks at `null`: gaps stay gaps.
      const broken = columns.map((column) => column.map((value) => value ?? null));
      return [...broken, ...broken];
    },
    scale(seconds: readonly SecondSlice[], last: ReturnType<typeof calmScale> | undefined) {
      const { low, high } = extent(seconds);
      if (high === 0) return calmScale(undefined, 20, 100);
      const limit = deadline();
      // A deadline far off would squeeze everything else into a strip.
      const top = limit !== null && limit < high * 2.5 ? Math.max(high, limit * 1.05) : high;
      return calmScale(last, top - low < low * 0.2 ? low * 0.8 : low, top);
    },
    label: (value: number) =>
      count(value) === String(value)
        ? String(value)
        : value % 1 === 0
          ? count(value)
          : String(Number(value.toPrecision(3))),
    drawBelow: drawHeat,
    drawAbove(plot: uPlot, seconds: readonly SecondSlice[], phone: boolean) {
      const limit = deadline();
      const ratio = devicePixelRatio;
      const { bbox } = plot;
      if (limit !== null && limit <= (plot.scales['y']?.max ?? 0)) {
        const y = plot.valToPos(limit, 'y', true);
        lineAcross(plot, y, [1.5, 2.5], colour('--ink-3'));
        textAt(plot, `deadline ${limit}`, bbox.left + 8 * ratio, y - 9 * ratio, colour('--ink-2'));
      }
      if (limit !== null) drawBreaches(plot, seconds, store.getState().settings.flow.maxMissRatio);
      drawEvents(plot, store);
      const newest = seconds.findLast((second) => second.p50 !== undefined);
      if (newest !== undefined) drawEndLabels(plot, newest, phone);
    },
  };
}

/** From the lowest to the highest cell that matters: a lone late frame may leave the chart, its time is in the head. */
function extent(seconds: readonly SecondSlice[]): { low: number; high: number } {
  let low = Infinity;
  let most = 0;
  let percentile = 0;
  for (const { cellMs, p99, p95 } of seconds) {
    if (cellMs.length > 0) {
      low = Math.min(low, cellMs[0] ?? low);
      most = Math.max(most, (cellMs.at(-1) ?? 0) + cellMsHigh);
    }
    percentile = Math.max(percentile, p99 ?? p95 ?? 0);
  }
  if (!Number.isFinite(low)) return { low: 0, high: percentile };
  return { low, high: percentile === 0 ? most : Math.min(most, Math.max(percentile * 2, low * 2.5)) };
}

function drawHeat(plot: uPlot, seconds: readonly SecondSlice[]): void {
  const largest = largestCell(seconds);
  if (largest === 0) return;
  const { ctx, bbox } = plot;
  const fills = heatTokens.map(colour);
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  // One path per shade: setting a colour for every cell costs more than filling it.
  fills.forEach((fill, shade) => {
    ctx.beginPath();
    for (const { at, cellMs, cellCount } of seconds) {
      const left = Math.round(plot.valToPos(at, 'x', true));
      const width = Math.max(1, Math.round(plot.valToPos(at + 1000, 'x', true)) - left);
      for (let i = 0; i < cellMs.length; i++) {
        const share = ((cellCount[i] ?? 0) / largest) ** 0.75;
        if (Math.min(3, Math.floor(share * 4)) !== shade) continue;
        const from = cellMs[i] ?? 0;
        const bottom = Math.round(plot.valToPos(from, 'y', true));
        const top = Math.round(plot.valToPos(from + Math.max(cellMsHigh, from * 0.01), 'y', true));
        ctx.rect(left, top, width, Math.max(2, bottom - top));
      }
    }
    ctx.fillStyle = fill;
    ctx.fill();
  });
  ctx.restore();
}

/** Marks of the run: dashed verticals with at most four words. The newest get their words first; without room there is only the line. */
function drawEvents(plot: uPlot, store: StationStore): void {
  const { events } = store.getState().timeline;
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  const taken: { from: number; to: number }[][] = [[], []];
  for (const { at, text } of events.toReversed()) {
    const x = plot.valToPos(at, 'x', true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.save();
    ctx.beginPath();
    ctx.strokeStyle = colour('--ink-3');
    ctx.lineWidth = ratio;
    ctx.setLineDash([3 * ratio, 3 * ratio]);
    ctx.moveTo(Math.round(x) + 0.5, bbox.top);
    ctx.lineTo(Math.round(x) + 0.5, bbox.top + bbox.height);
    ctx.stroke();
    ctx.restore();
    const words = text.split(' ').slice(0, 4).join(' ').slice(0, 40);
    const width = words.length * 6 * ratio;
    const toLeft = x + width > bbox.left + bbox.width;
    const span = { from: x - (toLeft ? width : 0), to: x + (toLeft ? 0 : width) + 6 * ratio };
    const row = taken.findIndex((spans) => spans.every((other) => span.to <= other.from || span.from >= other.to));
    if (row < 0) continue;
    taken[row]?.push(span);
    textAt(
      plot,
      words,
      x + (toLeft ? -6 : 6) * ratio,
      bbox.top + (8 + row * 13) * ratio,
      colour('--ink-2'),
      toLeft ? 'right' : 'left',
    );
  }
}

function drawEndLabels(plot: uPlot, second: SecondSlice, phone: boolean): void {
  const ratio = devicePixelRatio;
  const { ctx, bbox } = plot;
  const named = [
    { name: 'p99', value: second.p99 },
    { name: 'p95', value: second.p95 },
    { name: 'p50', value: second.p50 },
  ].flatMap(({ name, value }) =>
    value === undefined || value > (plot.scales['y']?.max ?? 0) ? [] : [{ name, value }],
  );
  const ys = named.map(({ value }) => plot.valToPos(value, 'y', true));
  const placed = spreadLabels(ys, 14 * ratio, bbox.top + 6 * ratio, bbox.top + bbox.height - 6 * ratio);
  const x = bbox.left + bbox.width;
  named.forEach(({ name, value }, i) => {
    const y = placed[i] ?? 0;
    ctx.save();
    ctx.beginPath();
    ctx.strokeStyle = colour('--ink-3');
    ctx.lineWidth = ratio;
    ctx.moveTo(x + 2 * ratio, ys[i] ?? 0);
    ctx.lineTo(x + 9 * ratio, y);
    ctx.stroke();
    ctx.restore();
    textAt(plot, name, x + 12 * ratio, y, colour('--ink-3'));
    if (!phone) textAt(plot, value.toFixed(value < 10 ? 1 : 0), x + 66 * ratio, y, colour('--ink-1'), 'right', '600');
  });
}
