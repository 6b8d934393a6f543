/** Where the response time goes: the stages one after the other on one axis, so that they add up to the eye. */
import { useRef } from 'react';
import { roundScale } from './charts/scale.ts';
import { one } from './format.ts';
import { Panel, Tile } from './parts/Panel.tsx';
import { useStation } from './StationContext.ts';
import { useWidth } from './useWidth.ts';
import css from './Stages.module.css';

const labelWidth = 96;
const valueWidth = 44;
const rowHeight = 21;

export function Stages() {
  const stages = useStation((state) => state.snapshot.stagesMs);
  const completed = useStation((state) => state.snapshot.counts.completed > 0);
  const deadline = useStation((state) => state.settings.flow.deadlineMs);
  const batches = useStation((state) => state.settings.flow.batch.maxSize > 1);
  const ordered = useStation((state) => state.settings.flow.order === 'arrival');
  const windowS = useStation((state) => state.settings.windowS);
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const rows = [
    ...(stages.late > 0.05 ? [{ name: 'Late', value: stages.late, kind: 'wait' }] : []),
    { name: 'Wait in queue', value: stages.queueing, kind: 'wait' },
    ...(batches ? [{ name: 'Wait for batch', value: stages.batching, kind: 'wait' }] : []),
    { name: 'Transfer', value: stages.transfer, kind: 'work' },
    { name: 'Prepare', value: stages.prepare, kind: 'work' },
    { name: 'Run', value: stages.run, kind: 'work' },
    ...(ordered ? [{ name: 'Wait for order', value: stages.ordering, kind: 'wait' }] : []),
    { name: 'Decode', value: stages.decode, kind: 'work' },
    { name: 'Unattributed', value: stages.unattributed, kind: 'unknown' },
    // After the response, beside the sum.
    { name: 'Present', value: stages.present, kind: 'after' },
  ];
  const sum = rows.reduce((total, row) => (row.kind === 'after' ? total : total + row.value), 0);
  const longest = Math.max(...rows.filter((row) => row.kind !== 'after').map((row) => row.value));
  const near = deadline !== null && deadline < sum * 3 ? deadline : 0;
  const end = completed ? Math.max(sum + stages.present, near * 1.04, 0.5) : 70;
  const scale = roundScale(0, end, 8);
  const plot = Math.max(10, width - labelWidth - valueWidth);
  const x = (ms: number) => labelWidth + (ms / scale.max) * plot;
  const bottom = rows.length * rowHeight + 4;
  let from = 0;
  return (
    <Panel
      name="stages"
      title="Stages"
      unit={completed ? `ms, mean of ${windowS} s` : 'ms'}
      className={css['stages']}
      head={<Tile small name="sum" value={completed ? one(sum) : '–'} width={5} />}
    >
      <div className={css['plot']} ref={frame}>
        {width > 0 && (
          <svg width={width} height={bottom + 20} aria-hidden>
            <defs>
              <pattern id="hatch" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                <rect width="1.5" height="4" fill="var(--ink-3)" />
              </pattern>
            </defs>
            {scale.splits.map((ms, i) => (
              <g key={ms}>
                <line className={css['grid']} x1={x(ms)} x2={x(ms)} y1={0} y2={bottom - 4} />
                <text className={css['axis']} x={x(ms)} y={bottom + 10} textAnchor="middle">
                  {ms}
                  {i === scale.splits.length - 1 && ' ms'}
                </text>
              </g>
            ))}
            {near > 0 && (
              <g>
                <line className={css['deadline']} x1={x(near)} x2={x(near)} y1={0} y2={bottom - 4} />
                <text className={css['limit']} x={x(near) - 6} y={10} textAnchor="end">
                  deadline {near}
                </text>
              </g>
            )}
            {rows.map((row, i) => {
              const start = from;
              from += row.value;
              const y = i * rowHeight;
              const isLongest = completed && row.value === longest && row.kind !== 'wait';
              const barWidth = Math.max(row.value > 0 ? 1.5 : 0, x(start + row.value) - x(start));
              return (
                <g key={row.name}>
                  <text className={css['label']} x={0} y={y + 14}>
                    {row.name}
                  </text>
                  {completed && i > 0 && (
                    <line className={css['step']} x1={x(start) + 0.5} x2={x(start) + 0.5} y1={y - 5} y2={y + 4} />
                  )}
                  {completed && (
                    <rect
                      className={css[row.kind]}
                      data-longest={isLongest || undefined}
                      x={x(start)}
                      y={y + 4}
                      width={barWidth}
                      height={12}
                      rx={barWidth > 4 ? 2 : 0}
                    />
                  )}
                  <text
                    className={css['value']}
                    data-longest={isLongest || undefined}
                    x={width}
                    y={y + 14}
                    textAnchor="end"
                  >
                    {completed ? one(row.value) : '–'}
                  </text>
                </g>
              );
            })}
          </svg>
        )}
      </div>
      {/* A table cannot be made this small itself: Firefox shows its caption all the same. */}
      <div className="hidden">
        <table>
          <caption>Stages, mean ms</caption>
          <tbody>
            {rows.map((row) => (
              <tr key={row.name}>
                <th scope="row">{row.name}</th>
                <td>{one(row.value)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
