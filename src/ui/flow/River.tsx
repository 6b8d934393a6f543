/**
 * The river: ribbons as thick as their rates, and lines that are frames, all at one speed. React places the shapes
 * four times a second; the lines are moved by the shared animation frame, without React.
 */
import { type RefObject, useEffect, useRef, useState } from 'react';
import type { DropCause } from '../../core/outcome.ts';
import { policyInForce, traitsOf } from '../../core/sourceTraits.ts';
import { policyNames } from '../controls/policies.ts';
import { taskNames } from '../taskNames.ts';
import { capped, count, one, percent } from '../format.ts';
import { onFrame, prefersStillness } from '../frameLoop.ts';
import { kindWords } from '../sourceKinds.ts';
import { selectedOf } from '../selected.ts';
import { useStation } from '../StationContext.ts';
import { type PanelName, view } from '../view.ts';
import { Bend, Exits, QueueBox, Sill, Straight, sum } from './RiverParts.tsx';
import { riverShape } from './riverShape.ts';
import { useWidth } from '../useWidth.ts';
import css from './River.module.css';

const noDrops: Readonly<Record<DropCause, number>> = {
  newest: 0,
  oldest: 0,
  superseded: 0,
  expired: 0,
  shed: 0,
  cancelled: 0,
  shutdown: 0,
};
const pxPerSecond = 60;
const msPerStep = 30;
const providerNames: Readonly<Record<string, string>> = { webgpu: 'WebGPU', wasm: 'WASM', simulated: 'Simulated' };
export function River() {
  const snapshot = useStation((state) => state.snapshot);
  const live = useStation((state) => state.live);
  const settings = useStation((state) => state.settings);
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const phone = width < 760;
  const roomy = width >= 1000;
  const drops = live?.dropsPerS ?? noDrops;
  const { offered, completed, goodput, admitted } = snapshot.ratesPerS;
  const failed = live?.failedPerS ?? 0;
  const shape = riverShape(width, { offered, completed, failed, drops }, phone);
  const largest = Math.max(offered, completed);
  const { top: riverTop, thickness: riverThickness } = shape.band;
  const bottom = riverTop + riverThickness;
  const boxHeight = Math.max(phone ? 32 : 48, shape.served.thickness + 16);
  // Facts stand under the ribbon, and do not hop to and fro while its rate wavers.
  const [low, setLow] = useState(false);
  const thick = Math.max(shape.served.thickness, shape.completed.thickness);
  if (!low && thick > 40) setLow(true);
  else if (low && thick < 36) setLow(false);
  const factY = low ? bottom + 26 : bottom - 2;
  const running = snapshot.state === 'running';
  useMoving(frame, running && width > 0);

  const source = selectedOf(settings, undefined);
  const several = settings.sources.length;
  const { flow } = settings;
  const sourceState = live?.sources[source.id];
  const { engine, stagesMs } = snapshot;
  const policy = policyNames[policyInForce(flow.policy, traitsOf(source))];
  const sourceFact =
    several > 1
      ? `${several} sources`
      : source.kind === 'scene'
        ? `${source.arrivals}, ${source.width} × ${source.height}`
        : sourceState?.status === 'open'
          ? // Before the gate's own words begin.
            capped(sourceState.facts, Math.max(8, Math.floor((shape.gate - 12) / 6.6)))
          : '';
  const age = live?.ageMs === undefined ? '' : `, age ${count(live.ageMs)} ms`;
  const served = completed > 0 || stagesMs.run > 0;
  const ms = (value: number) => (served ? one(value) : '–');
  const queueShare =
    live === undefined || live.queueLimit === 0 ? 0 : Math.min(1, snapshot.counts.queued / live.queueLimit);
  const text = [
    `${one(offered)} frames per second offered, ${one(admitted)} admitted, ${one(completed)} completed, ${one(failed)} failed.`,
    ...[...shape.gateExits, ...shape.queueExits, ...shape.engineExits].map(
      (exit) => `${exit.name} ${one(exit.rate)} per second.`,
    ),
    `Wait in queue ${ms(stagesMs.queueing)} ms, run ${ms(stagesMs.run)} ms, decode ${ms(stagesMs.decode)} ms.`,
    `Engine busy ${percent(live?.utilisation ?? 0, 1)}, in flight ${one(live?.inFlightMean ?? 0)}, slots ${live?.inFlightLimit ?? 0}.`,
  ].join(' ');

  const node = (
    x: number,
    name: string,
    value: string,
    unit: string,
    panel: PanelName,
    target: string,
    hue?: string,
  ) => (
    <g
      className={css['node']}
      role="button"
      tabIndex={0}
      aria-label={`${name}: ${value} ${unit}. Open its controls.`}
      onClick={() => reveal(panel, target)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') reveal(panel, target);
      }}
    >
      <rect x={x - 2} y={0} width={90} height={40} fill="transparent" />
      <text x={x} y={13} className={css['name']}>
        {name}
      </text>
      <text x={x} y={33} className={css['number']} style={hue === undefined ? undefined : { fill: hue }}>
        {value}
        <tspan className={css['unit']} dx={4}>
          {unit}
        </tspan>
      </text>
    </g>
  );
  const facts = (x: number, y: number, first: string, second: string) => (
    <text className={css['fact']} y={y}>
      <tspan x={x}>{first}</tspan>
      {roomy && (
        <tspan x={x} dy={16}>
          {second}
        </tspan>
      )}
    </text>
  );
  const queueDrop = sum(shape.queueExits);
  const many = shape.queueExits.length > 1;
  const gateDrop = sum(shape.gateExits);
  const engineDrop = sum(shape.engineExits);
  const perS = phone ? '/s' : undefined;
  return (
    <div className={css['river']} ref={frame}>
      <p className="hidden" data-testid="river-text">
        {text}
      </p>
      {width > 0 && (
        <svg width={width} height={phone ? 118 : 166} className={css['svg']} aria-label="River">
          {!phone && <Straight ribbon={shape.offered} hue="offered" largest={largest} />}
          <Straight
            ribbon={phone ? { ...shape.offered, to: shape.queue } : shape.admitted}
            hue="offered"
            largest={largest}
          />
          <Straight ribbon={shape.served} hue="completed" largest={largest} />
          <Straight ribbon={shape.completed} hue="completed" largest={largest} />

          <Bend
            band={shape.band}
            x={shape.gate}
            below={shape.admitted.thickness}
            rate={gateDrop}
            scale={shape.scale}
            largest={largest}
            length={phone ? 80 : 100}
            hue="dropped"
            hidden={phone && queueDrop > 0}
          />
          <Bend
            band={shape.band}
            x={shape.queue}
            below={shape.served.thickness}
            rate={queueDrop}
            scale={shape.scale}
            largest={largest}
            length={phone ? 72 : many ? 114 : 146}
            hue="dropped"
            hidden={false}
          />
          <Bend
            band={shape.band}
            x={shape.engineEnd}
            below={shape.completed.thickness}
            rate={engineDrop}
            scale={shape.scale}
            largest={largest}
            length={phone ? 44 : 70}
            hue={failed > drops.expired ? 'failed' : 'dropped'}
            hidden={false}
          />

          <rect className={css['bar']} x={shape.source} y={riverTop - 8} width={4} height={riverThickness + 16} />
          {!phone && (
            <Sill
              band={shape.band}
              x={shape.gate}
              opening={Math.max(shape.admitted.thickness, offered > 0 ? 0 : riverThickness)}
            />
          )}
          <Sill band={shape.band} x={shape.queue} opening={offered > 0 ? shape.served.thickness : riverThickness} />
          {!phone && <QueueBox top={riverTop} x={shape.queue + 14} share={queueShare} />}
          {!phone && <rect className={css['bar']} x={shape.decode} y={riverTop - 8} width={4} height={boxHeight} />}
          <rect className={css['bar']} x={shape.sink} y={riverTop - 8} width={4} height={boxHeight} />

          <g>
            <rect
              className={css['box']}
              x={shape.engine}
              y={riverTop - 8}
              width={shape.engineEnd - shape.engine}
              height={boxHeight}
              rx={6}
            />
            <text className={css['busy']} x={shape.engine + 10} y={riverTop + (phone ? 7 : 13)}>
              {percent(live?.utilisation ?? 0, phone ? 0 : 1)}
            </text>
            {!phone && (
              <text className={css['fact']} x={shape.engineEnd - 10} y={riverTop + 13} textAnchor="end">
                busy
              </text>
            )}
            <rect
              className={css['gauge']}
              x={shape.engine + 10}
              y={riverTop + (phone ? 14 : 26)}
              width={shape.engineEnd - shape.engine - 20}
              height={4}
              rx={2}
            />
            <rect
              className={css['level']}
              x={shape.engine + 10}
              y={riverTop + (phone ? 14 : 26)}
              width={Math.max(0, Math.min(1, live?.utilisation ?? 0)) * (shape.engineEnd - shape.engine - 20)}
              height={4}
              rx={2}
            />
          </g>

          {node(shape.source, 'Source', one(offered), perS ?? '/s offered', 'controls', 'source')}
          {!phone && node(shape.gate, 'Gate', one(admitted), '/s admitted', 'controls', 'flow')}
          {node(shape.queue, 'Queue', ms(stagesMs.queueing), phone ? 'ms' : 'ms wait', 'controls', 'flow')}
          {node(shape.engine, 'Engine', ms(stagesMs.run), phone ? 'ms' : 'ms run', 'controls', 'engine')}
          {!phone && node(shape.decode, 'Decode', ms(stagesMs.decode), 'ms', 'controls', 'model')}
          {node(shape.sink, 'Sink', one(completed), perS ?? '/s completed', 'preview', 'model', 'var(--completed)')}

          {!phone && (
            <>
              {facts(0, bottom + 26, kindWords[source.kind].label, sourceFact)}
              {gateDrop === 0 && facts(shape.gate, bottom + 26, policy, 'refused 0')}
              {facts(
                shape.engine,
                factY,
                engine.provider === 'none'
                  ? 'not opened'
                  : `${providerNames[engine.provider] ?? capped(engine.provider, 20)}, ${engine.sessions} session${engine.sessions === 1 ? '' : 's'}`,
                `in flight ${(live?.inFlightMean ?? 0).toFixed(2)}, slots ${live?.inFlightLimit ?? 0}`,
              )}
              {!(low && engineDrop > 0) &&
                facts(
                  shape.decode,
                  factY,
                  [
                    snapshot.model === undefined
                      ? ''
                      : (taskNames[snapshot.model.task as keyof typeof taskNames] ?? ''),
                    capped(live?.resultText ?? '', 17),
                  ]
                    .filter((part) => part !== '')
                    .join(', ') || 'no results',
                  `failed ${one(failed)} /s`,
                )}
              {facts(
                shape.sink,
                factY,
                `Preview${age}`,
                settings.flow.deadlineMs === null
                  ? 'no deadline'
                  : `in time (≤ ${settings.flow.deadlineMs} ms) ${one(goodput)} /s`,
              )}
            </>
          )}
          <Exits
            exits={shape.gateExits}
            x={shape.gate + (phone ? 88 : 108)}
            y={bottom + (phone ? 20 : 22)}
            phone={phone}
            stacked={false}
            hidden={phone && queueDrop > 0}
          />
          <Exits
            exits={shape.queueExits}
            x={shape.queue + (phone ? 80 : many ? 124 : 156)}
            y={phone ? bottom + 20 : bottom + 17}
            phone={phone}
            stacked={!phone}
            hidden={false}
          />
          <Exits
            exits={shape.engineExits}
            x={shape.engineEnd + (phone ? -20 : 78)}
            y={phone ? bottom + 34 : low ? bottom + 20 : bottom + 42}
            phone={phone}
            stacked={false}
            hidden={false}
          />
        </svg>
      )}
    </div>
  );
}

/** Shifts every set of frame lines at one speed, thirty times a second: two pixels a step look no different from one. */
function useMoving(frame: RefObject<HTMLDivElement | null>, moving: boolean): void {
  const paths = useRef<readonly (readonly [path: SVGPathElement, spacing: number])[]>([]);
  useEffect(() => {
    const found = frame.current?.querySelectorAll<SVGPathElement>('path[data-spacing]') ?? [];
    paths.current = [...found].map((path) => [path, Number(path.dataset['spacing'])]);
  });
  useEffect(() => {
    if (!moving) return;
    let last = performance.now();
    let travelled = 0;
    return onFrame((now) => {
      if (now - last < msPerStep) return;
      if (!prefersStillness() && !document.hidden) {
        travelled += ((now - last) / 1000) * pxPerSecond;
        for (const [path, spacing] of paths.current) path.style.strokeDashoffset = String(-(travelled % spacing));
      }
      last = now;
    });
  }, [frame, moving]);
}

/** Opens the controls of a node: scrolls the column there, through the drawer or the tab where there is one. */
function reveal(panel: PanelName, target: string): void {
  if (panel !== 'controls') {
    document.querySelector<HTMLElement>(`[data-panel="${panel}"]`)?.focus();
    return;
  }
  if (innerWidth < 600) view.setState({ tab: 'controls' });
  else if (innerWidth < 1200) view.setState({ drawer: true });
  requestAnimationFrame(() => {
    const section = document.getElementById(`controls-${target}`);
    section?.scrollIntoView({ block: 'start' });
    section?.querySelector<HTMLElement>('button, input')?.focus();
  });
}
