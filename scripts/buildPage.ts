/** Builds a page apart from the product, with the same bundler settings: parts of Weir alone, for benches and tests. */
import { build, defaultClientConditions } from 'vite';

/** @param root folder of `html`; @param outDir emptied, and then to be served */
export async function buildPage(root: string, html: string, outDir: string): Promise<string> {
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
      rollupOptions: { input: `${root}${html}` },
    },
  });
  return outDir;
}
