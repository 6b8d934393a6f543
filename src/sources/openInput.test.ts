import type { Input } from 'mediabunny';
import { expect, test } from 'vitest';
import { openInput } from './openInput.ts';

test('an input of no use is ended, one in use is not', async () => {
  const seen: Input[] = [];
  const file = new Blob(['neither video nor sound']);
  const open = openInput(file, async (input) => {
    seen.push(input);
    await input.getPrimaryVideoTrack();
  });
  await expect(open).rejects.toThrow('unsupported');
  expect(seen.map(({ disposed }) => disposed)).toEqual([true]);
  const input = await openInput(file, async (each) => each);
  expect(input.disposed).toBe(false);
  input.dispose();
});
