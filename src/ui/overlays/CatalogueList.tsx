/** Models to be had with one click, each pinned by its hash and verified after the download. */
import type { LibraryState } from '../../core/library.ts';
import { bytes } from '../format.ts';
import { Button } from '../parts/Button.tsx';
import css from './models.module.css';

export function CatalogueList({
  library,
  onOpen,
}: {
  readonly library: LibraryState | undefined;
  readonly onOpen: (address: string) => void;
}) {
  const kept = new Set(library?.entries.map(({ id }) => id));
  return (
    <section aria-label="Catalogue">
      <div className={css['head']}>
        <h3>Catalogue</h3>
        <p>From their authors’ repositories, verified by SHA-256.</p>
      </div>
      <table className={css['table']}>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Task</th>
            <th scope="col">Licence</th>
            <th scope="col">Size</th>
            <th scope="col">
              <span className="hidden">Open</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {library?.catalogue.map((entry) => (
            <tr key={entry.sha256} data-testid="catalogue">
              <th scope="row">
                {entry.name}
                <p title={entry.source}>{entry.about}</p>
              </th>
              <td>{entry.task}</td>
              <td>{entry.licence}</td>
              <td>{kept.has(entry.sha256) ? 'kept' : bytes(entry.bytes)}</td>
              <td>
                <Button onClick={() => onOpen(entry.url)} aria-label={`Open ${entry.name}`}>
                  Open
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
