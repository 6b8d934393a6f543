/** Raw tensors on the preview: for each a line of numbers, its histogram, and its heat map where it has one. */
import type { Picture } from '../core/payload.ts';
import { resample } from '../core/resample.ts';
import type { TensorSummary } from '../core/result.ts';
import { type ChipArea, drawChip, lineHeight } from './drawChip.ts';

const maxTensors = 3;
const histogramWidth = 96;
const boxHeight = 40;
const gap = 4;

export function drawTensors(
  ctx: OffscreenCanvasRenderingContext2D,
  items: readonly TensorSummary[],
  area: ChipArea,
  pixelRatio: number,
): void {
  let y = area.top + gap;
  for (const item of items.slice(0, maxTensors)) {
    const x = area.left + gap;
    drawChip(ctx, tensorText(item), x, y, area);
    y += lineHeight + 2;
    if (item.histogram !== undefined) drawHistogram(ctx, item.histogram, x, y);
    if (item.heatMap !== undefined) drawHeatMap(ctx, item.heatMap, x + histogramWidth + gap, y, pixelRatio);
    y += boxHeight + gap;
    if (y + lineHeight + boxHeight > area.top + area.height) break;
  }
  const hidden = items.length - maxTensors;
  if (hidden > 0) drawChip(ctx, `and ${hidden} more`, area.left + gap, y, area);
}

export function tensorText({ name, dims, min, max, mean, nonFinite }: TensorSummary): string {
  const odd = nonFinite === undefined ? '' : `, ${nonFinite} not finite`;
  return `${name.slice(0, 30)} ${dims.join(' × ')}   ${short(min)} to ${short(max)}, mean ${short(mean)}${odd}`;
}

/** Three digits, with the typographic minus of the page. */
function short(value: number): string {
  const size = Math.abs(value);
  const text =
    size !== 0 && (size >= 1e5 || size < 1e-3) ? value.toExponential(1) : String(Number(value.toPrecision(3)));
  return text.replaceAll('-', '−');
}

function drawHistogram(
  ctx: OffscreenCanvasRenderingContext2D,
  histogram: readonly number[],
  x: number,
  y: number,
): void {
  ctx.fillStyle = 'rgba(12, 15, 18, 0.8)';
  ctx.beginPath();
  ctx.roundRect(x, y, histogramWidth, boxHeight, 4);
  ctx.fill();
  const largest = histogram.reduce((a, b) => Math.max(a, b), 1);
  const width = (histogramWidth - 8) / histogram.length;
  ctx.fillStyle = '#ffffff';
  histogram.forEach((count, i) => {
    // The root keeps rare values visible beside the zeros that fill most outputs.
    const height = Math.sqrt(count / largest) * (boxHeight - 8);
    if (count > 0) ctx.fillRect(x + 4 + i * width, y + boxHeight - 4 - height, Math.max(0.75, width - 0.5), height);
  });
}

let scratch: ArrayBuffer | undefined;

/** Placed in device pixels, because `putImageData` knows neither scaling nor transforms. */
function drawHeatMap(
  ctx: OffscreenCanvasRenderingContext2D,
  map: Picture,
  x: number,
  y: number,
  pixelRatio: number,
): void {
  // A tall or a wide tensor is drawn out of proportion: a sliver shows nothing.
  const shownWidth = Math.max(boxHeight, Math.min(histogramWidth * 2, (boxHeight * map.width) / map.height));
  const width = Math.round(shownWidth * pixelRatio);
  const height = Math.round(boxHeight * pixelRatio);
  scratch = resample(map, width, height, scratch).buffer;
  const pixels = new ImageData(new Uint8ClampedArray(scratch, 0, width * height * 4), width, height);
  const { a, d, e, f } = ctx.getTransform();
  ctx.putImageData(pixels, Math.round(x * a + e), Math.round(y * d + f));
}
