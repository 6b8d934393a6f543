/** The colours a scene is drawn with; classes are told by form alone, so any shape may have any of them. */
import { colorOf } from './color.ts';

export interface Palette {
  readonly top: number;
  readonly bottom: number;
  readonly shapes: readonly number[];
}

const palette = (top: number, bottom: number, shapes: readonly number[]): Palette => ({
  top: colorOf(top),
  bottom: colorOf(bottom),
  shapes: shapes.map(colorOf),
});

export const palettes: readonly Palette[] = [
  // night harbour
  palette(0x16222c, 0x0e151b, [0x6ea8d8, 0xe0c48f, 0x8cc3a0, 0xd998a6, 0xf0efe6, 0xc98d5f]),
  // dusk
  palette(0x3a2a4d, 0x1d1830, [0xf2a65a, 0xe86a6a, 0xf7d08a, 0x7fb7be, 0xcdb4db, 0xf4f1de]),
  // moss
  palette(0x22312a, 0x131c18, [0xa7c957, 0xf2e8cf, 0xe3a857, 0x7fb069, 0xd1704c, 0xb8d8d8]),
  // paper
  palette(0xd9d2c3, 0xbfb6a3, [0x2f4858, 0xc8553d, 0x588157, 0x6d597a, 0xe09f3e, 0x335c67]),
  // sea
  palette(0x1c4a5a, 0x0c2a38, [0xf4d35e, 0xee964b, 0x9ad1d4, 0xf7f3e3, 0xe76f6a, 0x70c1a6]),
  // stone
  palette(0x5b6068, 0x3a3e45, [0xf2cc8f, 0xe07a5f, 0x81b29a, 0xdfe3e8, 0x8fa9d0, 0xd9a5b3]),
];
