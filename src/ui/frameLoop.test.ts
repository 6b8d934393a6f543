import { expect, test, vi } from 'vitest';

vi.stubGlobal('addEventListener', () => {});
vi.stubGlobal('matchMedia', () => ({ matches: false }));
const { isCrowded } = await import('./frameLoop.ts');

test('the page draws less only where the threads of the model need all processors but one', () => {
  const engine = { requested: 'auto', provider: 'wasm', threads: 1, sessions: 1 } as const;
  expect(isCrowded(engine, 2)).toBe(true);
  expect(isCrowded({ ...engine, threads: 4 }, 8)).toBe(false);
  expect(isCrowded({ ...engine, sessions: 4, threads: 2 }, 8)).toBe(true);
  expect(isCrowded({ ...engine, provider: 'webgpu' }, 2)).toBe(false);
});
