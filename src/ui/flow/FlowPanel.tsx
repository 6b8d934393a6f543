/** The first thing read: the verdict, one advice, and the river. While a model opens, its steps take this place. */
import Check from 'lucide-react/icons/check';
import CircleX from 'lucide-react/icons/circle-x';
import Clock from 'lucide-react/icons/clock-3';
import TriangleAlert from 'lucide-react/icons/triangle-alert';
import { Button } from '../parts/Button.tsx';
import { Choice } from '../parts/Choice.tsx';
import { windows } from '../keyboard.ts';
import { useStation, useVerbs } from '../StationContext.ts';
import { adviceOf, type Pill, pillWords, verdictOf } from '../verdict.ts';
import { OpeningView } from './OpeningView.tsx';
import { River } from './River.tsx';
import css from './FlowPanel.module.css';

const icons: Readonly<Record<Pill, typeof Check>> = {
  keeping: Check,
  behind: TriangleAlert,
  failing: CircleX,
  steadying: Clock,
};
const machine = { cores: navigator.hardwareConcurrency };

export function FlowPanel() {
  const opening = useStation((state) => state.opening);
  return (
    <section className={`panel ${css['flow']}`} aria-label="Verdict and river" tabIndex={-1} data-panel="flow">
      {opening === undefined ? <Running /> : <OpeningView opening={opening} />}
    </section>
  );
}

function Running() {
  const snapshot = useStation((state) => state.snapshot);
  const live = useStation((state) => state.live);
  const settings = useStation((state) => state.settings);
  const verbs = useVerbs();
  const verdict = verdictOf(snapshot, live, settings);
  const advice = adviceOf(snapshot, live, settings, machine);
  const Icon = verdict.pill === undefined ? undefined : icons[verdict.pill];
  const noModel = snapshot.model === undefined && snapshot.engine.provider !== 'simulated';
  const action = advice?.action;
  return (
    <>
      <div className={css['verdict']}>
        <p className={css['sentence']} data-testid="verdict" data-pill={verdict.pill ?? 'none'}>
          <span className={css['lead']}>{leadOf(verdict.strong)}</span>
          {tailOf(verdict.strong)}
          <span>{verdict.rest}</span>
        </p>
        {verdict.pill !== undefined && Icon !== undefined && (
          <span className={css['pill']} data-pill={verdict.pill}>
            <Icon size={14} strokeWidth={2.25} aria-hidden />
            <span className={css['word']}>{pillWords[verdict.pill].word}</span>
            <span className={css['short']}>{pillWords[verdict.pill].short}</span>
          </span>
        )}
        <span className={css['spacer']} />
        <div className={css['window']}>
          <Window />
        </div>
      </div>
      <div className={css['advice']} role="status" data-testid="advice">
        {advice !== undefined && (
          <p>
            <b>{advice.cause}</b> {advice.evidence} <span className={css['gain']}>{advice.gain}</span>
          </p>
        )}
        {advice === undefined && noModel && (
          <p>
            <b>No model yet.</b> Drop an .onnx file anywhere, or open one.
          </p>
        )}
        {action !== undefined && (
          <Button weight="primary" onClick={() => verbs.change(action.change)}>
            {action.label}
          </Button>
        )}
        {advice === undefined && noModel && (
          <Button weight="primary" onClick={() => verbs.pickFiles()}>
            Open a model
          </Button>
        )}
      </div>
      <River />
    </>
  );
}

/** "Serving " is left out on a phone. */
function leadOf(strong: string): string {
  return strong.startsWith('Serving ') ? 'Serving ' : '';
}
function tailOf(strong: string): string {
  return strong.slice(leadOf(strong).length);
}

function Window() {
  const windowS = useStation((state) => state.settings.windowS);
  const verbs = useVerbs();
  const values = windows.some((seconds) => seconds === windowS) ? windows : [windowS, ...windows];
  return (
    <Choice
      bare
      label="Window of all numbers and charts"
      value={windowS}
      options={values.map((seconds) => ({ value: seconds, label: `Last ${seconds} s` }))}
      onChange={(next) => verbs.change({ windowS: next })}
    />
  );
}
