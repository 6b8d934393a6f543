/** The SIMD preparation against a float64 reference written from the definition, over all options. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileSimd, simdModules } from '../../scripts/buildSimd.ts';
import type { Prepare } from '../core/card.ts';
import { createPreparer } from './preparer.ts';
import { widen } from './numbers.ts';
import { disagreement, optionsOf, pictureOf, types } from './prepareReference.fixture.ts';

const wasm = readFileSync(new URL('./prepare.wasm', import.meta.url));

describe('preparer', () => {
  it('agrees with the reference within 1/255 of the pixel range, over all options', async () => {
    const preparer = await createPreparer(wasm);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 90 }),
        fc.integer({ min: 1, max: 90 }),
        // A picture that has the input's size already goes another way.
        fc.boolean(),
        optionsOf(types),
        (freeWidth, freeHeight, sameSize, prepare: Prepare) => {
          const w = sameSize ? prepare.width : freeWidth;
          const h = sameSize ? prepare.height : freeHeight;
          const picture = pictureOf(w, h, w * 97 + h);
          const { data } = preparer.prepare(picture, prepare);
          const got = prepare.type === 'float16' ? widen(data as Uint16Array) : data;
          expect(disagreement(got, picture, prepare, 0.05)).toBeUndefined();
        },
      ),
      { numRuns: 600 },
    );
  });

  it('keeps working when its memory has grown', async () => {
    const preparer = await createPreparer(wasm);
    const base: Prepare = {
      input: 'x',
      width: 8,
      height: 8,
      fit: 'stretch',
      color: 'rgb',
      layout: 'nchw',
      type: 'float32',
      scale: 1,
      mean: [0, 0, 0],
      std: [1, 1, 1],
      pad: 0,
    };
    const small = pictureOf(8, 8, 3);
    const before = [...preparer.prepare(small, base).data];
    preparer.prepare(pictureOf(1920, 1080, 5), { ...base, width: 640, height: 640 });
    expect([...preparer.prepare(small, base).data]).toEqual(before);
  });

  it('refuses a type that pixels cannot become', async () => {
    const preparer = await createPreparer(wasm);
    const prepare = {
      input: 'x',
      width: 2,
      height: 2,
      fit: 'stretch',
      color: 'rgb',
      layout: 'nchw',
      type: 'string',
      scale: 1,
      mean: [0, 0, 0],
      std: [1, 1, 1],
      pad: 0,
    } as const;
    expect(() => preparer.prepare(pictureOf(2, 2, 1), prepare)).toThrow(/cannot become/);
  });
});

describe('committed SIMD modules', () => {
  it.each(simdModules)(
    '$artefact is what its source compiles to',
    ({ source, artefact }) => {
      const committed = readFileSync(new URL(`../../${artefact}`, import.meta.url));
      expect(compileSimd(source).equals(committed)).toBe(true);
    },
    60_000,
  );
});
