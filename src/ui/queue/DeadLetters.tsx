/**
 * Jobs that were set aside: why, after how many tries, the frame itself, and the ways on: run it again here, give it back
 * to the queue, or discard it. Actions are of the selected letter, else of all.
 */
import { useEffect, useState } from 'react';
import { WeirError } from '../../core/errors.ts';
import type { DeadLetter } from '../../core/work.ts';
import { bytes, capped, clockTime, count } from '../format.ts';
import { Button } from '../parts/Button.tsx';
import { Panel } from '../parts/Panel.tsx';
import { useSelected } from '../selected.ts';
import { useStation, useVerbs } from '../StationContext.ts';
import { useWork } from './useWork.ts';
import css from './queue.module.css';

interface Opened {
  readonly key: string;
  readonly url: string | undefined;
  readonly result: string | undefined;
}

export function DeadLetters() {
  const { commands, notice } = useVerbs();
  const { id } = useSelected();
  const now = useStation((state) => Math.floor((state.live?.now ?? 0) / 1000) * 1000);
  const died = useWork()?.counts.deadLettered ?? 0;
  const isOpen = useStation((state) => state.live?.sources[id]?.status === 'open');
  const [letters, setLetters] = useState<readonly DeadLetter[]>();
  const [problem, setProblem] = useState<string>();
  const [chosen, setChosen] = useState<string>();
  const [opened, setOpened] = useState<Opened>();
  const [sure, setSure] = useState(false);
  const [busy, setBusy] = useState(false);

  const read = async () => {
    try {
      setLetters((await commands.deadLetters(id, { verb: 'list' })).letters ?? []);
      setProblem(undefined);
    } catch (error) {
      setProblem(WeirError.wrap(error, 'connection-lost').message);
    }
  };
  useEffect(() => {
    if (!isOpen) return undefined;
    let stale = false;
    const timer = setTimeout(() => {
      commands.deadLetters(id, { verb: 'list' }).then(
        ({ letters: found = [] }) => {
          if (stale) return;
          setLetters(found);
          setProblem(undefined);
        },
        (error: unknown) => {
          if (!stale) setProblem(WeirError.wrap(error, 'connection-lost').message);
        },
      );
    }, 500);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [commands, id, isOpen, died]);
  useEffect(
    () => () => {
      if (opened?.url !== undefined) URL.revokeObjectURL(opened.url);
    },
    [opened?.url],
  );

  const all = letters ?? [];
  const selected = all.find(({ key }) => key === chosen);
  const affected = selected === undefined ? all : [selected];

  const act = (verb: 'redrive' | 'discard') => {
    setBusy(true);
    setSure(false);
    const work = async () => {
      let done = 0;
      try {
        for (const { key } of affected) {
          await commands.deadLetters(id, { verb, key });
          done += 1;
        }
      } catch (error) {
        notice(`${done} of ${affected.length} were done`, WeirError.wrap(error, 'connection-lost').message);
      }
      setChosen(undefined);
      setOpened(undefined);
      await read();
      setBusy(false);
    };
    void work();
  };
  const open = (letter: DeadLetter, verb: 'open' | 'run') => {
    setChosen(letter.key);
    setBusy(true);
    commands.deadLetters(id, { verb, key: letter.key }).then(
      ({ body, result }) => {
        const isPicture = body !== undefined && letter.contentType.startsWith('image/');
        const url = isPicture ? URL.createObjectURL(new Blob([body], { type: letter.contentType })) : undefined;
        setOpened({ key: letter.key, url, result });
        setBusy(false);
      },
      (error: unknown) => {
        setOpened({ key: letter.key, url: undefined, result: WeirError.wrap(error, 'cannot-decode').message });
        setBusy(false);
      },
    );
  };

  const what = selected === undefined ? 'all' : 'it';
  return (
    <Panel
      name="dead"
      title="Dead letters"
      unit={letters === undefined ? '' : count(all.length)}
      className={css['dead']}
      head={
        all.length > 0 && (
          <span className={css['actions']}>
            {sure ? (
              <>
                <span>Discard {selected === undefined ? `all ${count(all.length)}` : 'it'} for good?</span>
                <Button weight="ghost" onClick={() => setSure(false)}>
                  Keep
                </Button>
                <Button onClick={() => act('discard')}>Discard</Button>
              </>
            ) : (
              <>
                <Button weight="ghost" disabled={busy} onClick={() => setSure(true)} title={`Discard ${what}`}>
                  Discard
                </Button>
                <Button
                  weight="ghost"
                  disabled={busy || selected === undefined}
                  title={selected === undefined ? 'Choose one first' : undefined}
                  onClick={() => selected !== undefined && open(selected, 'run')}
                >
                  Run here
                </Button>
                <Button disabled={busy} onClick={() => act('redrive')} title={`Give ${what} back to the queue`}>
                  Redrive
                </Button>
              </>
            )}
          </span>
        )
      }
    >
      <div className={css['body']} data-testid="dead-letters">
        {all.length === 0 ? (
          <p className={css['note']}>
            {problem ?? (isOpen && letters !== undefined ? 'None: every job ended well.' : 'Told while connected.')}
          </p>
        ) : (
          <table className={css['table']}>
            <thead>
              <tr>
                <th scope="col">Job</th>
                <th scope="col">Why</th>
                <th scope="col">tries</th>
                <th scope="col">age</th>
              </tr>
            </thead>
            <tbody>
              {all.map((letter) => (
                <tr
                  key={letter.key}
                  aria-selected={letter.key === chosen}
                  onClick={() => (letter.key === chosen ? setChosen(undefined) : open(letter, 'open'))}
                >
                  <th scope="row">
                    <button type="button">{capped(letter.job, 16)}</button>
                  </th>
                  <td className={css['why']} title={letter.message}>
                    {capped(letter.message, 80)}
                  </td>
                  <td>{letter.attempts}</td>
                  <td>{letter.diedAt === undefined ? '–' : clockTime(Math.max(0, now - letter.diedAt))}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {selected !== undefined && opened?.key === selected.key && (
          <div className={css['letter']} data-testid="dead-letter">
            {opened.url !== undefined && (
              <img
                src={opened.url}
                alt="The frame of this job"
                onError={(event) => event.currentTarget.setAttribute('hidden', '')}
              />
            )}
            <dl>
              <dt>Job</dt>
              <dd>{capped(selected.job, 80)}</dd>
              <dt>Why</dt>
              <dd>
                {capped(selected.message, 300)} <i>({selected.reason})</i>
              </dd>
              <dt>Tries</dt>
              <dd>
                {selected.attempts}, the last at worker {capped(selected.worker, 40) || 'unknown'}
              </dd>
              <dt>Stored</dt>
              <dd>{timeOf(selected.firstAt)}</dd>
              <dt>Set aside</dt>
              <dd>{timeOf(selected.diedAt)}</dd>
              <dt>Payload</dt>
              <dd>
                {bytes(selected.bytes)} {capped(selected.contentType, 60)}
              </dd>
              {opened.result !== undefined && (
                <>
                  <dt>Run here</dt>
                  <dd data-testid="run-here">{capped(opened.result, 300)}</dd>
                </>
              )}
            </dl>
          </div>
        )}
      </div>
    </Panel>
  );
}

function timeOf(ms: number | undefined): string {
  return ms === undefined ? 'not told' : new Date(ms).toLocaleString();
}
