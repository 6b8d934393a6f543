/** Points from the model's input into the source picture. */
import type { Fit } from '../core/engine.ts';
import type { Keypoint } from '../core/result.ts';

/** `x`, `y` in input pixels. Points outside stay outside: where an eye would be is worth knowing. */
export function pointToSource(x: number, y: number, score: number, fit: Fit): Keypoint {
  return { x: (x - fit.offsetX) / fit.scaleX, y: (y - fit.offsetY) / fit.scaleY, score };
}

/** Where the whole input lies on the source picture, in its pixels. */
export function inputOnSource(fit: Fit): readonly [x: number, y: number, width: number, height: number] {
  return [
    -fit.offsetX / fit.scaleX,
    -fit.offsetY / fit.scaleY,
    fit.inputWidth / fit.scaleX,
    fit.inputHeight / fit.scaleY,
  ];
}
