/** All nodes of the model, searchable; only the rows in sight exist, so that ten thousand scroll like ten. */
import { useMemo, useState } from 'react';
import { capped, count, dims } from '../format.ts';
import { Segmented } from '../parts/Segmented.tsx';
import { inOrder, type NodeRow, type Order, search } from './rows.ts';
import css from './inspector.module.css';

const rowHeight = 28;
/** Rows that are there beyond the edges, so that scrolling shows no gap. */
const spare = 10;
const sight = 480;

export function NodeTable({ rows, timed }: { readonly rows: readonly NodeRow[]; readonly timed: boolean }) {
  const [text, setText] = useState('');
  const [order, setOrder] = useState<Order>('file');
  const [top, setTop] = useState(0);
  const found = useMemo(() => inOrder(search(rows, text), order), [rows, text, order]);
  const first = Math.max(0, Math.min(Math.floor(top / rowHeight) - spare, found.length - 1));
  const shown = found.slice(first, first + Math.ceil(sight / rowHeight) + 2 * spare);
  return (
    <>
      <div className={css['tools']}>
        <input
          type="search"
          aria-label="Find nodes"
          placeholder="Find by operator, name or value"
          autoComplete="off"
          spellCheck={false}
          maxLength={200}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setTop(0);
          }}
        />
        <span data-testid="nodes-found">
          {count(found.length)} of {count(rows.length)}
        </span>
        <Segmented
          label="Order"
          value={order}
          options={[
            { value: 'file', label: 'In order' },
            { value: 'parameters', label: 'Largest' },
            ...(timed ? [{ value: 'time' as const, label: 'Slowest' }] : []),
          ]}
          onChange={setOrder}
        />
      </div>
      <div
        className={css['rows']}
        role="region"
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by the keyboard
        tabIndex={0}
        aria-label="Nodes"
        onScroll={(event) => setTop(event.currentTarget.scrollTop)}
      >
        <table aria-rowcount={found.length + 1}>
          <thead>
            <tr>
              <th scope="col">#</th>
              <th scope="col">Operator</th>
              <th scope="col">Name</th>
              <th scope="col">Output</th>
              <th scope="col">Parameters</th>
              {timed && <th scope="col">ms</th>}
            </tr>
          </thead>
          <tbody>
            <tr aria-hidden style={{ height: first * rowHeight }} />
            {shown.map((row, index) => (
              <tr key={row.at} aria-rowindex={first + index + 2} data-testid="node">
                <td>{row.at}</td>
                <th scope="row">{capped(row.node.op, 40)}</th>
                <td title={capped(row.node.name, 200)}>{nameOf(row)}</td>
                <td>{row.output === undefined ? '–' : `${row.output.type} ${dims(row.output.shape)}`}</td>
                <td data-zero={row.node.parameters === 0 || undefined}>{count(row.node.parameters)}</td>
                {timed && <td>{row.ms === undefined ? '–' : row.ms.toFixed(3)}</td>}
              </tr>
            ))}
            <tr aria-hidden style={{ height: Math.max(0, found.length - first - shown.length) * rowHeight }} />
          </tbody>
        </table>
        {found.length === 0 && <p className={css['note']}>No node has these words.</p>}
      </div>
    </>
  );
}

/** Many exporters leave the name empty; then the value that it writes tells it. */
function nameOf({ node: { name, outputs, within } }: NodeRow): string {
  const own = capped(name === '' ? (outputs[0] ?? '') : name, 80);
  return within.length === 0 ? own : `${capped(within.join(' / '), 40)} / ${own}`;
}
