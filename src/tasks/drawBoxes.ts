/** Boxes in white on a dark halo, each with its class by word; points of a box in the look of their number. */
import type { Detection, Keypoint } from '../core/result.ts';
import { bonesOf } from './bones.ts';
import { cssOf, lookOf } from './classColors.ts';
import { type ChipArea, chipWidth, drawChip, lineHeight } from './drawChip.ts';
import { overlaps, type Place, placeLabel } from './placeLabel.ts';

const maxBoxes = 100;
const maxLabelLength = 40;
const crowd = 10;

export function drawBoxes(
  ctx: OffscreenCanvasRenderingContext2D,
  all: readonly Detection[],
  area: ChipArea,
  scale: number,
): void {
  const items = all.slice(0, maxBoxes);
  ctx.beginPath();
  for (const { box } of items) {
    const { left, top, width, height } = shown(box, area, scale);
    ctx.rect(left, top, width, height);
  }
  // All boxes are one path: two strokes, whatever their number.
  ctx.lineJoin = 'round';
  ctx.strokeStyle = 'rgba(0, 0, 0, 0.55)';
  ctx.lineWidth = 3.5;
  ctx.stroke();
  ctx.strokeStyle = '#ffffff';
  ctx.lineWidth = 1.5;
  ctx.stroke();
  for (const { points } of items) if (points !== undefined) drawPoints(ctx, points, area, scale);
  const taken: Place[] = [];
  const words: { text: string; place: Place }[] = [];
  // Best first, so that the best choose their places; drawn worst first, so that they lie on top.
  for (const { label, score, box } of items) {
    const text = `${label.slice(0, maxLabelLength)} ${score.toFixed(2)}`;
    const place = placeLabel(shown(box, area, scale), chipWidth(ctx, text), lineHeight, area, taken);
    // In a crowd words on words say nothing: the surest keep theirs.
    if (items.length > crowd && taken.some((other) => overlaps(place, other))) continue;
    taken.push(place);
    words.push({ text, place });
  }
  for (const { text, place } of words.toReversed()) drawChip(ctx, text, place.left, place.top, area);
}

function shown([x, y, width, height]: Detection['box'], area: ChipArea, scale: number): Place {
  return { left: area.left + x * scale, top: area.top + y * scale, width: width * scale, height: height * scale };
}

const radius = 2;

/** Points outside the frame are left out. Many are small, so that a face of 68 is not hidden under them. */
export function drawPoints(
  ctx: OffscreenCanvasRenderingContext2D,
  points: readonly Keypoint[],
  area: ChipArea,
  scale: number,
  scoreThreshold = 0,
): void {
  drawBones(ctx, points, area, scale, scoreThreshold);
  const size = points.length > 20 ? radius * 0.75 : radius;
  for (const [index, { x, y, score }] of points.entries()) {
    if (!(score >= scoreThreshold)) continue;
    const [left, top] = [area.left + x * scale, area.top + y * scale];
    if (left < area.left || top < area.top || left > area.left + area.width || top > area.top + area.height) continue;
    ctx.beginPath();
    ctx.arc(left, top, size + 1.25, 0, 2 * Math.PI);
    ctx.fillStyle = 'rgba(0, 0, 0, 0.7)';
    ctx.fill();
    ctx.beginPath();
    ctx.arc(left, top, size, 0, 2 * Math.PI);
    // A few points differ by look; of a whole set only the set matters.
    ctx.fillStyle = points.length > 8 ? '#ffffff' : cssOf(lookOf(index + 1));
    ctx.fill();
  }
}

function drawBones(
  ctx: OffscreenCanvasRenderingContext2D,
  points: readonly Keypoint[],
  area: ChipArea,
  scale: number,
  scoreThreshold: number,
): void {
  const bones = bonesOf(points.length);
  if (bones.length === 0) return;
  ctx.save();
  ctx.beginPath();
  ctx.rect(area.left, area.top, area.width, area.height);
  ctx.clip();
  ctx.beginPath();
  for (const [from, to] of bones) {
    const [a, b] = [points[from], points[to]];
    if (a === undefined || b === undefined || !(a.score >= scoreThreshold && b.score >= scoreThreshold)) continue;
    ctx.moveTo(area.left + a.x * scale, area.top + a.y * scale);
    ctx.lineTo(area.left + b.x * scale, area.top + b.y * scale);
  }
  ctx.lineCap = 'round';
  ctx.strokeStyle = 'rgba(0, 0, 0, 0.55)';
  ctx.lineWidth = 3.5;
  ctx.stroke();
  ctx.strokeStyle = '#ffffff';
  ctx.lineWidth = 1.5;
  ctx.stroke();
  ctx.restore();
}
