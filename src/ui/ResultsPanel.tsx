/** The results as a table, newest first: searched, kept still while somebody reads, handed out, and watched by rules. */
import { useEffect, useRef, useState } from 'react';
import type { LogView } from '../core/logRow.ts';
import { capped, count } from './format.ts';
import { Button, LinkButton } from './parts/Button.tsx';
import { Panel } from './parts/Panel.tsx';
import { useStation, useVerbs } from './StationContext.ts';
import { view } from './view.ts';
import css from './ResultsPanel.module.css';

const shown = 200;
const lookEveryMs = 250;
const nothing: LogView = { rows: [], matching: 0, kept: 0, total: 0 };

export function ResultsPanel() {
  const verbs = useVerbs();
  const [search, setSearch] = useState('');
  const [log, setLog] = useState(nothing);
  const scroller = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let gone = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async () => {
      // Rows that move away under the eye cannot be read: the table waits at the top for news.
      const reading = (scroller.current?.scrollTop ?? 0) > 0;
      if (!reading && !document.hidden) {
        const next = await verbs.commands.results(search, shown);
        if (gone) return;
        setLog(next);
      }
      timer = setTimeout(() => void look(), lookEveryMs);
    };
    void look();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [verbs, search]);
  const none = log.kept === 0;
  return (
    <Panel
      name="results"
      title="Results"
      unit={factsOf(log, search)}
      className={css['results']}
      head={
        <>
          <LinkButton disabled={none} onClick={() => verbs.export('results-jsonl')}>
            JSON lines
          </LinkButton>
          <LinkButton disabled={none} onClick={() => verbs.export('results-csv')}>
            CSV
          </LinkButton>
          <LinkButton onClick={() => view.setState({ results: false })}>Close</LinkButton>
        </>
      }
    >
      <div className={css['tools']}>
        <input
          type="search"
          aria-label="Find results"
          placeholder="Find a label or a source"
          spellCheck={false}
          autoComplete="off"
          maxLength={100}
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        <AlertsForm />
      </div>
      <div className={css['scroll']} ref={scroller} data-testid="results">
        <table>
          <thead>
            <tr>
              <th scope="col">Time</th>
              <th scope="col">Frame</th>
              <th scope="col">Label</th>
              <th scope="col">Score</th>
              <th scope="col">Box</th>
            </tr>
          </thead>
          <tbody>
            {log.rows.map(({ at, frame, source, label, score, box }, index) => (
              <tr key={`${source} ${frame} ${log.total - index}`}>
                <td>{timeOf(at)}</td>
                <td>{count(frame)}</td>
                <td title={source}>{capped(label, 60)}</td>
                <td>{score.toFixed(2)}</td>
                <td>{box === undefined ? '–' : box.map((value) => Math.round(value)).join(', ')}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {log.rows.length === 0 && (
          <p className={css['empty']}>
            {none
              ? 'Labels and scores of the frames appear here. Pictures and raw tensors have none.'
              : `None of ${count(log.kept)} results has these words.`}
          </p>
        )}
      </div>
    </Panel>
  );
}

/** Rules are one setting: they are a part of links, and undo takes them back. */
function AlertsForm() {
  const verbs = useVerbs();
  const inForce = useStation((state) => state.settings.alerts);
  const [text, setText] = useState(inForce);
  const [known, setKnown] = useState(inForce);
  if (known !== inForce) {
    setKnown(inForce);
    setText(inForce);
  }
  return (
    <form
      className={css['alerts']}
      onSubmit={(event) => {
        event.preventDefault();
        verbs.change({ alerts: text });
      }}
    >
      <input
        type="text"
        aria-label="Give notice when"
        placeholder="Notice: person > 0.8 for 2 s"
        spellCheck={false}
        autoComplete="off"
        maxLength={1000}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <Button type="submit" disabled={text === inForce}>
        Set
      </Button>
    </form>
  );
}

function factsOf({ matching, kept, total }: LogView, search: string): string {
  if (search.trim() !== '') return `${count(matching)} of ${count(kept)}`;
  return kept < total ? `the newest ${count(kept)} of ${count(total)}` : count(kept);
}

function timeOf(at: number): string {
  const date = new Date(at);
  const two = (value: number, length = 2) => String(value).padStart(length, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${two(date.getMilliseconds(), 3)}`;
}
