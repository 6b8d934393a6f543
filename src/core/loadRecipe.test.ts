/** A recipe survives its address, and a bad address is refused in words that say how to write it. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defaultLoad, isLoadAddress, loadAddress, loadLimits, loadName, parseLoadRecipe } from './loadRecipe.ts';

const whole = ([min, max]: readonly [number, number]) => fc.integer({ min, max });
const real = ([min, max]: readonly [number, number]) => fc.double({ min, max, noNaN: true }).map((value) => value + 0);

test('every recipe survives its address', () => {
  const recipes = fc.record({
    mflops: real(loadLimits.mflops),
    layers: whole(loadLimits.layers),
    width: whole(loadLimits.side),
    height: whole(loadLimits.side),
    memoryMb: real(loadLimits.memoryMb),
    batch: fc.oneof(fc.constant('free' as const), whole(loadLimits.batch)),
  });
  fc.assert(
    fc.property(recipes, (recipe) => {
      expect(parseLoadRecipe(loadAddress(recipe))).toEqual(recipe);
    }),
  );
});

test('what is not said is as usual; case, blanks and the separators of a query do no harm', () => {
  expect(parseLoadRecipe('load:')).toEqual(defaultLoad);
  expect(parseLoadRecipe(' LOAD:MFLOPS=50&layers=4& size = 640x360 ')).toEqual({
    ...defaultLoad,
    mflops: 50,
    layers: 4,
    width: 640,
    height: 360,
  });
  expect(isLoadAddress('load:mflops=5')).toBe(true);
  expect(isLoadAddress('https://example.org/load:mflops=5')).toBe(false);
});

test('its name says it in words', () => {
  expect(loadName(defaultLoad)).toBe('Load dial, 500 MFLOPs, 12 layers, 320 × 320');
  const more = { ...defaultLoad, mflops: 20_000, memoryMb: 40.5, batch: 4 };
  expect(loadName(more)).toBe('Load dial, 20\u202f000 MFLOPs, 12 layers, 320 × 320, 40.5 MB of traffic, batch of 4');
});

test.each([
  ['load:mflops=fast', /mflops is from 1 to 200000/],
  ['load:mflops=', /mflops is from/],
  ['load:mflops=Infinity', /mflops is from/],
  ['load:mflops=1e9', /mflops is from/],
  ['load:layers=1', /layers is a whole number from 2 to 200/],
  ['load:layers=2.5', /layers is a whole number/],
  ['load:size=320', /size is a width and a height from 32 to 2048, such as 320x320/],
  ['load:size=320x9999', /size is a width and a height/],
  ['load:memory=-1', /memory is from 0 to 10000 MB/],
  ['load:batch=0', /batch is "free" or a whole number/],
  ['load:flops=5', /"flops" is no part of it/],
  ['load:__proto__=5', /"__proto__" is no part of it/],
  [`load:${'x'.repeat(500)}`, /"x{40}" is no part of it/],
])('%s is refused', (address, why) => {
  expect(() => parseLoadRecipe(address)).toThrow(why);
  expect(() => parseLoadRecipe(address)).toThrow(/Write it like load:mflops=500,layers=12,size=320x320,memory=0\.$/);
});
