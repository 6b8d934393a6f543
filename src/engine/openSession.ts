/** The options of one ORT session, and what a WebGPU device gives it. */
import type { InferenceSession } from 'onnxruntime-web/wasm';
import { classifyError } from './classifyError.ts';
import type { OwnedDevice } from './gpuDevice.ts';
import type { GraphOptions, ModelBytes } from './messages.ts';
import type { Ort } from './ortBundles.ts';

export interface Opening {
  readonly model: ModelBytes;
  readonly graph: GraphOptions;
  readonly profile?: boolean;
}

/** @throws WeirError of the load classes */
export async function openSession(
  ort: Ort,
  { model, graph, profile = false }: Opening,
  gpu: OwnedDevice | undefined,
  capture: boolean,
): Promise<InferenceSession> {
  const external = model.external.map(({ path, data }) => ({ path, data: new Uint8Array(data) }));
  const onGpu = gpu === undefined ? [] : graph.gpuOutputs;
  try {
    return await ort.InferenceSession.create(new Uint8Array(model.bytes), {
      executionProviders: [gpu === undefined ? 'wasm' : webgpuProvider(gpu, graph.layout)],
      graphOptimizationLevel: graph.level,
      // The session has a log level of its own; at its default every initialiser that is an input is an error line.
      logSeverityLevel: 3,
      ...(Object.keys(graph.sizes).length === 0 ? {} : { freeDimensionOverrides: graph.sizes }),
      ...(profile ? { enableProfiling: true } : {}),
      ...(external.length === 0 ? {} : { externalData: external }),
      ...(onGpu.length === 0 ? {} : { preferredOutputLocation: Object.fromEntries(onGpu.map(gpuBuffer)) }),
      ...(capture ? { enableGraphCapture: true } : {}),
    });
  } catch (thrown) {
    throw classifyError(thrown, 'load');
  }
}

const gpuBuffer = (name: string) => [name, 'gpu-buffer'] as const;

function webgpuProvider(
  { device }: OwnedDevice,
  layout: GraphOptions['layout'],
): InferenceSession.WebGpuExecutionProviderOption {
  return { name: 'webgpu', device, ...(layout === 'auto' ? {} : { preferredLayout: layout }) };
}
