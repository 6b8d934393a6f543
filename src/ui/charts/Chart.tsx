/** A time chart's place in the page: the canvas, its sentence while empty, and the same numbers as a hidden table. */
import { useEffect, useRef, useState } from 'react';
import 'uplot/dist/uPlot.min.css';
import type { SecondSlice } from '../../core/telemetry.ts';
import { useStationContext } from '../StationContext.ts';
import { cx } from '../cx.ts';
import { mountTimeChart, type TimeChartOptions } from './timeChart.ts';
import './chart.css';

export interface ChartTable {
  readonly caption: string;
  readonly columns: readonly string[];
  row(second: SecondSlice): readonly string[];
}

const msPerTable = 10_000;
const tableRows = 10;

export function Chart({
  options,
  table,
  empty,
  className,
}: {
  readonly options: Omit<TimeChartOptions, 'store'>;
  readonly table: ChartTable;
  readonly empty?: string;
  readonly className?: string | undefined;
}) {
  const { store } = useStationContext();
  const host = useRef<HTMLDivElement>(null);
  // The options are made once per module; a chart is never rebuilt by a render.
  const [fixed] = useState(options);
  useEffect(() => {
    const element = host.current;
    return element === null ? undefined : mountTimeChart(element, { ...fixed, store });
  }, [fixed, store]);
  return (
    <div className={cx('time-chart', className)}>
      <div ref={host} className="time-plot" data-empty="true" aria-hidden />
      {empty !== undefined && <p className="time-empty">{empty}</p>}
      <HiddenTable table={table} />
    </div>
  );
}

function HiddenTable({ table }: { readonly table: ChartTable }) {
  const { store } = useStationContext();
  const [seconds, setSeconds] = useState<readonly SecondSlice[]>([]);
  useEffect(() => {
    const timer = setInterval(() => setSeconds(store.getState().timeline.seconds.slice(-tableRows)), msPerTable);
    return () => clearInterval(timer);
  }, [store]);
  const last = seconds.at(-1);
  return (
    <div className="hidden">
      <p role="status">
        {last === undefined
          ? ''
          : `${table.caption}: ${table
              .row(last)
              .map((value, i) => `${table.columns[i]} ${value}`)
              .join(', ')}.`}
      </p>
      <table>
        <caption>{table.caption}, newest seconds</caption>
        <thead>
          <tr>
            <th scope="col">second</th>
            {table.columns.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {seconds.map((second, index) => (
            <tr key={second.at}>
              <th scope="row">{index - seconds.length + 1}</th>
              {table.row(second).map((value, i) => (
                <td key={table.columns[i]}>{value}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
