/** Distances of an object at places of the picture: turned into the form's own coordinates, many at once. */
import type { Form } from './outline.ts';
import type { Pose } from './sceneObjects.ts';

/** A row of blocks of the widest picture, or a block of pixels, or the samples of a box. */
const most = 1024;
const places = new Float64Array(2 * most);

/** On a grid of `columns` x `rows` places from (x, y) on, `step` pixels apart; row by row into `distances`. At most 1024. */
export function measureAt(
  form: Form,
  pose: Pose,
  x: number,
  y: number,
  stepX: number,
  stepY: number,
  columns: number,
  rows: number,
  distances: Float64Array,
): void {
  let at = 0;
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const dx = x + column * stepX - pose.x;
      const dy = y + row * stepY - pose.y;
      places[at++] = dx * pose.cos + dy * pose.sin;
      places[at++] = dy * pose.cos - dx * pose.sin;
    }
  form.measure(places, columns * rows, distances);
}
