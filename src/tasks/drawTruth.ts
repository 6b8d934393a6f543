/**
 * Draws what truly is in the picture: dashed boxes, told from results at a glance without a hue, and a word where the
 * results missed something. What can hardly be seen is only hinted at: no result is judged by it.
 */
import type { Detection } from '../core/result.ts';
import { minVisibility, type TruthObject } from '../core/truth.ts';
import { drawOnFrame, type OverlaySize } from './drawOnFrame.ts';
import { drawChip } from './drawChip.ts';
import { missedObjects } from './missedObjects.ts';

/**
 * `found`: the results that are held against the truth; `known`: the classes of the model that gave them, so that one that
 * found nothing is told what it missed. The canvas is cleared by the caller.
 */
export function drawTruth(
  ctx: OffscreenCanvasRenderingContext2D,
  objects: readonly TruthObject[],
  found: readonly Detection[],
  size: OverlaySize,
  known: readonly string[] = [],
): void {
  drawOnFrame(ctx, size, (area, scale) => {
    for (const judged of [false, true]) {
      ctx.beginPath();
      for (const { box, visibility } of objects) {
        if (visibility >= minVisibility !== judged) continue;
        const [x, y, width, height] = box;
        ctx.rect(area.left + x * scale, area.top + y * scale, width * scale, height * scale);
      }
      ctx.setLineDash([]);
      ctx.strokeStyle = 'rgba(0, 0, 0, 0.55)';
      ctx.lineWidth = judged ? 5.5 : 3;
      ctx.stroke();
      ctx.setLineDash(judged ? [5, 4] : [1, 4]);
      ctx.strokeStyle = '#ffffff';
      ctx.lineWidth = judged ? 3 : 1;
      ctx.stroke();
    }
    ctx.setLineDash([]);
    for (const { label, box, visibility } of speaksOf(objects, found, known) ? missedObjects(objects, found) : []) {
      const seen = visibility > 0.995 ? '' : `, ${Math.round(visibility * 100)} % seen`;
      drawChip(
        ctx,
        `missed ${label}${seen}`,
        area.left + box[0] * scale,
        area.top + (box[1] + box[3]) * scale + 2,
        area,
      );
    }
  });
}

/** A model that knows other things has missed nothing: one word in common shows that it means the same. */
function speaksOf(objects: readonly TruthObject[], found: readonly Detection[], known: readonly string[]): boolean {
  return objects.some(({ label }) => known.includes(label) || found.some((detection) => label === detection.label));
}
