/** Several sources side by side, each with its own exact counts; there only while there are several. */
import type { Counts } from '../core/snapshot.ts';
import { emptyCounts } from '../core/snapshot.ts';
import { dropCauses } from '../core/outcome.ts';
import { count, percent } from './format.ts';
import { Panel } from './parts/Panel.tsx';
import { useSelected } from './selected.ts';
import { useStation } from './StationContext.ts';
import { view } from './view.ts';
import css from './SourcesPanel.module.css';

const none = emptyCounts();

const columns: readonly { readonly name: string; readonly token?: string; of(counts: Counts): number }[] = [
  { name: 'Offered', of: ({ offered }) => offered },
  { name: 'Refused', of: ({ refused }) => refused },
  { name: 'Completed', of: ({ completed }) => completed },
  { name: 'Dropped', of: droppedInside },
  { name: 'Failed', of: ({ failed }) => failed },
  { name: 'Inside', of: ({ queued, inFlight }) => queued + inFlight },
];

/** After admission: what was refused stands beside it. */
function droppedInside({ dropped }: Counts): number {
  return dropCauses.reduce((sum, cause) => (cause === 'newest' ? sum : sum + dropped[cause]), 0);
}

export function SourcesPanel() {
  const sources = useStation((state) => state.settings.sources);
  const counts = useStation((state) => state.snapshot.sources);
  const selected = useSelected();
  if (sources.length === 0) return undefined;
  const completed = sources.reduce((sum, { id }) => sum + (counts[id]?.completed ?? 0), 0);
  return (
    <Panel name="sources" title="Sources" unit={`${sources.length} share the engine`} className={css['sources']}>
      <div className={css['scroll']}>
        <table className={css['table']} data-testid="sources">
          <thead>
            <tr>
              <th scope="col">Source</th>
              <th scope="col">Weight</th>
              {columns.map(({ name }) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
              <th scope="col">Share</th>
            </tr>
          </thead>
          <tbody>
            {sources.map(({ id, weight }) => {
              const own = counts[id] ?? none;
              return (
                <tr key={id} aria-selected={id === selected.id} onClick={() => view.setState({ source: id })}>
                  <th scope="row">
                    <button type="button" onClick={() => view.setState({ source: id })}>
                      {id}
                    </button>
                  </th>
                  <td>{weight}</td>
                  {columns.map(({ name, of }) => (
                    <td key={name} data-zero={of(own) === 0 || undefined}>
                      {count(of(own))}
                    </td>
                  ))}
                  <td>{completed === 0 ? '–' : percent(own.completed / completed, 0)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
