/**
 * One look for each class, the same in every frame and session: eight hues that people with any kind of colour blindness
 * tell apart (Okabe and Ito, https://jfly.uni-koeln.de/color), and for the ninth class on a texture as a second sign.
 */
const hues = [
  [0xe6, 0x9f, 0x00],
  [0x56, 0xb4, 0xe9],
  [0x00, 0x9e, 0x73],
  [0xf0, 0xe4, 0x42],
  [0xd5, 0x5e, 0x00],
  [0xcc, 0x79, 0xa7],
  [0x00, 0x72, 0xb2],
  [0xf2, 0xf2, 0xf2],
] as const;

export const textures = ['plain', 'stripes', 'dots', 'counterStripes'] as const;
export type Texture = (typeof textures)[number];

export interface ClassLook {
  readonly rgb: readonly [number, number, number];
  readonly texture: Texture;
}

/** Of class `index`; class 0 is nothing in most models, so 1 gets the first hue. */
export function lookOf(index: number): ClassLook {
  const place = Math.max(0, index - 1);
  return {
    rgb: hues[place % hues.length] ?? hues[0],
    texture: textures[Math.floor(place / hues.length) % textures.length] ?? 'plain',
  };
}

export function cssOf({ rgb }: ClassLook): string {
  return `rgb(${rgb.join(' ')})`;
}

/** Whether the texture leaves this device pixel open; `unit` device pixels are a CSS pixel. */
export function isOpen(texture: Texture, x: number, y: number, unit: number): boolean {
  const period = 6 * unit;
  switch (texture) {
    case 'plain':
      return false;
    case 'stripes':
      return (x + y) % period < 2 * unit;
    case 'counterStripes':
      return (x - y + period * 4096) % period < 2 * unit;
    case 'dots':
      return x % period < 3 * unit && y % period < 3 * unit;
  }
}
