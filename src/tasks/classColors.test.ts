/** Looks of classes: the same each time, and told apart also by eyes that lack one kind of cones. */
import { expect, it } from 'vitest';
import { isOpen, lookOf, textures } from './classColors.ts';

/** Linear sRGB as an eye without one kind of cones sees it: Machado, Oliveira and Fernandes 2009, full severity. */
const lacking = {
  protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritanopia: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
  none: [1, 0, 0, 0, 1, 0, 0, 0, 1],
};

const linear = (byte: number) => (byte / 255 <= 0.04045 ? byte / 255 / 12.92 : ((byte / 255 + 0.055) / 1.055) ** 2.4);

/** https://bottosson.github.io/posts/oklab */
function oklab([r = 0, g = 0, b = 0]: readonly number[]): number[] {
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function seen(rgb: readonly number[], matrix: readonly number[]): number[] {
  const own = rgb.map(linear);
  return [0, 3, 6].map((row) =>
    Math.max(
      0,
      own.reduce((sum, value, i) => sum + value * (matrix[row + i] ?? 0), 0),
    ),
  );
}

it.each(Object.entries(lacking))('eight hues are told apart with %s', (_, matrix) => {
  const colors = Array.from({ length: 8 }, (__, i) => oklab(seen(lookOf(i + 1).rgb, matrix)));
  colors.forEach((a, i) =>
    colors.slice(i + 1).forEach((b, j) => {
      const apart = Math.hypot(...a.map((value, c) => value - (b[c] ?? 0)));
      expect(apart, `classes ${i + 1} and ${i + j + 2}`).toBeGreaterThan(0.04);
    }),
  );
});

it('a class of the same hue has another texture, and its look never changes', () => {
  expect(new Set(Array.from({ length: 32 }, (_, i) => JSON.stringify(lookOf(i + 1)))).size).toBe(8 * textures.length);
  expect(lookOf(7)).toEqual(lookOf(7));
  for (const texture of textures) {
    let open = 0;
    for (let y = 0; y < 24; y++) for (let x = 0; x < 24; x++) open += Number(isOpen(texture, x, y, 1));
    expect(open > 0 && open < 400).toBe(texture !== 'plain');
  }
});
