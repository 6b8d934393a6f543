/** How often each operator stands in the model, what it weighs, and what it costs where that was measured. */
import { count } from '../format.ts';
import { operatorRows, type NodeRow } from './rows.ts';
import css from './inspector.module.css';

export function OperatorTable({ rows, timed }: { readonly rows: readonly NodeRow[]; readonly timed: boolean }) {
  const operators = operatorRows(rows);
  const most = Math.max(1, ...operators.map((each) => each.count));
  return (
    <div
      className={css['rows']}
      role="region"
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by the keyboard
      tabIndex={0}
      aria-label="Operators"
    >
      <table className={css['operators']}>
        <thead>
          <tr>
            <th scope="col">Operator</th>
            <th scope="col">
              <span className="hidden">Share</span>
            </th>
            <th scope="col">Nodes</th>
            <th scope="col">Parameters</th>
            {timed && <th scope="col">ms</th>}
          </tr>
        </thead>
        <tbody>
          {operators.map((row) => (
            <tr key={row.op} data-testid="operator">
              <th scope="row">{row.op.slice(0, 60)}</th>
              <td className={css['bar']} aria-hidden>
                <i style={{ width: `${(row.count / most) * 100}%` }} />
              </td>
              <td>{count(row.count)}</td>
              <td data-zero={row.parameters === 0 || undefined}>{count(row.parameters)}</td>
              {timed && <td>{row.ms === undefined ? '–' : row.ms.toFixed(3)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
