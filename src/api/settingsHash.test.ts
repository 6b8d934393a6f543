import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defaultSettings, policies, type Settings } from '../core/settings.ts';
import { defaultLoad, loadAddress } from '../core/loadRecipe.ts';
import { withoutSecrets } from '../core/address.ts';
import { mergeSettings, settingsFromHash, settingsToHash } from './settingsHash.ts';

test('defaults make an empty hash', () => {
  expect(settingsToHash(defaultSettings)).toBe('');
  expect(settingsFromHash('').settings).toEqual(defaultSettings);
});

test('settings survive the hash', () => {
  const change = fc.record({
    source: fc.record({ ratePerS: fc.double({ min: 0.1, max: 2000, noNaN: true }), seed: fc.nat() }),
    flow: fc.record({
      policy: fc.constantFrom('auto' as const, ...policies),
      maxAgeMs: fc.oneof(fc.constant(null), fc.double({ min: 0.5, max: 1e6, noNaN: true })),
    }),
  });
  fc.assert(
    fc.property(change, (partial) => {
      const settings: Settings = mergeSettings(defaultSettings, partial);
      expect(settingsFromHash(`#${settingsToHash(settings)}`).settings).toEqual(settings);
    }),
  );
});

test('the address of a load dial stays readable and comes back', () => {
  const model = loadAddress({ ...defaultLoad, memoryMb: 12.5 });
  const hash = settingsToHash(defaultSettings, model);
  expect(hash).toBe('model=load:mflops=500,layers=12,size=320x320,memory=12.5');
  expect(settingsFromHash(`#${hash}`).model).toBe(model);
  const address = 'https://example.org/a=b/m.onnx?x=1&y=2';
  expect(settingsFromHash(`#${settingsToHash(defaultSettings, address)}`).model).toBe(address);
});

test('nonsense is refused with the name of the field', () => {
  expect(() => mergeSettings(defaultSettings, { flow: { capacity: -1 } })).toThrow(/flow\.capacity/);
  expect(() => mergeSettings(defaultSettings, { flow: { nonsense: 1 } } as never)).toThrow(/nonsense/);
  expect(() => settingsFromHash('#flow.nonsense=1')).toThrow(/no setting/);
  expect(() => settingsFromHash('#source.ratePerS=fast')).toThrow(/ratePerS/);
  expect(() => settingsFromHash('#__proto__.polluted=1')).toThrow(/no setting/);
});

test('a link never carries a secret', () => {
  expect(withoutSecrets('wss://me:pw@host/feed?token=abc&rate=5')).toBe('wss://host/feed?rate=5');
});
