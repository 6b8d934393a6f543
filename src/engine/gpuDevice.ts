/** The GPU device of one engine worker, owned by us so that it outlives sessions and its loss is seen. */

export interface OwnedDevice {
  readonly device: GPUDevice;
  /** In the browser's words, such as "google swiftshader". */
  readonly adapter: string;
  readonly software: boolean;
}

const wantedFeatures = ['shader-f16', 'timestamp-query', 'subgroups'] as const;

/** `undefined` when the browser has no adapter: `navigator.gpu` alone exists without any. */
export async function requestDevice(): Promise<OwnedDevice | undefined> {
  if (!('gpu' in navigator)) return undefined;
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) return undefined;
  const requiredFeatures = wantedFeatures.filter((name) => adapter.features.has(name));
  const device = await adapter.requestDevice({ requiredFeatures, requiredLimits: limitsOf(adapter.limits) });
  const name = nameOf(adapter.info);
  return { device, adapter: name, software: isSoftware(adapter.info, name) };
}

/** Whether there is an adapter that is worth measuring: one in software is far slower than WASM. */
export async function hasGpu(): Promise<boolean> {
  if (!('gpu' in navigator)) return false;
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
  return adapter !== null && !isSoftware(adapter.info, nameOf(adapter.info));
}

function nameOf({ vendor, architecture, description }: GPUAdapterInfo): string {
  return [vendor, architecture, description].filter((part) => part !== '').join(' ') || 'unnamed';
}

function isSoftware(info: GPUAdapterInfo, name: string): boolean {
  return info.isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe|basic render/i.test(name);
}

/** ORT's kernels expect the adapter's own limits, not the small defaults of the specification. */
function limitsOf(limits: GPUSupportedLimits): Record<string, number> {
  const all: Record<string, number> = {};
  for (const name in limits) {
    const value = limits[name as keyof GPUSupportedLimits];
    if (typeof value === 'number') all[name] = value;
  }
  return all;
}
