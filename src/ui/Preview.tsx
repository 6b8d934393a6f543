/**
 * The live picture and the results on it. Both canvases are made once for the page and transferred once to the
 * pipeline worker; however often React mounts this panel, the same two elements are put back.
 */
import { useEffect, useRef } from 'react';
import { useStation, useVerbs } from './StationContext.ts';
import type { Commands } from '../core/commands.ts';
import { capped, count } from './format.ts';
import { LinkButton } from './parts/Button.tsx';
import { Panel, Tile } from './parts/Panel.tsx';
import { useView, view } from './view.ts';
import css from './Preview.module.css';

let canvases: readonly [HTMLCanvasElement, HTMLCanvasElement] | undefined;

function canvasesFor(commands: Commands): readonly [HTMLCanvasElement, HTMLCanvasElement] {
  if (canvases !== undefined) return canvases;
  const picture = document.createElement('canvas');
  const overlay = document.createElement('canvas');
  overlay.setAttribute('aria-hidden', 'true');
  picture.setAttribute('role', 'img');
  picture.setAttribute('aria-label', 'Live picture with the newest results');
  canvases = [picture, overlay];
  commands.attachPreview(picture.transferControlToOffscreen(), overlay.transferControlToOffscreen());
  return canvases;
}

export function Preview() {
  const verbs = useVerbs();
  const { commands } = verbs;
  const tab = useView((values) => values.tab);
  const truth = useView((values) => values.truth);
  const source = useView((values) => values.source);
  const knowsTruth = useStation((state) => state.snapshot.truth !== undefined);
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    element.prepend(...canvasesFor(commands));
    const tell = () => {
      const { width, height } = element.getBoundingClientRect();
      const visible = !document.hidden && width > 0 && getComputedStyle(element).visibility === 'visible';
      // A hidden panel has no size; the last one stays in force.
      if (visible) commands.setPreview({ width, height, pixelRatio: devicePixelRatio, visible, truth, source });
      else commands.setPreview({ width: 448, height: 252, pixelRatio: devicePixelRatio, visible, truth, source });
    };
    const observer = new ResizeObserver(tell);
    observer.observe(element);
    document.addEventListener('visibilitychange', tell);
    return () => {
      observer.disconnect();
      document.removeEventListener('visibilitychange', tell);
    };
    // The phone's tabs hide the panel without changing its size.
  }, [commands, tab, truth, source]);

  const text = useStation((state) => state.live?.resultText ?? '');
  const age = useStation((state) => state.live?.ageMs);
  const missed = useStation((state) => state.snapshot.counts.missed);
  const note = useStation((state) =>
    noteOf(state.snapshot.counts.completed, state.opening !== undefined, state.model !== undefined),
  );
  const opening = useStation((state) => state.opening !== undefined);
  const has = useStation((state) => state.model !== undefined);
  const results = useView((values) => values.results);
  const empty = useStation((state) => state.snapshot.counts.completed === 0);
  return (
    <Panel
      name="preview"
      title="Preview"
      className={css['preview']}
      head={
        empty ? (
          <span className={css['note']}>{opening || has ? note : ''}</span>
        ) : (
          <>
            <LinkButton aria-pressed={results} onClick={() => view.setState({ results: !results })}>
              {results ? 'Hide results' : 'Results'}
            </LinkButton>
            <LinkButton aria-label="Save the picture with its results" onClick={() => verbs.savePicture()}>
              Save
            </LinkButton>
            {knowsTruth && (
              <LinkButton aria-pressed={truth} onClick={() => view.setState({ truth: !truth })}>
                {truth ? 'Hide the truth' : 'Show the truth'}
              </LinkButton>
            )}
            <span className={css['note']} data-testid="result-text">
              {capped(text, 40)}
            </span>
            {missed > 0 && <Tile small name="missed" value={count(missed)} />}
            <Tile small name="age" value={age === undefined ? '–' : count(age)} unit="ms" width={3} />
          </>
        )
      }
    >
      <div className={css['frame']} ref={frame} data-testid="preview">
        {empty && !opening && !has && <p className={css['empty']}>{note}</p>}
      </div>
    </Panel>
  );
}

function noteOf(completed: number, opening: boolean, model: boolean): string {
  if (completed > 0) return '';
  if (opening) return 'Results follow the warm-up.';
  return model ? 'The first result is on its way.' : 'Results appear here once a model runs.';
}
