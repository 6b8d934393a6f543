/**
 * The river: ribbons as thick as their rates, and lines that are frames, all at one speed. React places the shapes
 * four times a second; the lines are moved by the shared animation frame, without React.
 */
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { DropCause } from '../../core/outcome.ts';
import { inForce, policyNames } from '../controls/policies.ts';
import { taskNames } from '../controls/ModelControls.tsx';
import { capped, count, one, percent } from '../format.ts';
import { onFrame, prefersStillness } from '../frameLoop.ts';
import { useStation } from '../StationContext.ts';
import { type PanelName, view } from '../view.ts';
import { bend, type Exit, lineSpacing, type Ribbon, riverShape, riverThickness, riverTop } from './riverShape.ts';
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
const bottom = riverTop + riverThickness;
const providerNames: Readonly<Record<string, string>> = { webgpu: 'WebGPU', wasm: 'WASM', simulated: 'Simulated' };
const kindNames = { scene: 'Synthetic scene', camera: 'Camera', websocket: 'WebSocket' } as const;

export function River() {
  const snapshot = useStation((state) => state.snapshot);
  const live = useStation((state) => state.live);
  const settings = useStation((state) => state.settings);
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const phone = width < 560;
  const roomy = width >= 1000;
  const drops = live?.dropsPerS ?? noDrops;
  const { offered, completed, goodput, admitted } = snapshot.ratesPerS;
  const failed = live?.failedPerS ?? 0;
  const shape = riverShape(width, { offered, completed, failed, drops }, phone);
  const largest = Math.max(offered, completed);
  const running = snapshot.state === 'running';
  useMoving(frame, running);

  const { source, flow } = settings;
  const { engine, stagesMs } = snapshot;
  const policy = policyNames[inForce(flow.policy, source.kind)];
  const sourceFact =
    source.kind === 'scene'
      ? `${source.arrivals}, ${source.width} × ${source.height}`
      : live?.source.status === 'open'
        ? capped(live.source.facts, 34)
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
    `Engine busy ${percent(live?.utilisation ?? 0, 1)}, in flight ${one(live?.inFlightMean ?? 0)} of ${live?.inFlightLimit ?? 0}.`,
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
  const gateDrop = sum(shape.gateExits);
  const engineDrop = sum(shape.engineExits);
  const perS = phone ? '/s' : undefined;
  return (
    <div className={css['river']} ref={frame}>
      <p className="hidden" data-testid="river-text">
        {text}
      </p>
      {width > 0 && (
        <svg width={width} height={phone ? 158 : 166} className={css['svg']} aria-label="River">
          <defs>
            <linearGradient id="fade" x1="0" x2="1" y1="0" y2="0">
              <stop offset="0.45" stopColor="#fff" />
              <stop offset="1" stopColor="#fff" stopOpacity="0" />
            </linearGradient>
            <mask id="fadeRight" maskContentUnits="objectBoundingBox">
              <rect width="1" height="1" fill="url(#fade)" />
            </mask>
          </defs>

          {!phone && <Straight ribbon={shape.offered} hue="offered" largest={largest} />}
          <Straight
            ribbon={phone ? { ...shape.offered, to: shape.queue } : shape.admitted}
            hue="offered"
            largest={largest}
          />
          <Straight ribbon={shape.served} hue="completed" largest={largest} />
          <Straight ribbon={shape.completed} hue="completed" largest={largest} />

          <Bend
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
            x={shape.queue}
            below={shape.served.thickness}
            rate={queueDrop}
            scale={shape.scale}
            largest={largest}
            length={phone ? 72 : 146}
            hue="dropped"
            hidden={false}
          />
          <Bend
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
            <Sill x={shape.gate} opening={Math.max(shape.admitted.thickness, offered > 0 ? 0 : riverThickness)} />
          )}
          <Sill x={shape.queue} opening={offered > 0 ? shape.served.thickness : riverThickness} />
          {!phone && <QueueBox x={shape.queue + 14} share={queueShare} />}
          {!phone && <rect className={css['bar']} x={shape.decode} y={riverTop - 8} width={4} height={48} />}
          <rect className={css['bar']} x={shape.sink} y={riverTop - 8} width={4} height={48} />

          <g>
            <rect
              className={css['box']}
              x={shape.engine}
              y={riverTop - 8}
              width={shape.engineEnd - shape.engine}
              height={48}
              rx={6}
            />
            <text className={css['busy']} x={shape.engine + 10} y={riverTop + 13}>
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
              y={riverTop + 26}
              width={shape.engineEnd - shape.engine - 20}
              height={4}
              rx={2}
            />
            <rect
              className={css['level']}
              x={shape.engine + 10}
              y={riverTop + 26}
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
              {facts(0, bottom + 26, kindNames[source.kind], sourceFact)}
              {gateDrop === 0 && facts(shape.gate, bottom + 26, policy, 'refused 0')}
              {facts(
                shape.engine,
                bottom - 2 + (engineDrop > 0 ? 0 : 0),
                engine.provider === 'none'
                  ? 'not opened'
                  : `${providerNames[engine.provider] ?? capped(engine.provider, 20)}, ${engine.sessions} session${engine.sessions === 1 ? '' : 's'}`,
                `in flight ${(live?.inFlightMean ?? 0).toFixed(2)} of ${live?.inFlightLimit ?? 0}`,
              )}
              {facts(
                shape.decode,
                bottom - 2,
                [
                  snapshot.model === undefined ? '' : (taskNames[snapshot.model.task as keyof typeof taskNames] ?? ''),
                  capped(live?.resultText ?? '', 12),
                ]
                  .filter((part) => part !== '')
                  .join(', ') || 'no results',
                `failed ${one(failed)} /s`,
              )}
              {facts(
                shape.sink,
                bottom - 2,
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
            y={bottom + 22}
            phone={phone}
            stacked={false}
            hidden={phone && queueDrop > 0}
          />
          <Exits
            exits={shape.queueExits}
            x={shape.queue + (phone ? 80 : 156)}
            y={phone ? bottom + 22 : bottom + 17}
            phone={phone}
            stacked={!phone}
            hidden={false}
          />
          <Exits
            exits={shape.engineExits}
            x={shape.engineEnd + (phone ? -20 : 78)}
            y={phone ? bottom + 40 : bottom + 42}
            phone={phone}
            stacked={false}
            hidden={false}
          />
        </svg>
      )}
    </div>
  );
}

function sum(exits: readonly Exit[]): number {
  return exits.reduce((total, exit) => total + exit.rate, 0);
}

type Hue = 'offered' | 'completed' | 'dropped' | 'failed';

/** In steps of 4 %: a spacing that follows every decimal would make the far lines tremble. */
function steady(rate: number): number {
  return rate <= 0 ? 0 : Math.exp(Math.round(Math.log(rate) / 0.04) * 0.04);
}

/** A dash every `spacing` px along the middle line is a frame; `useMoving` shifts the dashes. */
function lines(d: string, thickness: number, rate: number, largest: number, hue: Hue) {
  const spacing = lineSpacing(steady(rate), steady(largest));
  if (!Number.isFinite(spacing) || thickness < 3) return undefined;
  return (
    <path
      className={css['lines']}
      data-spacing={spacing.toFixed(2)}
      d={d}
      strokeWidth={thickness}
      strokeDasharray={`1.5 ${Math.max(1, spacing - 1.5).toFixed(2)}`}
      style={{ stroke: `var(--${hue})` }}
    />
  );
}

function Straight({ ribbon, hue, largest }: { readonly ribbon: Ribbon; readonly hue: Hue; readonly largest: number }) {
  const { from, to, top, thickness, rate } = ribbon;
  if (thickness <= 0) return <path className={css['dry']} d={`M${from} ${riverTop + 16}H${to}`} />;
  const d = `M${from} ${top + thickness / 2}H${to}`;
  if (thickness < 1.5) return <path className={css['hairline']} d={d} style={{ stroke: `var(--${hue})` }} />;
  return (
    <g data-hue={hue} className={css['ribbon']}>
      <path d={d} strokeWidth={thickness} style={{ stroke: `var(--${hue})` }} className={css['water']} />
      {lines(d, thickness, rate, largest, hue)}
    </g>
  );
}

function Bend({
  x,
  below,
  rate,
  scale,
  largest,
  length,
  hue,
  hidden,
}: {
  readonly x: number;
  readonly below: number;
  readonly rate: number;
  readonly scale: number;
  readonly largest: number;
  readonly length: number;
  readonly hue: Hue;
  readonly hidden: boolean;
}) {
  if (rate <= 0 || hidden) return undefined;
  const thickness = Math.min(riverThickness - below, rate * scale);
  const y = Math.min(riverTop + below, bottom - 1.5) + thickness / 2;
  // However thick the exit, its lower edge ends above the panel's.
  const d = bend(x, y, length, Math.max(10, bottom + 38 - thickness / 2 - y));
  if (thickness < 1.5) return <path className={css['hairline']} d={d} style={{ stroke: `var(--${hue})` }} />;
  return (
    <g mask="url(#fadeRight)" className={css['ribbon']}>
      <path d={d} strokeWidth={thickness} style={{ stroke: `var(--${hue})` }} className={css['water']} />
      {lines(d, thickness, rate, largest, hue)}
    </g>
  );
}

/** White bars that leave an opening as high as what passes. */
function Sill({ x, opening }: { readonly x: number; readonly opening: number }) {
  const from = riverTop + Math.min(riverThickness, opening);
  return (
    <g className={css['sill']}>
      <rect x={x} y={riverTop - 8} width={4} height={8} />
      <rect x={x} y={from} width={4} height={bottom + 8 - from} />
    </g>
  );
}

function QueueBox({ x, share }: { readonly x: number; readonly share: number }) {
  const height = share * 14;
  return (
    <g className={css['queue']}>
      <rect x={x} y={riverTop + 4} width={24} height={24} rx={4} />
      <rect x={x + 5} y={riverTop + 9 + 14 - height} width={14} height={height} />
    </g>
  );
}

function Exits({
  exits,
  x,
  y,
  phone,
  stacked,
  hidden,
}: {
  readonly exits: readonly Exit[];
  readonly x: number;
  readonly y: number;
  readonly phone: boolean;
  readonly stacked: boolean;
  readonly hidden: boolean;
}) {
  if (exits.length === 0 || hidden) return undefined;
  if (stacked && exits.length === 1) {
    const [exit] = exits;
    return exit === undefined ? undefined : (
      <g>
        <text className={css['exitName']} x={x} y={y}>
          {exit.name}
        </text>
        <text className={css['number']} x={x} y={y + 19} style={{ fill: `var(--${exit.kind})` }}>
          {one(exit.rate)}
          <tspan className={css['unit']} dx={4}>
            /s
          </tspan>
        </text>
      </g>
    );
  }
  return (
    <text className={css['exitName']} y={y}>
      {exits.slice(0, phone ? 1 : 3).map((exit, index) => (
        <tspan key={exit.name} {...(stacked ? { x, dy: index === 0 ? 0 : 17 } : index === 0 ? { x } : { dx: 14 })}>
          {exit.name}
          <tspan className={css['exitNumber']} dx={6} style={{ fill: `var(--${exit.kind})` }}>
            {one(exit.rate)}
          </tspan>
          <tspan className={css['unit']} dx={3}>
            /s
          </tspan>
        </tspan>
      ))}
    </text>
  );
}

/** Shifts every set of frame lines at one speed; spacing only follows the rate when it has truly changed. */
function useMoving(frame: RefObject<HTMLDivElement | null>, running: boolean): void {
  useEffect(() => {
    if (!running) return;
    let last = performance.now();
    let travelled = 0;
    return onFrame((now) => {
      const element = frame.current;
      if (element === null || prefersStillness() || document.hidden || element.offsetParent === null) {
        last = now;
        return;
      }
      travelled += ((now - last) / 1000) * pxPerSecond;
      last = now;
      for (const path of element.querySelectorAll<SVGPathElement>('path[data-spacing]')) {
        const spacing = Number(path.dataset['spacing']);
        path.style.strokeDashoffset = String(-(travelled % spacing));
      }
    });
  }, [frame, running]);
}

function useWidth(frame: RefObject<HTMLDivElement | null>): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return;
    setWidth(element.clientWidth);
    const observer = new ResizeObserver(() => {
      if (element.clientWidth > 0) setWidth(element.clientWidth);
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [frame]);
  return width;
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
