/**
 * The live picture: draws the newest completed frame at most once per animation frame, and nothing while hidden.
 * Both canvases were transferred once and stay here for ever.
 */
import type { Clock } from '../core/clock.ts';
import type { Delivery } from '../core/delivery.ts';
import { WeirError } from '../core/errors.ts';
import type { Payload, Picture } from '../core/payload.ts';
import { resample } from '../core/resample.ts';
import type { TaskResult } from '../core/result.ts';
import { sceneTruth } from '../pixels/scene/sceneTruth.ts';
import { drawResult } from '../tasks/draw.ts';
import { drawTruth } from '../tasks/drawTruth.ts';
import { pictureFile } from './pictureFile.ts';
import { createSoundTrail, type SoundTrail } from '../tasks/soundTrail.ts';

export interface PreviewSize {
  readonly width: number;
  readonly height: number;
  readonly pixelRatio: number;
  readonly visible: boolean;
  /** Also draw what truly is in the picture, where the source knows it. */
  readonly truth: boolean;
  /** Of several sources the one to show; undefined: the first. */
  readonly source: string | undefined;
}

export interface Preview {
  attach(picture: OffscreenCanvas, overlay: OffscreenCanvas): void;
  resize(size: PreviewSize): void;
  /** Which of these sources is shown: several would take turns in one picture. */
  shown(ids: readonly string[]): string | undefined;
  /** What to ask of the engine with the next frame: a picture only when the last one has been drawn. */
  request(): { readonly recycle?: ArrayBuffer } | undefined;
  /** The frame that carried a request ended without a picture: the next one may be asked. */
  release(): void;
  show(result: TaskResult, picture: Picture | undefined, delivery: Delivery<Payload>): void;
  clear(): void;
  /** The picture that is shown, with its results. @throws WeirError cancelled when none is shown yet */
  toPng(): Promise<Blob>;
}

interface Shown {
  readonly result: TaskResult;
  readonly frame: Pick<Picture, 'width' | 'height'>;
  readonly payload: Payload;
}

const mostRows = 8192;

export interface PreviewHost {
  readonly clock: Clock;
  /** Classes of the model that serves. */
  labels(): readonly string[];
  /** It was drawn: `stamps.presented`, for the metrics. */
  onPresented(delivery: Delivery): void;
  /** Nobody sees the picture any more. */
  onHidden(): void;
}

export function createPreview({ clock, labels, onPresented, onHidden }: PreviewHost): Preview {
  let pictureContext: OffscreenCanvasRenderingContext2D | undefined;
  let overlayContext: OffscreenCanvasRenderingContext2D | undefined;
  let size: PreviewSize = { width: 448, height: 252, pixelRatio: 1, visible: true, truth: false, source: undefined };
  let scratch: ArrayBuffer | undefined;
  let wanted = true;
  let waiting: { result: TaskResult; picture: Picture; delivery: Delivery<Payload> } | undefined;
  let recycled: ArrayBuffer | undefined;
  let scheduled = false;
  const trail = createSoundTrail();
  /** What the overlay is about, to draw it again when it changes while no frame comes. */
  let shownLast: Shown | undefined;

  const draw = () => {
    scheduled = false;
    wanted = true;
    if (waiting === undefined || pictureContext === undefined || overlayContext === undefined) return;
    const { result, picture, delivery } = waiting;
    waiting = undefined;
    const shown = result.kind === 'image' ? result.picture : picture;
    // A model that stretched its input gives a picture of another shape; it is shown in the shape of the frame.
    const asFrame = result.kind !== 'image' || result.asFrame;
    const width = shown.width;
    const tall = asFrame ? Math.max(1, Math.round((width * picture.height) / picture.width)) : shown.height;
    // A picture one pixel wide would be a canvas without end.
    const height = Math.min(mostRows, tall);
    const canvas = pictureContext.canvas;
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    const fitted = height === shown.height ? shown : resample(shown, width, height, scratch);
    if (fitted !== shown) scratch = fitted.buffer;
    const pixels = new Uint8ClampedArray(fitted.buffer, 0, width * height * 4);
    pictureContext.putImageData(new ImageData(pixels, width, height), 0, 0);
    shownLast = { result, frame: { width: picture.width, height: picture.height }, payload: delivery.payload };
    drawOverlay(overlayContext, shownLast, size, trail, labels());
    recycled = picture.buffer;
    delivery.stamps.presented = clock.now();
    onPresented(delivery);
  };

  return {
    attach(picture, overlay) {
      pictureContext = picture.getContext('2d', { alpha: false }) ?? undefined;
      overlayContext = overlay.getContext('2d') ?? undefined;
    },
    resize(next) {
      if (size.visible && !next.visible) onHidden();
      size = next;
      wanted = true;
      if (waiting === undefined && shownLast !== undefined && overlayContext !== undefined && size.visible)
        drawOverlay(overlayContext, shownLast, size, trail, labels());
    },
    shown: (ids) => (size.source !== undefined && ids.includes(size.source) ? size.source : ids[0]),
    request() {
      if (!wanted || !size.visible || pictureContext === undefined) return undefined;
      wanted = false;
      const recycle = recycled;
      recycled = undefined;
      return recycle === undefined ? {} : { recycle };
    },
    release() {
      if (waiting === undefined) wanted = true;
    },
    show(result, picture, delivery) {
      // A window that is not drawn is a part of the curve all the same.
      if (result.kind === 'sound') trail.add(result);
      if (picture === undefined) return;
      waiting = { result, picture, delivery };
      if (scheduled) return;
      scheduled = true;
      requestAnimationFrame(draw);
    },
    clear() {
      waiting = undefined;
      shownLast = undefined;
      wanted = true;
      trail.clear();
    },
    async toPng() {
      const last = shownLast;
      if (last === undefined || pictureContext === undefined)
        throw new WeirError('cancelled', 'No picture is shown yet.');
      const { width, height } = pictureContext.canvas;
      const { data } = pictureContext.getImageData(0, 0, width, height);
      return pictureFile({ buffer: data.buffer, width, height }, (ctx, canvasWidth, canvasHeight, pixelRatio) => {
        const { width: frameWidth, height: frameHeight } = last.frame;
        drawResult(ctx, last.result, { frameWidth, frameHeight, canvasWidth, canvasHeight, pixelRatio }, trail);
      });
    },
  };
}

function drawOverlay(
  context: OffscreenCanvasRenderingContext2D,
  { result, frame, payload }: Shown,
  size: PreviewSize,
  trail: SoundTrail,
  known: readonly string[],
): void {
  const canvas = context.canvas;
  const width = Math.max(1, Math.round(size.width * size.pixelRatio));
  const height = Math.max(1, Math.round(size.height * size.pixelRatio));
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  context.clearRect(0, 0, width, height);
  const overlay = {
    frameWidth: frame.width,
    frameHeight: frame.height,
    canvasWidth: width,
    canvasHeight: height,
    pixelRatio: size.pixelRatio,
  };
  // Below the results, so that both can be read where they agree.
  if (size.truth && payload.kind === 'scene')
    drawTruth(context, sceneTruth(payload), result.kind === 'detection' ? result.items : [], overlay, known);
  drawResult(context, result, overlay, trail);
}
