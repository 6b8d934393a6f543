/** Sound over time, newest at the right: the activity as a curve with its threshold, or the spectrum as a band of columns. */
import { type ChipArea, drawChip } from './drawChip.ts';
import { ramp } from './heatMap.ts';
import type { SoundResult } from './soundTrail.ts';

const step = 2;
const margin = 8;

export function drawSound(
  ctx: OffscreenCanvasRenderingContext2D,
  results: readonly SoundResult[],
  area: ChipArea,
): void {
  const newest = results.at(-1);
  if (newest === undefined) return;
  const shown = results.slice(-Math.floor((area.width - 2 * margin) / step));
  ctx.fillStyle = 'rgba(12, 15, 18, 0.8)';
  ctx.fillRect(area.left, area.top, area.width, area.height);
  if (newest.spectrum !== undefined) drawSpectrum(ctx, shown, area);
  else drawCurve(ctx, shown, area);
  const [item] = newest.items;
  if (item !== undefined)
    drawChip(ctx, `${item.label.slice(0, 40)} ${item.score.toFixed(2)}`, area.left + 4, area.top + 4, area);
}

function drawCurve(ctx: OffscreenCanvasRenderingContext2D, results: readonly SoundResult[], area: ChipArea): void {
  const height = area.height - 4 * margin;
  const bottom = area.top + area.height - margin;
  const right = area.left + area.width - margin;
  const yOf = (score: number) => bottom - Math.min(1, Math.max(0, score)) * height;
  const threshold = yOf(results.at(-1)?.scoreThreshold ?? 0.5);
  ctx.strokeStyle = 'rgba(255, 255, 255, 0.45)';
  ctx.lineWidth = 1;
  ctx.setLineDash([5, 3]);
  ctx.beginPath();
  ctx.moveTo(area.left + margin, threshold);
  ctx.lineTo(right, threshold);
  ctx.stroke();
  ctx.setLineDash([]);
  const xOf = (i: number) => right - (results.length - 1 - i) * step;
  ctx.beginPath();
  results.forEach(({ items: [item] }, i) => ctx.lineTo(xOf(i), yOf(item?.score ?? 0)));
  ctx.strokeStyle = '#ffffff';
  ctx.lineWidth = 1.75;
  ctx.stroke();
  ctx.lineTo(right, bottom);
  ctx.lineTo(xOf(0), bottom);
  ctx.fillStyle = 'rgba(255, 255, 255, 0.22)';
  ctx.fill();
}

let scratch = new Uint32Array(0);

/** Low frequencies at the foot; the ramp runs from the smallest to the largest value that is shown. */
function drawSpectrum(ctx: OffscreenCanvasRenderingContext2D, results: readonly SoundResult[], area: ChipArea): void {
  let min = Infinity;
  let max = -Infinity;
  for (const { spectrum = [] } of results)
    for (const value of spectrum) {
      if (value < min) min = value;
      if (value > max) max = value;
    }
  const { a: unit } = ctx.getTransform();
  const columnWidth = Math.max(1, Math.round(step * unit));
  const width = columnWidth * results.length;
  const height = Math.max(1, Math.round((area.height - 2 * margin) * unit));
  if (scratch.length < width * height) scratch = new Uint32Array(width * height);
  const pixels = scratch.subarray(0, width * height);
  const scale = max > min ? 255 / (max - min) : 0;
  results.forEach(({ spectrum = new Float32Array(1) }, column) => {
    for (let y = 0; y < height; y++) {
      const bin = Math.floor(((height - 1 - y) * spectrum.length) / height);
      const color = ramp[Math.round(((spectrum[bin] ?? 0) - min) * scale)] ?? 0;
      pixels.fill(color, y * width + column * columnWidth, y * width + (column + 1) * columnWidth);
    }
  });
  const left = Math.round((area.left + area.width - margin) * unit) - width;
  ctx.putImageData(
    new ImageData(new Uint8ClampedArray(scratch.buffer, 0, width * height * 4), width, height),
    left,
    Math.round((area.top + margin) * unit),
  );
}
