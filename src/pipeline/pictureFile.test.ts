/** What lies over what. */
import { expect, it } from 'vitest';
import { blend } from './pictureFile.ts';

it('lays results over an opaque picture by their alpha', () => {
  const under = Uint8Array.from([100, 100, 100, 255, 0, 0, 0, 0, 10, 20, 30, 255]);
  const over = Uint8Array.from([200, 0, 0, 255, 255, 255, 255, 51, 9, 9, 9, 0]);
  expect([...blend(under, over)]).toEqual([200, 0, 0, 255, 51, 51, 51, 255, 10, 20, 30, 255]);
});
