/** The harness as one module, built as the product is. */
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

export async function buildHarness(): Promise<string> {
  const entry = fileURLToPath(new URL('./harness.ts', import.meta.url));
  const built = await build({
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    build: { write: false, target: 'es2023', lib: { entry, formats: ['es'] } },
  });
  const [chunk] = Array.isArray(built) ? (built[0]?.output ?? []) : 'output' in built ? built.output : [];
  if (chunk?.type !== 'chunk') throw new Error('The harness was not built.');
  return chunk.code;
}
