/** Seconds in which more missed the deadline than the objective allows, along the top of the response chart. */
import type uPlot from 'uplot';
import { dropCauses } from '../../core/outcome.ts';
import type { SecondSlice } from '../../core/telemetry.ts';
import { colour } from '../theme.ts';

/** Share of those that ended in the second, 0..1; 0 when none ended. */
export function missShare({ misses, completed, failed, dropped }: SecondSlice): number {
  const ended = dropCauses.reduce((sum, cause) => sum + dropped[cause], completed + failed);
  return ended === 0 ? 0 : misses / ended;
}

/** Teeth, so that shape says it as well as hue. */
export function drawBreaches(plot: uPlot, seconds: readonly SecondSlice[], maxMissRatio: number): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.beginPath();
  for (const second of seconds) {
    if (missShare(second) <= maxMissRatio) continue;
    const left = plot.valToPos(second.at, 'x', true);
    const right = plot.valToPos(second.at + 1000, 'x', true);
    ctx.moveTo(left, bbox.top);
    ctx.lineTo(right, bbox.top);
    ctx.lineTo((left + right) / 2, bbox.top + 5 * ratio);
    ctx.closePath();
  }
  ctx.fillStyle = colour('--dropped');
  ctx.fill();
  ctx.restore();
}
