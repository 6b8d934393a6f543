/** A word on a dark chip, 11 px, kept inside the frame: the one way in which the preview writes. */

/** The frame on the canvas, in CSS pixels. */
export interface ChipArea {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export const lineHeight = 16;
const padding = 5;

export function setFont(ctx: OffscreenCanvasRenderingContext2D): void {
  // Workers do not see the page's web fonts, so the system's own stands in for Inter.
  ctx.font = '500 11px Inter, system-ui, sans-serif';
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'left';
}

export function chipWidth(ctx: OffscreenCanvasRenderingContext2D, text: string): number {
  return Math.ceil(ctx.measureText(text).width) + padding * 2;
}

/** `x`, `y`: the wished top left corner. Returns the width drawn. */
export function drawChip(
  ctx: OffscreenCanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  area: ChipArea,
): number {
  const width = chipWidth(ctx, text);
  const { left, top } = placeChip(x, y, width, lineHeight, area);
  ctx.fillStyle = 'rgba(12, 15, 18, 0.8)';
  ctx.beginPath();
  ctx.roundRect(left, top, width, lineHeight, 4);
  ctx.fill();
  ctx.fillStyle = '#ffffff';
  ctx.fillText(text, left + padding, top + lineHeight / 2 + 0.5);
  return width;
}

/** Pushed inside the area; one that is wider or higher than the area begins at its top left. */
export function placeChip(
  x: number,
  y: number,
  width: number,
  height: number,
  area: ChipArea,
): { left: number; top: number } {
  return {
    left: Math.max(area.left, Math.min(x, area.left + area.width - width)),
    top: Math.max(area.top, Math.min(y, area.top + area.height - height)),
  };
}
