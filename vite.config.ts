/** Builds the page and its workers. ORT's wasm files come from the package by URL, so exactly one is fetched. */
import react from '@vitejs/plugin-react';
import { defaultClientConditions } from 'vite';
import { configDefaults, defineConfig } from 'vitest/config';
import { isolationHeaders } from './server/headers.ts';

export default defineConfig({
  plugins: [react()],
  // RxJS gives ES5 to those who do not ask for its classes, which is larger and slower.
  resolve: { conditions: ['onnxruntime-web-use-extern-wasm', 'es2015', ...defaultClientConditions] },
  optimizeDeps: { exclude: ['onnxruntime-web'] },
  worker: { format: 'es' },
  build: { target: 'es2023', assetsInlineLimit: 0, modulePreload: { polyfill: false }, chunkSizeWarningLimit: 1500 },
  server: { headers: isolationHeaders },
  preview: { headers: isolationHeaders },
  test: {
    include: ['src/**/*.test.ts', 'server/**/*.test.ts', 'scripts/**/*.test.ts', 'bench/**/*.test.ts'],
    exclude: [...configDefaults.exclude, 'e2e/**'],
    // A limit for what hangs; a machine that is busy with other things must not fail a test.
    testTimeout: 60_000,
  },
});
