/** Classes at the foot of the picture: the likeliest with a bar each, or those of a mask with their look and share. */
import type { ClassScore, ClassShare, Mask } from '../core/result.ts';
import { cssOf, isOpen, lookOf } from './classColors.ts';
import { type ChipArea, lineHeight } from './drawChip.ts';

const barWidth = 48;
const labelWidth = 148;
const pad = 6;
const listed = 5;

export function drawClasses(ctx: OffscreenCanvasRenderingContext2D, all: readonly ClassScore[], area: ChipArea): void {
  const items = all.slice(0, listed);
  if (items.length === 0) return;
  const { left, top, width } = drawTable(ctx, items.length, labelWidth + barWidth + 32, area);
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

const swatch = 10;

/** Classes that are painted, largest first. */
export function drawShares(
  ctx: OffscreenCanvasRenderingContext2D,
  all: readonly ClassShare[],
  { colors }: Mask,
  area: ChipArea,
): void {
  const items = all.filter(({ index }) => colors.includes(index)).slice(0, listed);
  if (items.length === 0) return;
  const { left, top, width } = drawTable(ctx, items.length, labelWidth + 32, area);
  items.forEach(({ label, index, share }, i) => {
    const y = top + pad / 2 + (i + 0.5) * lineHeight;
    const look = lookOf(index);
    for (let dy = 0; dy < swatch; dy++)
      for (let dx = 0; dx < swatch; dx++) {
        ctx.fillStyle = isOpen(look.texture, dx, dy, 1) ? 'rgba(255, 255, 255, 0.15)' : cssOf(look);
        ctx.fillRect(left + pad + dx, y - swatch / 2 + dy, 1, 1);
      }
    ctx.fillStyle = '#ffffff';
    ctx.textAlign = 'right';
    ctx.fillText(`${(share * 100).toFixed(1)} %`, left + width - pad, y);
    ctx.textAlign = 'left';
    ctx.fillText(shortened(ctx, label, width - pad * 3 - swatch - 44), left + pad * 2 + swatch, y);
  });
}

function drawTable(
  ctx: OffscreenCanvasRenderingContext2D,
  rows: number,
  content: number,
  area: ChipArea,
): { left: number; top: number; width: number } {
  const width = Math.min(area.width - 8, content + pad * 2);
  const height = rows * lineHeight + pad;
  const left = area.left + 4;
  const top = area.top + area.height - height - 4;
  ctx.fillStyle = 'rgba(12, 15, 18, 0.8)';
  ctx.beginPath();
  ctx.roundRect(left, top, width, height, 4);
  ctx.fill();
  ctx.textBaseline = 'middle';
  return { left, top, width };
}

/** Cut with an ellipsis where it is wider than `width` CSS pixels. */
function shortened(ctx: OffscreenCanvasRenderingContext2D, label: string, width: number): string {
  let text = label.slice(0, 60);
  if (ctx.measureText(text).width <= width) return text;
  while (text.length > 1 && ctx.measureText(`${text}…`).width > width) text = text.slice(0, -1);
  return `${text}…`;
}
