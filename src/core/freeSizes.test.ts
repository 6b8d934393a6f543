import { expect, test } from 'vitest';
import type { Prepare } from './card.ts';
import { freeSizes } from './freeSizes.ts';

const prepare: Prepare = {
  input: 'image',
  width: 64,
  height: 32,
  fit: 'stretch',
  color: 'rgb',
  layout: 'nhwc',
  type: 'float32',
  scale: 1,
  mean: [0, 0, 0],
  std: [1, 1, 1],
  pad: 0,
};
const image = { name: 'image', type: 'float32', shape: ['N', 'h', 'w', 3] } as const;
const mask = { name: 'mask', type: 'float32', shape: ['N', 'h', 'tokens'] } as const;

test('height and width of a picture get their sizes, the batch stays free', () => {
  expect(freeSizes({ prepare }, [image])).toEqual({ h: 32, w: 64 });
});

test('fills give sizes too, but none that contradicts another, and none to the batch', () => {
  const fills = (dims: number[]) => ({ mask: { kind: 'constant', dims, value: 0 } }) as const;
  expect(freeSizes({ prepare, fills: fills([1, 32, 7]) }, [image, mask])).toEqual({ h: 32, w: 64, tokens: 7 });
  expect(freeSizes({ prepare, fills: fills([1, 8, 7]) }, [image, mask])).toEqual({ w: 64, tokens: 7 });
});

test('state grows, nameless dimensions cannot be named, and what nothing feeds has no size', () => {
  const state = { name: 'state', type: 'float32', shape: ['?', 'past'] } as const;
  const fills = { state: { kind: 'state', dims: [1, 0], from: 'next' } } as const;
  expect(freeSizes({ fills }, [state, mask])).toEqual({});
});
