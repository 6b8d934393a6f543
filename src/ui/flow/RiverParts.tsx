/** The pieces of the river: straight ribbons, exits that bend away, sills, the queue's level, names of exits. */
import { one } from '../format.ts';
import { bend, type Exit, lineSpacing, type Ribbon, type RiverBand } from './riverShape.ts';
import css from './River.module.css';

export function sum(exits: readonly Exit[]): number {
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

export function Straight({
  ribbon,
  hue,
  largest,
}: {
  readonly ribbon: Ribbon;
  readonly hue: Hue;
  readonly largest: number;
}) {
  const { from, to, top, thickness, rate } = ribbon;
  if (thickness <= 0) return <path className={css['dry']} d={`M${from} ${top + 16}H${to}`} />;
  const d = `M${from} ${top + thickness / 2}H${to}`;
  if (thickness < 1.5) return <path className={css['hairline']} d={d} style={{ stroke: `var(--${hue})` }} />;
  return (
    <g data-hue={hue} className={css['ribbon']}>
      <path d={d} strokeWidth={thickness} style={{ stroke: `var(--${hue})` }} className={css['water']} />
      {lines(d, thickness, rate, largest, hue)}
    </g>
  );
}

export function Bend({
  x,
  below,
  rate,
  scale,
  largest,
  length,
  hue,
  hidden,
  band,
}: {
  readonly band: RiverBand;
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
  const bottom = band.top + band.thickness;
  const thickness = Math.min(band.thickness - below, rate * scale);
  const y = Math.min(band.top + below, bottom - 1.5) + thickness / 2;
  // However thick the exit, its lower edge ends above the panel's.
  const d = bend(x, y, length, Math.max(10, bottom + band.thickness * 0.62 - thickness / 2 - y));
  if (thickness < 1.5) return <path className={css['hairline']} d={d} style={{ stroke: `var(--${hue})` }} />;
  return (
    <g mask={`url(#fade-${x})`} className={css['ribbon']}>
      <defs>
        <linearGradient id={`fading-${x}`} gradientUnits="userSpaceOnUse" x1={x} x2={x + length} y1="0" y2="0">
          <stop offset="0.45" stopColor="#fff" />
          <stop offset="1" stopColor="#fff" stopOpacity="0" />
        </linearGradient>
        <mask id={`fade-${x}`} maskUnits="userSpaceOnUse" x={x} y={0} width={length + 20} height={200}>
          <rect x={x} width={length + 20} height={200} fill={`url(#fading-${x})`} />
        </mask>
      </defs>
      <path d={d} strokeWidth={thickness} style={{ stroke: `var(--${hue})` }} className={css['water']} />
      {lines(d, thickness, rate, largest, hue)}
    </g>
  );
}

/** White bars that leave an opening as high as what passes. */
export function Sill({
  x,
  opening,
  band: { top, thickness },
}: {
  readonly x: number;
  readonly opening: number;
  readonly band: RiverBand;
}) {
  const bottom = top + thickness;
  const from = top + Math.min(thickness, opening);
  return (
    <g className={css['sill']}>
      <rect x={x} y={top - 8} width={4} height={8} />
      <rect x={x} y={from} width={4} height={bottom + 8 - from} />
    </g>
  );
}

export function QueueBox({ x, top, share }: { readonly x: number; readonly top: number; readonly share: number }) {
  const height = share * 14;
  return (
    <g className={css['queue']}>
      <rect x={x} y={top + 4} width={24} height={24} rx={4} />
      <rect x={x + 5} y={top + 9 + 14 - height} width={14} height={height} />
    </g>
  );
}

export function Exits({
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
