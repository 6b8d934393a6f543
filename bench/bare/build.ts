/** Builds the bare loop's page apart from the product, with the same bundler settings, into a folder of its own. */
import { fileURLToPath } from 'node:url';
import { build, defaultClientConditions } from 'vite';

/** @returns the folder to serve */
export async function buildBare(): Promise<string> {
  const root = fileURLToPath(new URL('.', import.meta.url));
  const outDir = fileURLToPath(new URL('../dist', import.meta.url));
  await build({
    configFile: false,
    root,
    publicDir: false,
    logLevel: 'warn',
    resolve: { conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions] },
    worker: { format: 'es' },
    build: {
      target: 'es2023',
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 1500,
      outDir,
      emptyOutDir: true,
      rollupOptions: { input: `${root}bare.html` },
    },
  });
  return outDir;
}
