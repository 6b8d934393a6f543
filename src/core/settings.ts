/** Every setting of a run: one schema for the URL hash, `weir.configure` and the controls. Times in ms, rates per s. */
import * as v from 'valibot';

const positive = v.pipe(v.number(), v.finite(), v.gtValue(0));
const whole = (min: number, max: number) => v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));
const bounded = (min: number, max: number) => v.pipe(v.number(), v.finite(), v.minValue(min), v.maxValue(max));
/** A positive number or `null` for "off" (`undefined` does not survive JSON). */
const optionalMs = v.nullable(positive);

export const policies = ['latest', 'dropOldest', 'dropNewest', 'skip', 'block'] as const;
export type Policy = (typeof policies)[number];

export const sourceKinds = ['scene', 'camera', 'websocket', 'images', 'video'] as const;
export type SourceKind = (typeof sourceKinds)[number];

const SourceSchema = v.strictObject({
  kind: v.picklist(sourceKinds),
  /** scene, images */
  ratePerS: bounded(0.1, 2000),
  arrivals: v.picklist(['constant', 'poisson']),
  width: whole(16, 4096),
  height: whole(16, 4096),
  seed: whole(0, 0xffffffff),
  /** websocket */
  url: v.pipe(v.string(), v.maxLength(2000)),
  /** video: 1 = as it was recorded, 0 = as fast as it is served */
  speed: bounded(0, 16),
  /** images, video: begin again at the end */
  loop: v.boolean(),
  /** camera: empty = the browser's default */
  deviceId: v.pipe(v.string(), v.maxLength(500)),
});

const FlowSchema = v.strictObject({
  /** `auto` takes the source's own default (DESIGN.md section 4). */
  policy: v.picklist(['auto', ...policies]),
  capacity: whole(1, 1_000_000),
  maxAgeMs: optionalMs,
  deadlineMs: optionalMs,
  /** Slots: deliveries inside the engine; null = sessions + 1, with `latest` and `skip` = sessions. */
  maxInFlight: v.nullable(whole(1, 64)),
  /** From dequeue to settle; null = slots + 2. */
  maxOpen: v.nullable(whole(1, 1024)),
});

const EngineSchema = v.strictObject({
  provider: v.picklist(['auto', 'webgpu', 'wasm', 'simulated']),
  /** 0 = chosen from the cores. */
  threads: whole(0, 32),
  sessions: whole(1, 8),
  /** simulated engine only */
  serviceMs: bounded(0, 60_000),
  distribution: v.picklist(['constant', 'exponential', 'bimodal']),
  /** simulated: every so many ms a stall of `stallMs`; 0 = never. */
  stallEveryMs: bounded(0, 600_000),
  stallMs: bounded(0, 60_000),
});

export const SettingsSchema = v.strictObject({
  source: SourceSchema,
  flow: FlowSchema,
  engine: EngineSchema,
  windowS: whole(5, 600),
});

export type Settings = v.InferOutput<typeof SettingsSchema>;

/** A change of settings. Files are passed beside them: they belong in no link and in no export. */
export type SettingsChange = Omit<DeepPartial<Settings>, 'source'> & {
  readonly source?: DeepPartial<Settings['source']> & { readonly files?: readonly File[] };
};

export const defaultSettings: Settings = {
  source: {
    kind: 'scene',
    ratePerS: 30,
    arrivals: 'constant',
    width: 1280,
    height: 720,
    seed: 7,
    url: '',
    loop: true,
    speed: 1,
    deviceId: '',
  },
  flow: { policy: 'auto', capacity: 2, maxAgeMs: null, deadlineMs: null, maxInFlight: null, maxOpen: null },
  engine: {
    provider: 'auto',
    threads: 0,
    sessions: 1,
    serviceMs: 20,
    distribution: 'constant',
    stallEveryMs: 0,
    stallMs: 0,
  },
  windowS: 30,
};

export type DeepPartial<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [K in keyof T]?: DeepPartial<T[K]> }
    : T;
