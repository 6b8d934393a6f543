/**
 * Draws a result over the preview: white on a dark halo, words on dark chips, all pushed inside the frame.
 * Classes differ by word, never by hue, because the picture below has colours of its own.
 */
import { assertNever } from '../core/errors.ts';
import type { ClassScore, Detection, TaskResult } from '../core/result.ts';
import { type ChipArea, drawChip, lineHeight } from './drawChip.ts';
import { drawTensors } from './drawTensors.ts';
import { drawOnFrame, type OverlaySize } from './drawOnFrame.ts';

const maxBoxes = 100;

/** The canvas is cleared by the caller. The frame is taken to be shown whole and centred (`object-fit: contain`). */
export function drawResult(ctx: OffscreenCanvasRenderingContext2D, result: TaskResult, size: OverlaySize): void {
  drawOnFrame(ctx, size, (area, scale) => {
    switch (result.kind) {
      case 'detection':
        drawBoxes(ctx, result.items.slice(0, maxBoxes), area, scale);
        break;
      case 'classification':
        drawClasses(ctx, result.items.slice(0, 5), area);
        break;
      case 'tensors':
        drawTensors(ctx, result.items, area, size.pixelRatio);
        break;
      case 'image':
        // The picture is the result.
        break;
      default:
        assertNever(result);
    }
  });
}

function drawBoxes(
  ctx: OffscreenCanvasRenderingContext2D,
  items: readonly Detection[],
  area: ChipArea,
  scale: number,
): void {
  ctx.beginPath();
  for (const { box } of items) {
    const [x, y, width, height] = box;
    ctx.rect(area.left + x * scale, area.top + y * scale, width * scale, height * scale);
  }
  // All boxes are one path: two strokes, whatever their number.
  ctx.lineJoin = 'round';
  ctx.strokeStyle = 'rgba(0, 0, 0, 0.55)';
  ctx.lineWidth = 3.5;
  ctx.stroke();
  ctx.strokeStyle = '#ffffff';
  ctx.lineWidth = 1.5;
  ctx.stroke();
  // Worst first, so that the best label lies on top.
  for (const { label, score, box } of items.toReversed()) {
    const x = area.left + box[0] * scale;
    const y = area.top + box[1] * scale;
    const above = y - lineHeight - 2;
    drawChip(ctx, `${label.slice(0, 40)} ${score.toFixed(2)}`, x, above < area.top ? y + 2 : above, area);
  }
}

const barWidth = 48;
const labelWidth = 148;
const pad = 6;

function drawClasses(ctx: OffscreenCanvasRenderingContext2D, items: readonly ClassScore[], area: ChipArea): void {
  if (items.length === 0) return;
  const width = Math.min(area.width - 8, labelWidth + barWidth + 32 + pad * 2);
  const height = items.length * lineHeight + pad;
  const left = area.left + 4;
  const top = area.top + area.height - height - 4;
  ctx.fillStyle = 'rgba(12, 15, 18, 0.8)';
  ctx.beginPath();
  ctx.roundRect(left, top, width, height, 4);
  ctx.fill();
  ctx.textBaseline = 'middle';
  items.forEach(({ label, score }, i) => {
    const y = top + pad / 2 + (i + 0.5) * lineHeight;
    const barLeft = left + width - pad - 32 - barWidth;
    ctx.fillStyle = 'rgba(255, 255, 255, 0.18)';
    ctx.fillRect(barLeft, y - 2, barWidth, 4);
    ctx.fillStyle = '#ffffff';
    ctx.fillRect(barLeft, y - 2, barWidth * Math.min(1, Math.max(0, score)), 4);
    ctx.textAlign = 'right';
    ctx.fillText(score.toFixed(2), left + width - pad, y);
    ctx.textAlign = 'left';
    ctx.fillText(shortened(ctx, label, barLeft - left - pad * 2), left + pad, y);
  });
}

/** Cut with an ellipsis where it is wider than `width` CSS pixels. */
function shortened(ctx: OffscreenCanvasRenderingContext2D, label: string, width: number): string {
  let text = label.slice(0, 60);
  if (ctx.measureText(text).width <= width) return text;
  while (text.length > 1 && ctx.measureText(`${text}…`).width > width) text = text.slice(0, -1);
  return `${text}…`;
}
