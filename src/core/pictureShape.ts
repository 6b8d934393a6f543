/** When a tensor can be looked at, or fed, as a picture. */

export interface PictureShape {
  readonly width: number;
  readonly height: number;
  readonly channelStep: number;
  readonly pixelStep: number;
}

/** `[1,]C,H,W`, `[1,]H,W,C` with 1 or 3 channels, or `[1,]H,W` of at least 8 x 8. */
export function pictureShape(dims: readonly number[]): PictureShape | undefined {
  const own = dims.length > 2 && dims[0] === 1 ? dims.slice(1) : dims;
  const [a = 0, b = 0, c = 0] = own;
  if (own.length === 2) return a >= 8 && b >= 8 ? { width: b, height: a, channelStep: 0, pixelStep: 1 } : undefined;
  if (own.length !== 3 || a * b * c === 0) return undefined;
  if (c === 3 || c === 1) return { width: b, height: a, channelStep: c === 3 ? 1 : 0, pixelStep: c };
  if (a === 3 || a === 1) return { width: c, height: b, channelStep: a === 3 ? b * c : 0, pixelStep: 1 };
  return undefined;
}
