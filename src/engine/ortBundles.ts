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

const memories: WebAssembly.Memory[] = [];
let watched = false;

/** Bytes of the runtime's heap in this worker; it only grows. */
export const heapBytes = () => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);

/** The runtime makes its memory by itself and tells nobody. */
function watchMemory(): void {
  if (watched) return;
  watched = true;
  const Memory = WebAssembly.Memory;
  WebAssembly.Memory = class extends Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super(descriptor);
      memories.push(this);
    }
  };
}

/** ORT's glue spawns its threads from the file it was imported from, so the URLs must be absolute and same-origin. */
export async function loadOrt(name: BundleName, threads: number): Promise<Ort> {
  const bundle = bundles[name];
  watchMemory();
  const ort = await bundle.load();
  ort.env.logLevel = 'error';
  ort.env.wasm.numThreads = threads;
  ort.env.wasm.wasmPaths = {
    mjs: new URL(bundle.mjs, self.location.href).href,
    wasm: new URL(bundle.wasm, self.location.href).href,
  };
  return ort;
}

/** y = x: the smallest model there is (IR 8, opset 13). The runtime starts with its first session. */
const identity = [
  8, 8, 58, 47, 10, 16, 10, 1, 120, 18, 1, 121, 34, 8, 73, 100, 101, 110, 116, 105, 116, 121, 18, 1, 103, 90, 11, 10, 1,
  120, 18, 6, 10, 4, 8, 1, 18, 0, 98, 11, 10, 1, 121, 18, 6, 10, 4, 8, 1, 18, 0, 66, 2, 16, 13,
];

/** Fetches, compiles and starts the runtime of WASM; what goes wrong here is told when a model is loaded. */
export async function warmRuntime(threads: number): Promise<void> {
  try {
    const ort = await loadOrt('wasm', threads);
    const session = await ort.InferenceSession.create(Uint8Array.from(identity), { logSeverityLevel: 3 });
    await session.release();
  } catch {
    // The model that needs it will say why.
  }
}
