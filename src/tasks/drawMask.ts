/** A mask over the frame. It comes first on an empty overlay, because pixels replace what lies under them. */
import type { Mask } from '../core/result.ts';
import type { ChipArea } from './drawChip.ts';
import { paintMask } from './paintMask.ts';

let scratch: ArrayBuffer | undefined;

/** Placed in device pixels, because `putImageData` knows neither scaling nor transforms. */
export function drawMask(
  ctx: OffscreenCanvasRenderingContext2D,
  mask: Mask,
  area: ChipArea,
  frame: { readonly width: number; readonly height: number },
): void {
  const { a: unit } = ctx.getTransform();
  const [left, top] = [Math.round(area.left * unit), Math.round(area.top * unit)];
  const width = Math.round((area.left + area.width) * unit) - left;
  const height = Math.round((area.top + area.height) * unit) - top;
  if (width < 1 || height < 1) return;
  const { pixels } = paintMask(mask, frame, width, height, unit, scratch);
  scratch = pixels.buffer;
  ctx.putImageData(new ImageData(new Uint8ClampedArray(scratch, 0, pixels.byteLength), width, height), left, top);
}
