/** How many jobs wait at the broker, as it tells it once a second. */
import { useState } from 'react';
import type uPlot from 'uplot';
import type { SecondSlice } from '../../core/telemetry.ts';
import type { StationStore } from '../../store/station.ts';
import { calmScale } from '../charts/scale.ts';
import { Chart } from '../charts/Chart.tsx';
import { count } from '../format.ts';
import { Panel } from '../parts/Panel.tsx';
import { useStationContext } from '../StationContext.ts';
import { colour } from '../theme.ts';
import { useWork } from './useWork.ts';
import css from './queue.module.css';

export function DepthChart() {
  const { store } = useStationContext();
  const work = useWork();
  const [options] = useState(() => optionsOf(store));
  const isTold = work?.kind !== 'rabbitmq';
  const ready = work?.look?.ready;
  return (
    <Panel
      name="depth"
      title="Queue depth"
      unit="jobs ready"
      className={css['depth']}
      head={ready !== undefined && ready !== null && <b>{count(ready)}</b>}
    >
      <Chart
        options={options}
        {...(isTold ? {} : { empty: 'Web STOMP does not tell how deep a queue is.' })}
        table={{
          caption: 'Queue depth',
          columns: ['jobs ready'],
          row: (second) => [count(depthAt(store, second) ?? NaN)],
        }}
      />
    </Panel>
  );
}

function depthAt(store: StationStore, { at }: SecondSlice): number | undefined {
  return store.getState().timeline.depths.get(at);
}

function optionsOf(store: StationStore) {
  return {
    top: 6,
    timeLabels: () => false,
    series: [
      {
        scale: 'y',
        stroke: () => colour('--queued'),
        fill: () => colour('--queued').replace('rgb(', 'rgba(').replace(')', ', 0.28)'),
        width: 1.75,
        points: { show: false },
      },
    ] satisfies uPlot.Series[],
    data: (seconds: readonly SecondSlice[]) => [seconds.map((second) => depthAt(store, second) ?? null)],
    scale(seconds: readonly SecondSlice[], last: ReturnType<typeof calmScale> | undefined) {
      const most = Math.max(0, ...seconds.map((second) => depthAt(store, second) ?? 0));
      return calmScale(last, 0, most === 0 ? 10 : most * 1.05);
    },
    label: (number: number) => count(number),
  };
}
