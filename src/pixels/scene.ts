/** Draws the synthetic scene: softly coloured shapes on dark slate with a faint grid. The demo that runs with nothing else. */
import { WeirError } from '../core/errors.ts';
import type { Picture, ScenePayload } from '../core/payload.ts';
import { type SceneShape, sceneShapes } from './sceneShapes.ts';

type Context = OffscreenCanvasRenderingContext2D;

let context: Context | undefined;
let background: ImageBitmap | undefined;

/** Deterministic for one recipe. Sizes come from settings and are bounded there (4096 x 4096). */
export function drawScene(payload: ScenePayload): Picture {
  const { width, height } = payload;
  const g = surface(width, height);
  if (background === undefined || background.width !== width || background.height !== height) {
    background?.close();
    background = drawBackground(width, height);
  }
  g.drawImage(background, 0, 0);
  for (const shape of sceneShapes(payload)) drawShape(g, shape);
  return { buffer: g.getImageData(0, 0, width, height).data.buffer, width, height };
}

function surface(width: number, height: number): Context {
  if (context?.canvas.width !== width || context.canvas.height !== height)
    context = newContext(new OffscreenCanvas(width, height));
  return context;
}

function newContext(canvas: OffscreenCanvas): Context {
  const made = canvas.getContext('2d', { willReadFrequently: true, alpha: false });
  if (made === null) throw new WeirError('out-of-memory', 'No canvas for the scene could be made.');
  return made;
}

/** The same for every frame, so it is drawn once per size. */
function drawBackground(width: number, height: number): ImageBitmap {
  const canvas = new OffscreenCanvas(width, height);
  const g = newContext(canvas);
  const shade = g.createLinearGradient(0, 0, 0, height);
  shade.addColorStop(0, '#1f262d');
  shade.addColorStop(1, '#181d22');
  g.fillStyle = shade;
  g.fillRect(0, 0, width, height);
  const cell = Math.max(8, Math.round(Math.min(width, height) / 12));
  g.fillStyle = 'rgba(190, 210, 230, 0.05)';
  for (let x = cell; x < width; x += cell) g.fillRect(x, 0, 1, height);
  for (let y = cell; y < height; y += cell) g.fillRect(0, y, width, 1);
  return canvas.transferToImageBitmap();
}

function drawShape(g: Context, shape: SceneShape): void {
  g.beginPath();
  outline(g, shape);
  g.globalAlpha = 0.92;
  g.fillStyle = shape.color;
  g.fill();
  g.globalAlpha = 0.35;
  g.lineWidth = Math.max(1, shape.radius * 0.05);
  g.strokeStyle = '#ffffff';
  g.stroke();
  g.globalAlpha = 1;
}

function outline(g: Context, { kind, x, y, radius, angle }: SceneShape): void {
  if (kind === 'circle') {
    g.arc(x, y, radius, 0, 2 * Math.PI);
    return;
  }
  const corners = kind === 'square' ? 4 : 3;
  for (let i = 0; i < corners; i++) {
    const at = angle + (i * 2 * Math.PI) / corners;
    g.lineTo(x + radius * Math.cos(at), y + radius * Math.sin(at));
  }
  g.closePath();
}
