/** The controls column: what comes in, what runs, what happens when it is too much, and on what it runs. */
import { lazy, Suspense } from 'react';
import { useIsWork } from '../queue/useWork.ts';
import { EngineControls } from './EngineControls.tsx';
import { FlowControls } from './FlowControls.tsx';
import { ModelControls } from './ModelControls.tsx';
import { SourceControls } from './SourceControls.tsx';
import css from './controls.module.css';

const SettlingControls = lazy(() =>
  import('./SettlingControls.tsx').then(({ SettlingControls: default_ }) => ({ default: default_ })),
);

export function Controls() {
  return (
    <aside
      id="controls"
      className={`panel ${css['controls']}`}
      aria-label="Controls"
      tabIndex={-1}
      data-panel="controls"
    >
      <SourceControls />
      <ModelControls />
      {useIsWork() ? (
        <Suspense>
          <SettlingControls />
        </Suspense>
      ) : (
        <FlowControls />
      )}
      <EngineControls />
    </aside>
  );
}
