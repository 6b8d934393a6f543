/** A model on its way in: named steps with what is known of each, and the file's contents as soon as they are read. */
import Check from 'lucide-react/icons/check';
import Circle from 'lucide-react/icons/circle';
import CircleX from 'lucide-react/icons/circle-x';
import LoaderCircle from 'lucide-react/icons/loader-circle';
import type { OpeningProgress, OpeningStep } from '../../core/telemetry.ts';
import { taskNames } from '../taskNames.ts';
import { bytes, capped, count, dims, one } from '../format.ts';
import { Button, Key } from '../parts/Button.tsx';
import { useStation, useVerbs } from '../StationContext.ts';
import css from './OpeningView.module.css';

const stepNames: Readonly<Record<OpeningStep, string>> = {
  download: 'Download',
  verify: 'Verify',
  compile: 'Compile',
  warmUp: 'Warm up',
  start: 'Start',
};

const marks = { waiting: Circle, doing: LoaderCircle, done: Check, failed: CircleX } as const;
const markWords = { waiting: 'waiting', doing: 'in progress', done: 'done', failed: 'failed' } as const;

export function OpeningView({ opening }: { readonly opening: OpeningProgress }) {
  const { commands } = useVerbs();
  const now = useStation((state) => state.live?.now);
  return (
    <div className={css['opening']} data-testid="opening">
      <div className={css['steps']}>
        <div className={css['head']}>
          <h2>Opening {capped(opening.name, 60)}</h2>
          <Button onClick={() => commands.cancelOpening()}>
            Cancel <Key>Esc</Key>
          </Button>
        </div>
        <ol aria-live="polite">
          {opening.steps.map(({ step, status, fact, ms, share, startedAt }) => {
            const Mark = marks[status];
            const spent =
              ms ?? (status === 'doing' && startedAt !== undefined && now !== undefined ? now - startedAt : undefined);
            return (
              <li key={step} data-status={status}>
                <Mark size={16} aria-label={markWords[status]} role="img" />
                <b>{stepNames[step]}</b>
                <span className={css['fact']}>{capped(fact, 120)}</span>
                {share === undefined ? (
                  <span />
                ) : (
                  <span
                    className={css['bar']}
                    role="progressbar"
                    aria-label={stepNames[step]}
                    aria-valuenow={Math.round(share * 100)}
                  >
                    <i style={{ width: `${Math.min(100, share * 100)}%` }} />
                  </span>
                )}
                <span className={css['seconds']}>
                  {spent === undefined || spent < 0 ? '' : `${one(spent / 1000)} s`}
                </span>
              </li>
            );
          })}
        </ol>
      </div>
      <Inside opening={opening} />
    </div>
  );
}

function Inside({ opening }: { readonly opening: OpeningProgress }) {
  const { facts, card } = opening;
  const rows: (readonly [string, string])[] = [];
  if (card !== undefined) {
    const why = card.reasons['task'];
    rows.push([
      'Task',
      why === undefined ? taskNames[card.task.kind] : `${taskNames[card.task.kind]}: ${capped(why, 80)}`,
    ]);
  }
  if (facts !== undefined) {
    const tensor = ({ name, type, shape }: (typeof facts.inputs)[number]) =>
      `${capped(name, 40)}, ${type}, ${dims(shape)}`;
    const more = (list: typeof facts.inputs) => (list.length > 1 ? `, and ${list.length - 1} more` : '');
    if (facts.inputs[0] !== undefined) rows.push(['Input', tensor(facts.inputs[0]) + more(facts.inputs)]);
    if (facts.outputs[0] !== undefined) rows.push(['Output', tensor(facts.outputs[0]) + more(facts.outputs)]);
    if (card?.labels !== undefined)
      rows.push(['Labels', `${count(card.labels.length)}: ${capped(card.labels.slice(0, 4).join(', '), 60)}`]);
    const nodes = `${count(facts.nodes)} nodes, ${bytes(facts.bytes)}`;
    rows.push(['Size', facts.parameters > 0 ? `${large(facts.parameters)} parameters, ${nodes}` : nodes]);
  }
  if (card?.licence !== undefined) rows.push(['Licence', `${capped(card.licence, 60)}, says the file`]);
  return (
    <div className={css['inside']}>
      <h3>What is inside</h3>
      {rows.length === 0 ? (
        <p className={css['fact']}>Shown as soon as the file has been read.</p>
      ) : (
        <dl>
          {rows.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd title={value}>{value}</dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}

function large(value: number): string {
  return value >= 1e6 ? `${one(value / 1e6)} M` : value >= 1e3 ? `${one(value / 1e3)} k` : count(value);
}
