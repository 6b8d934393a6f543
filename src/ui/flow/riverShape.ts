/** Where the river runs: ribbons, sills and exits in pixels from rates per second. Pure; `River.tsx` draws it. */
import type { DropCause } from '../../core/outcome.ts';

export interface RiverRates {
  readonly offered: number;
  readonly completed: number;
  readonly failed: number;
  readonly drops: Readonly<Record<DropCause, number>>;
}

export interface Exit {
  readonly name: string;
  readonly kind: 'dropped' | 'failed';
  readonly rate: number;
}

export interface Ribbon {
  readonly from: number;
  readonly to: number;
  readonly top: number;
  readonly thickness: number;
  readonly rate: number;
}

export interface RiverShape {
  /** x of each node. */
  readonly source: number;
  readonly gate: number;
  readonly queue: number;
  readonly engine: number;
  readonly engineEnd: number;
  readonly decode: number;
  readonly sink: number;
  readonly end: number;
  /** Where the full river lies. */
  readonly band: RiverBand;
  /** px per frame/s, one scale for all. */
  readonly scale: number;
  readonly offered: Ribbon;
  readonly admitted: Ribbon;
  readonly served: Ribbon;
  readonly completed: Ribbon;
  readonly gateExits: readonly Exit[];
  readonly queueExits: readonly Exit[];
  readonly engineExits: readonly Exit[];
}

export interface RiverBand {
  readonly top: number;
  readonly thickness: number;
}
const wideBand: RiverBand = { top: 50, thickness: 60 };
const narrowBand: RiverBand = { top: 46, thickness: 38 };
const queueCauses = ['superseded', 'oldest', 'shed', 'cancelled', 'shutdown'] as const;

const wide = { gate: 0.1555, queue: 0.3128, engine: 0.5344, decode: 0.7274, sink: 0.8633, engineWidth: 128 };
/** A phone has no room for the gate and for decode. */
const narrow = { gate: 0.263, queue: 0.263, engine: 0.553, decode: 0.834, sink: 0.834, engineWidth: 70 };

export function riverShape(width: number, rates: RiverRates, phone: boolean): RiverShape {
  const at = phone ? narrow : wide;
  const band = phone ? narrowBand : wideBand;
  const x = (share: number) => Math.round(width * share);
  const { offered, completed, failed, drops } = rates;
  const scale = band.thickness / Math.max(offered, completed, 0.001);
  const refused = Math.min(drops.newest, offered);
  const leftQueue = queueCauses.reduce((sum, cause) => sum + drops[cause], 0);
  // Rates of one window need not close to the frame; a ribbon is never thinner than what leaves it.
  const served = completed + failed + drops.expired;
  const admitted = Math.max(offered - refused, 0);
  const ribbon = (from: number, to: number, rate: number): Ribbon => ({
    from,
    to,
    top: band.top,
    thickness: Math.min(band.thickness, rate * scale),
    rate,
  });
  const engineEnd = x(at.engine) + at.engineWidth;
  const some = (...exits: Exit[]) => exits.filter((exit) => exit.rate >= 0.05);
  return {
    source: 0,
    gate: x(at.gate),
    queue: x(at.queue),
    engine: x(at.engine),
    engineEnd,
    decode: x(at.decode),
    sink: x(at.sink),
    end: width,
    band,
    scale,
    offered: ribbon(0, x(at.gate), offered),
    admitted: ribbon(x(at.gate), x(at.queue), admitted),
    served: ribbon(x(at.queue), x(at.engine), leftQueue > 0 ? Math.min(served, admitted) : served),
    completed: ribbon(engineEnd, width, completed),
    gateExits: some({ name: 'refused', kind: 'dropped', rate: refused }),
    queueExits: some(...queueCauses.map((cause) => ({ name: cause, kind: 'dropped' as const, rate: drops[cause] }))),
    engineExits: some(
      { name: 'expired', kind: 'dropped', rate: drops.expired },
      { name: 'failed', kind: 'failed', rate: failed },
    ),
  };
}

/** Distance between frame lines in px: 60 px/s over the rate; above 12 lines per 60 px only 1 of n is drawn. */
export function lineSpacing(rate: number, largestRate: number): number {
  if (rate <= 0) return Infinity;
  const n = largestRate <= 12 ? 1 : Math.ceil(largestRate / 5);
  return (60 * n) / rate;
}

/** The middle line of an exit that bends down and away, from (x, y). */
export function bend(x: number, y: number, length: number, drop: number): string {
  const half = length * 0.45;
  return `M${x} ${y} h6 C${x + 6 + half} ${y} ${x + length - half} ${y + drop} ${x + length} ${y + drop}`;
}
