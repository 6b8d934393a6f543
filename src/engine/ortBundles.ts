/**
 * The three builds of onnxruntime-web and the choice between them: the smallest one that has the provider.
 * A page must download exactly one wasm, so each build is imported on demand and given its own two files.
 */
import asyncifyMjs from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url';
import asyncifyWasm from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import jspiMjs from 'onnxruntime-web/ort-wasm-simd-threaded.jspi.mjs?url';
import jspiWasm from 'onnxruntime-web/ort-wasm-simd-threaded.jspi.wasm?url';
import wasmMjs from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url';
import wasmWasm from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';

export type Ort = typeof import('onnxruntime-web/wasm');
export type BundleName = 'wasm' | 'jspi' | 'webgpu';

interface Bundle {
  readonly load: () => Promise<Ort>;
  readonly mjs: string;
  readonly wasm: string;
}

const bundles: Readonly<Record<BundleName, Bundle>> = {
  wasm: { load: () => import('onnxruntime-web/wasm'), mjs: wasmMjs, wasm: wasmWasm },
  jspi: { load: () => import('onnxruntime-web/jspi'), mjs: jspiMjs, wasm: jspiWasm },
  webgpu: { load: () => import('onnxruntime-web/webgpu'), mjs: asyncifyMjs, wasm: asyncifyWasm },
};

/** JSPI keeps the stack switching in the browser, so that build is 10 MB smaller than the Asyncify one. */
export function bundleFor(provider: 'wasm' | 'webgpu'): BundleName {
  if (provider === 'wasm') return 'wasm';
  return 'Suspending' in WebAssembly ? 'jspi' : 'webgpu';
}

/** ORT's glue spawns its threads from the file it was imported from, so the URLs must be absolute and same-origin. */
export async function loadOrt(name: BundleName, threads: number): Promise<Ort> {
  const bundle = bundles[name];
  const ort = await bundle.load();
  ort.env.logLevel = 'error';
  ort.env.wasm.numThreads = threads;
  ort.env.wasm.wasmPaths = {
    mjs: new URL(bundle.mjs, self.location.href).href,
    wasm: new URL(bundle.wasm, self.location.href).href,
  };
  return ort;
}
