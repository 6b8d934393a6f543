/** Rates: completed and what left stand on each other and reach the line of what was offered. */
import type uPlot from 'uplot';
import { dropCauses } from '../../core/outcome.ts';
import type { SecondSlice } from '../../core/telemetry.ts';
import { count, one } from '../format.ts';
import { Panel } from '../parts/Panel.tsx';
import { useStation, useStationContext } from '../StationContext.ts';
import { colour } from '../theme.ts';
import { useView } from '../view.ts';
import { Chart } from './Chart.tsx';
import { calmScale } from './scale.ts';
import css from './charts.module.css';

function droppedIn(second: SecondSlice): number {
  return dropCauses.reduce((sum, cause) => sum + second.dropped[cause], 0);
}

const line = (token: string, width: number) => ({
  scale: 'y',
  stroke: () => colour(token),
  width,
  points: { show: false },
});
const fill = (token: string, share: number) => () => colour(token).replace('rgb(', 'rgba(').replace(')', `, ${share})`);

const options = {
  top: 6,
  timeLabels: () => false,
  // Each outcome is the band between two sums.
  series: [
    { ...line('--completed', 1.5), fill: fill('--completed', 0.28) },
    { ...line('--dropped', 0), stroke: () => 'transparent' },
    { ...line('--failed', 0), stroke: () => 'transparent' },
    line('--offered', 1.75),
  ] satisfies uPlot.Series[],
  bands: [
    { series: [2, 1], fill: fill('--dropped', 0.22) },
    { series: [3, 2], fill: fill('--failed', 0.28) },
  ] satisfies uPlot.Band[],
  data(seconds: readonly SecondSlice[]) {
    const completed = seconds.map((second) => second.completed);
    const withDropped = seconds.map((second) => second.completed + droppedIn(second));
    const withFailed = seconds.map((second) => second.completed + droppedIn(second) + second.failed);
    return [completed, withDropped, withFailed, seconds.map((second) => second.offered)];
  },
  scale(seconds: readonly SecondSlice[], last: ReturnType<typeof calmScale> | undefined) {
    const top = Math.max(1, ...seconds.map((second) => Math.max(second.offered, second.completed)));
    const scale = calmScale(last, 0, seconds.length === 0 ? 80 : top * 1.05);
    // The panel is low: first, middle and last label are enough.
    if (scale.splits.length < 5) return scale;
    return {
      ...scale,
      splits: scale.splits.filter((_, i) => i % 2 === 0),
    };
  },
  label: (value: number) => count(value),
};

export function RatesChart() {
  return (
    <Panel name="rates" title="Rates" unit="frames/s" className={css['rates']} head={<Head />}>
      <Chart
        options={options}
        empty=""
        table={{
          caption: 'Rates, frames per second',
          columns: ['offered', 'completed', 'dropped', 'failed'],
          row: (second) => [
            count(second.offered),
            count(second.completed),
            count(droppedIn(second)),
            count(second.failed),
          ],
        }}
      />
    </Panel>
  );
}

function Head() {
  const { store } = useStationContext();
  const { offered, completed, dropped } = useStation((state) => state.snapshot.ratesPerS);
  const failed = useStation((state) => state.live?.failedPerS ?? 0);
  const none = useStation((state) => state.snapshot.counts.offered === 0);
  const cursorAt = useView((values) => values.cursorAt);
  const at =
    cursorAt === undefined ? undefined : store.getState().timeline.seconds.find((second) => second.at === cursorAt);
  if (none) return undefined;
  return (
    <>
      <Legend name="offered" token="--offered" value={at?.offered ?? offered} />
      <Legend name="completed" token="--completed" value={at?.completed ?? completed} />
      <Legend name="dropped" token="--dropped" value={at === undefined ? dropped : droppedIn(at)} />
      {(failed > 0.005 || (at?.failed ?? 0) > 0) && (
        <Legend name="failed" token="--failed" value={at?.failed ?? failed} />
      )}
    </>
  );
}

function Legend({ name, token, value }: { readonly name: string; readonly token: string; readonly value: number }) {
  return (
    <span className={css['legend']}>
      <i style={{ background: `var(${token})` }} />
      {name}
      <b>{one(value)}</b>
    </span>
  );
}
