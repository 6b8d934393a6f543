/** How the frame lies on the overlay: shown whole and centred, as `object-fit: contain` shows the picture below. */
import { type ChipArea, setFont } from './drawChip.ts';

export interface OverlaySize {
  /** The picture that the boxes refer to, in its own pixels. */
  readonly frameWidth: number;
  readonly frameHeight: number;
  /** The overlay canvas in device pixels. */
  readonly canvasWidth: number;
  readonly canvasHeight: number;
  readonly pixelRatio: number;
}

/**
 * Draws in CSS pixels with the font of the preview; `area` is the frame on the canvas, `scale` CSS pixels per pixel of the
 * frame. Nothing is drawn where there is no frame.
 */
export function drawOnFrame(
  ctx: OffscreenCanvasRenderingContext2D,
  { frameWidth, frameHeight, canvasWidth, canvasHeight, pixelRatio }: OverlaySize,
  draw: (area: ChipArea, scale: number) => void,
): void {
  if (frameWidth <= 0 || frameHeight <= 0 || !(pixelRatio > 0)) return;
  const scale = Math.min(canvasWidth / frameWidth, canvasHeight / frameHeight) / pixelRatio;
  const width = frameWidth * scale;
  const height = frameHeight * scale;
  const left = (canvasWidth / pixelRatio - width) / 2;
  const top = (canvasHeight / pixelRatio - height) / 2;
  ctx.save();
  ctx.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
  setFont(ctx);
  draw({ left, top, width, height }, scale);
  ctx.restore();
}
