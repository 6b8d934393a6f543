/** Queue and engine: how many wait and how many are in flight, each under its limit. */
import { useState } from 'react';
import type uPlot from 'uplot';
import type { SecondSlice } from '../../core/telemetry.ts';
import { count, percent } from '../format.ts';
import { Panel } from '../parts/Panel.tsx';
import { useStation, useStationContext } from '../StationContext.ts';
import { colour } from '../theme.ts';
import { useView } from '../view.ts';
import { Chart } from './Chart.tsx';
import { textAt } from './timeChart.ts';
import css from './charts.module.css';

export function QueueChart() {
  const { store } = useStationContext();
  const [queued] = useState(() =>
    levelOptions(
      'queued',
      (second) => second.queuedMean,
      (second) => second.queueLimit,
      () => store.getState().live?.queueLimit,
      false,
    ),
  );
  const [inFlight] = useState(() =>
    levelOptions(
      'in flight',
      (second) => second.inFlightMean,
      (second) => second.inFlightLimit,
      () => store.getState().live?.inFlightLimit,
      true,
    ),
  );
  return (
    <Panel name="queue" title="Queue" unit="frames, mean per second" className={css['queue']} head={<Head />}>
      <Chart
        options={queued}
        table={{
          caption: 'Queued frames',
          columns: ['queued', 'share at the limit'],
          row: (second) => [second.queuedMean.toFixed(2), percent(second.atLimit)],
        }}
      />
      <Chart
        options={inFlight}
        table={{
          caption: 'Frames in flight',
          columns: ['in flight'],
          row: (second) => [second.inFlightMean.toFixed(2)],
        }}
      />
    </Panel>
  );
}

function Head() {
  const { store } = useStationContext();
  const version = useStation((state) => state.timeline.version);
  const windowS = useStation((state) => state.settings.windowS);
  const limit = useStation((state) => state.live?.queueLimit);
  const cursorAt = useView((values) => values.cursorAt);
  void version;
  const { seconds } = store.getState().timeline;
  const at = cursorAt === undefined ? undefined : seconds.find((second) => second.at === cursorAt);
  const window = seconds.slice(-windowS);
  if (window.length === 0) return undefined;
  if (limit === 0) return <span className={css['atLimit']}>no queue</span>;
  const share = at?.atLimit ?? window.reduce((sum, second) => sum + second.atLimit, 0) / window.length;
  return (
    <span className={css['atLimit']}>
      at its limit <b>{percent(share)}</b> of the time
    </span>
  );
}

function levelOptions(
  name: string,
  value: (second: SecondSlice) => number,
  limitOf: (second: SecondSlice) => number,
  limit: () => number | undefined,
  timeLabels: boolean,
) {
  /** A limit far above what stands there would flatten the level: then it is only named. */
  const reaches = (most: number, top: number | undefined) =>
    top !== undefined && top > 0 && top <= Math.max(4, most * 5);
  return {
    top: 6,
    timeLabels: () => timeLabels,
    series: [
      {
        scale: 'y',
        stroke: () => colour('--queued'),
        fill: () => colour('--queued').replace('rgb(', 'rgba(').replace(')', ', 0.28)'),
        width: 1.5,
        points: { show: false },
      },
    ] satisfies uPlot.Series[],
    data: (seconds: readonly SecondSlice[]) => [seconds.map(value)],
    scale(seconds: readonly SecondSlice[]) {
      const most = Math.max(0, ...seconds.map(value));
      const top = limit();
      const shown = reaches(most, top) ? (top ?? 1) : Math.max(1, Math.ceil(most));
      return { min: 0, max: Math.max(shown, most) * 1.08, splits: [shown] };
    },
    label: (number: number) => count(number),
    drawAbove(plot: uPlot, seconds: readonly SecondSlice[], phone: boolean) {
      const top = limit();
      const ratio = devicePixelRatio;
      const x = plot.bbox.left + plot.bbox.width + (phone ? 3 : 12) * ratio;
      textAt(plot, name, x, plot.bbox.top + plot.bbox.height - 6 * ratio, colour('--ink-3'));
      if (top === undefined || top === 0) return;
      const y = plot.valToPos(top, 'y', true);
      const inside = y >= plot.bbox.top - 2;
      if (inside) limitLine(plot, seconds, limitOf, top);
      textAt(plot, `limit ${count(top)}`, x, inside ? y : plot.bbox.top, colour('--ink-2'));
    },
  };
}

/** A limit that moves, as an adaptive one does, moves in the chart; before the first second and after the last it is as now. */
function limitLine(
  plot: uPlot,
  seconds: readonly SecondSlice[],
  limitOf: (second: SecondSlice) => number,
  now: number,
): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  const y = (limit: number) => Math.round(plot.valToPos(limit, 'y', true)) + 0.5;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top - 2, bbox.width, bbox.height + 4);
  ctx.clip();
  ctx.beginPath();
  ctx.strokeStyle = colour('--ink-1');
  ctx.lineWidth = ratio;
  ctx.setLineDash([5 * ratio, 3 * ratio]);
  const [first] = seconds;
  ctx.moveTo(bbox.left, y(first === undefined ? now : limitOf(first)));
  for (const second of seconds) {
    ctx.lineTo(plot.valToPos(second.at, 'x', true), y(limitOf(second)));
    ctx.lineTo(plot.valToPos(second.at + 1000, 'x', true), y(limitOf(second)));
  }
  ctx.lineTo(bbox.left + bbox.width, y(now));
  ctx.stroke();
  ctx.restore();
}
