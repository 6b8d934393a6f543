/** The models that this browser keeps: open, rename, save and delete them, and how much room they take. */
import { type KeyboardEvent, useState } from 'react';
import { keptAddress, type LibraryEntry, type LibraryState } from '../../core/library.ts';
import { taskNames } from '../taskNames.ts';
import { ago, bytes, capped } from '../format.ts';
import { Button } from '../parts/Button.tsx';
import { useVerbs } from '../StationContext.ts';
import css from './models.module.css';

type Doing = 'rename' | 'delete' | undefined;

export function KeptModels({
  library,
  onOpen,
}: {
  readonly library: LibraryState | undefined;
  readonly onOpen: (address: string) => void;
}) {
  const verbs = useVerbs();
  const [selected, setSelected] = useState<string>();
  const [doing, setDoing] = useState<Doing>();
  const entries = library?.entries ?? [];
  const entry = entries.find(({ id }) => id === selected);
  const select = (id: string) => {
    setSelected(id);
    setDoing(undefined);
  };
  return (
    <section aria-label="Kept in this browser">
      <div className={css['head']}>
        <h3>Kept in this browser</h3>
        {entry !== undefined && doing === 'delete' ? (
          <>
            <p>Delete {capped(entry.name, 40)} for good?</p>
            <Button
              onClick={() => {
                verbs.deleteModel(entry.id);
                setSelected(undefined);
                setDoing(undefined);
              }}
            >
              Delete {bytes(sizeOf(entry))}
            </Button>
            <Button weight="ghost" onClick={() => setDoing(undefined)}>
              Keep it
            </Button>
          </>
        ) : (
          entries.length > 0 && (
            <>
              <Button disabled={entry === undefined} onClick={() => setDoing('rename')}>
                Rename
              </Button>
              <Button disabled={entry === undefined} onClick={() => entry !== undefined && verbs.exportModel(entry.id)}>
                Save as files
              </Button>
              <Button disabled={entry === undefined} onClick={() => setDoing('delete')}>
                Delete
              </Button>
            </>
          )
        )}
      </div>
      {entries.length === 0 ? (
        <p className={css['empty']}>{emptySentence(library)}</p>
      ) : (
        <table className={css['table']}>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Task</th>
              <th scope="col">Licence</th>
              <th scope="col">Size</th>
              <th scope="col">Last used</th>
              <th scope="col">
                <span className="hidden">Open</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {entries.map((each) => (
              <Row
                key={each.id}
                entry={each}
                now={library?.at ?? 0}
                selected={each.id === selected}
                renaming={each.id === selected && doing === 'rename'}
                onSelect={() => select(each.id)}
                onRename={(name) => {
                  setDoing(undefined);
                  if (name !== undefined && name !== each.name) verbs.renameModel(each.id, name);
                }}
                onOpen={() => onOpen(keptAddress(each.id))}
              />
            ))}
          </tbody>
        </table>
      )}
      {library !== undefined && library.unavailable === undefined && <Room library={library} />}
    </section>
  );
}

function Row({
  entry,
  now,
  selected,
  renaming,
  onSelect,
  onRename,
  onOpen,
}: {
  readonly entry: LibraryEntry;
  readonly now: number;
  readonly selected: boolean;
  readonly renaming: boolean;
  readonly onSelect: () => void;
  readonly onRename: (name: string | undefined) => void;
  readonly onOpen: () => void;
}) {
  const name = capped(entry.name, 60);
  return (
    <tr data-selected={selected || undefined} onClick={onSelect} data-testid="kept">
      <th scope="row">
        {renaming ? (
          <RenameField name={entry.name} onDone={onRename} />
        ) : (
          <label>
            <input type="radio" name="kept" className="hidden" checked={selected} onChange={onSelect} />
            {name}
            {entry.files.length > 1 && <span> + {entry.files.length - 1} data</span>}
          </label>
        )}
      </th>
      <td>{taskNames[entry.task]}</td>
      <td>{entry.licence === undefined ? '–' : capped(entry.licence, 40)}</td>
      <td>{bytes(sizeOf(entry))}</td>
      <td>{ago(now - entry.usedAt)}</td>
      <td>
        <Button onClick={onOpen} aria-label={`Open ${name}`}>
          Open
        </Button>
      </td>
    </tr>
  );
}

function RenameField({ name, onDone }: { readonly name: string; readonly onDone: (name: string | undefined) => void }) {
  const [text, setText] = useState(name);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' && event.key !== 'Escape') return;
    // The sheet stays open.
    event.stopPropagation();
    event.preventDefault();
    onDone(event.key === 'Enter' && text.trim() !== '' ? text.trim() : undefined);
  };
  return (
    <input
      autoFocus
      type="text"
      aria-label="New name"
      maxLength={200}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onKeyDown={onKeyDown}
      onBlur={() => onDone(text.trim() === '' ? undefined : text.trim())}
    />
  );
}

function Room({ library }: { readonly library: LibraryState }) {
  const verbs = useVerbs();
  const { usage, quota, persisted } = library;
  return (
    <div className={css['room']}>
      {usage !== undefined && quota !== undefined && (
        <>
          <meter min={0} max={quota} value={usage} aria-label="Storage of this page in use" />
          <span data-testid="room">
            {bytes(usage)} of {bytes(quota)} that this page may use
          </span>
        </>
      )}
      {persisted ? (
        <span>Kept until you delete it.</span>
      ) : (
        <>
          <span>The browser may clear it when the disk runs full.</span>
          <Button onClick={() => verbs.persistLibrary()}>Keep for good</Button>
        </>
      )}
    </div>
  );
}

function emptySentence(library: LibraryState | undefined): string {
  if (library === undefined) return 'Reading…';
  return (
    library.unavailable ??
    'Nothing yet. Every model that opens is kept here, and opens again after a reload without its file.'
  );
}

function sizeOf({ files }: LibraryEntry): number {
  return files.reduce((sum, file) => sum + file.bytes, 0);
}
