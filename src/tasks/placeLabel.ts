/** Where the word of a box goes: beside its edges, never across them, inside the frame, off the words already there. */
import type { ChipArea } from './drawChip.ts';

export interface Place {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Between an edge, which is a line of some width with a halo, and a word. */
const gap = 3;

/**
 * Above the box if there is room, else below it, else inside; the first that no other word covers, else the first that
 * fits. All in CSS pixels of the overlay.
 */
export function placeLabel(box: Place, width: number, height: number, area: ChipArea, taken: readonly Place[]): Place {
  const left = within(box.left, width, area.left, area.width);
  const inner = box.left + gap;
  const wishes: Place[] = [
    { left, top: box.top - height - gap, width, height },
    { left, top: box.top + box.height + gap, width, height },
    { left: inner, top: box.top + gap, width, height },
    { left: inner, top: box.top + box.height - height - gap, width, height },
    { left: box.left + box.width + gap, top: box.top, width, height },
    { left: box.left - width - gap, top: box.top, width, height },
  ];
  const fitting = wishes.filter((wish) => fits(wish, area) && !crosses(wish, box));
  const free = fitting.find((wish) => taken.every((other) => !overlaps(wish, other)));
  const [fallback] = fitting;
  return (
    free ?? fallback ?? { left, top: within(box.top - height - gap, height, area.top, area.height), width, height }
  );
}

function within(wish: number, size: number, start: number, room: number): number {
  return Math.max(start, Math.min(wish, start + room - size));
}

function fits({ left, top, width, height }: Place, area: ChipArea): boolean {
  return (
    left >= area.left &&
    top >= area.top &&
    left + width <= area.left + area.width &&
    top + height <= area.top + area.height
  );
}

export function overlaps(a: Place, b: Place): boolean {
  return a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.top + b.height && b.top < a.top + a.height;
}

/** An edge of the box runs through the word. */
export function crosses(word: Place, box: Place): boolean {
  const inside =
    word.left > box.left &&
    word.top > box.top &&
    word.left + word.width < box.left + box.width &&
    word.top + word.height < box.top + box.height;
  return overlaps(word, box) && !inside;
}
