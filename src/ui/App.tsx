/**
 * The page. One tree for every width: CSS places the panels, so that the preview's canvases are never made anew.
 */
import { CSPProvider } from '@base-ui/react/csp-provider';
import { type CSSProperties, lazy, Suspense, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { isWorkSource } from '../core/sourceTraits.ts';
import type { Commands } from '../core/commands.ts';
import type { StationStore } from '../store/station.ts';
import { QueueChart } from './charts/QueueChart.tsx';
import { RatesChart } from './charts/RatesChart.tsx';
import { ResponseChart } from './charts/ResponseChart.tsx';
import { Controls } from './controls/Controls.tsx';
import { FlowPanel } from './flow/FlowPanel.tsx';
import { isCrowded, spaceFrames } from './frameLoop.ts';
import { listenToKeys } from './keyboard.ts';
import { listenToPaste } from './paste.ts';
import { DropZone } from './overlays/DropZone.tsx';
import { Toasts } from './overlays/Toasts.tsx';
import { LevelPanel } from './LevelPanel.tsx';
import { Preview } from './Preview.tsx';
import { SourcesPanel } from './SourcesPanel.tsx';
import { Splitter } from './Splitter.tsx';
import { Stages } from './Stages.tsx';
import { useIsWork } from './queue/useWork.ts';
import { StationContext } from './StationContext.ts';
import { Strip } from './Strip.tsx';
import { Tabs } from './Tabs.tsx';
import { TopBar } from './TopBar.tsx';
import { createVerbs } from './verbs.ts';
import { selectedOf } from './selected.ts';
import { useView, view } from './view.ts';
import './tokens.css';
import css from './App.module.css';

const Palette = lazy(() => import('./overlays/Palette.tsx').then(({ Palette: default_ }) => ({ default: default_ })));
const Keys = lazy(() => import('./overlays/Keys.tsx').then(({ Keys: default_ }) => ({ default: default_ })));
const ResultsPanel = lazy(() =>
  import('./ResultsPanel.tsx').then(({ ResultsPanel: default_ }) => ({ default: default_ })),
);
const ProfileSheet = lazy(() =>
  import('./overlays/ProfileSheet.tsx').then(({ ProfileSheet: default_ }) => ({ default: default_ })),
);
const ModelsSheet = lazy(() =>
  import('./overlays/ModelsSheet.tsx').then(({ ModelsSheet: default_ }) => ({ default: default_ })),
);
const InspectorSheet = lazy(() =>
  import('./overlays/InspectorSheet.tsx').then(({ InspectorSheet: default_ }) => ({ default: default_ })),
);
const OpenLink = lazy(() =>
  import('./overlays/OpenLink.tsx').then(({ OpenLink: default_ }) => ({ default: default_ })),
);

const WorkPanel = lazy(() =>
  import('./queue/WorkPanel.tsx').then(({ WorkPanel: default_ }) => ({ default: default_ })),
);
const DeadLetters = lazy(() =>
  import('./queue/DeadLetters.tsx').then(({ DeadLetters: default_ }) => ({ default: default_ })),
);
const DepthChart = lazy(() =>
  import('./queue/DepthChart.tsx').then(({ DepthChart: default_ }) => ({ default: default_ })),
);

/** Ten frames a second, as often as there is news. */
const crowdedSpacingMs = 85;

/** A work queue has other things to show beside the charts: this worker and the dead letters instead of the picture. */
function Columns() {
  const isWork = useIsWork();
  const results = useView((values) => values.results);
  return (
    <>
      <div className={css['left']}>
        {isWork ? (
          <Suspense fallback={<div className="panel" />}>
            <WorkPanel />
            <SourcesPanel />
            <DeadLetters />
          </Suspense>
        ) : (
          <>
            <Preview />
            <SourcesPanel />
            {results && (
              <Suspense>
                <ResultsPanel />
              </Suspense>
            )}
            <Stages />
            <LevelPanel />
          </>
        )}
      </div>
      <Splitter column="left" />
      <div className={css['time']}>
        {isWork && (
          <Suspense fallback={<div className="panel" />}>
            <DepthChart />
          </Suspense>
        )}
        <ResponseChart />
        <RatesChart />
        {!isWork && <QueueChart />}
      </div>
    </>
  );
}

export function App({ commands, store }: { readonly commands: Commands; readonly store: StationStore }) {
  const [station] = useState(() => ({ store, verbs: createVerbs(commands, store) }));
  const { tab, drawer, full, overlay, columns } = useView((values) => values);
  const isWork = isWorkSource(
    selectedOf(
      useStore(store, (values) => values.settings),
      useView((values) => values.source),
    ),
  );
  useEffect(() => listenToKeys(station), [station]);
  useEffect(() => listenToPaste(station.verbs), [station]);
  useEffect(() => {
    const pace = () =>
      spaceFrames(isCrowded(store.getState().snapshot.engine, navigator.hardwareConcurrency) ? crowdedSpacingMs : 0);
    pace();
    return store.subscribe(pace);
  }, [store]);
  const widths = Object.entries(columns).map(([column, width]) => [`--${column}-width`, `${width}px`]);
  return (
    <CSPProvider disableStyleElements>
      <StationContext value={station}>
        <div
          className={css['app']}
          style={Object.fromEntries(widths) as CSSProperties}
          data-tab={tab}
          data-drawer={drawer || undefined}
          data-full={full}
          data-work={isWork || undefined}
        >
          <TopBar />
          <Controls />
          <Splitter column="controls" />
          {drawer && <div className={css['scrim']} onClick={() => view.setState({ drawer: false })} aria-hidden />}
          <main className={css['main']}>
            <FlowPanel />
            <div className={css['middle']}>
              <Columns />
            </div>
          </main>
          <Strip />
          <Tabs />
        </div>
        <DropZone />
        <Toasts />
        <Suspense>
          {overlay === 'palette' && <Palette />}
          {overlay === 'keys' && <Keys />}
          {overlay === 'models' && <ModelsSheet />}
          {overlay === 'link' && <OpenLink />}
          {overlay === 'inspector' && <InspectorSheet />}
          {overlay === 'profile' && <ProfileSheet />}
        </Suspense>
      </StationContext>
    </CSPProvider>
  );
}
