/**
 * Draws a result over the preview: white on a dark halo, words on dark chips, all pushed inside the frame. Boxes differ
 * by word, never by hue, because the picture below has colours of its own; masks and points have looks as well.
 */
import { assertNever } from '../core/errors.ts';
import type { TaskResult } from '../core/result.ts';
import { drawBoxes, drawPoints } from './drawBoxes.ts';
import { drawClasses, drawShares } from './drawClasses.ts';
import { drawMask } from './drawMask.ts';
import { drawOnFrame, type OverlaySize } from './drawOnFrame.ts';
import { drawSound } from './drawSound.ts';
import { drawTensors } from './drawTensors.ts';
import type { SoundTrail } from './soundTrail.ts';

/** The canvas is cleared by the caller. The frame is taken to be shown whole and centred (`object-fit: contain`). */
export function drawResult(
  ctx: OffscreenCanvasRenderingContext2D,
  result: TaskResult,
  size: OverlaySize,
  trail?: SoundTrail,
): void {
  const frame = { width: size.frameWidth, height: size.frameHeight };
  drawOnFrame(ctx, size, (area, scale) => {
    switch (result.kind) {
      case 'detection':
        drawBoxes(ctx, result.items, area, scale);
        break;
      case 'instances':
        drawMask(ctx, result.mask, area, frame);
        drawBoxes(ctx, result.items, area, scale);
        break;
      case 'segmentation':
        drawMask(ctx, result.mask, area, frame);
        drawShares(ctx, result.items, result.mask, area);
        break;
      case 'classification':
        drawClasses(ctx, result.items, area);
        break;
      case 'keypoints':
        drawPoints(ctx, result.items, area, scale, result.scoreThreshold);
        break;
      case 'sound':
        drawSound(ctx, trail?.all() ?? [result], area);
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
