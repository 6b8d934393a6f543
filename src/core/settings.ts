/**
 * Every setting of a run, shared by the URL hash, `weir.configure` and the controls. Times in ms, rates per s.
 * Their check is a file of its own, because workers are handed what has been checked.
 */
import type { InferOutput } from 'valibot';
import type { NamedSourceSchema, SettingsSchema } from './settingsSchema.ts';
import { type Credentials, workKinds } from './work.ts';

export const limiterKinds = ['fixed', 'aimd', 'gradient'] as const;
export type LimiterKind = (typeof limiterKinds)[number];

/** What the runtime makes of a graph before it runs it. */
export const graphLevels = ['all', 'extended', 'basic', 'disabled'] as const;
export type GraphLevel = (typeof graphLevels)[number];
export const layouts = ['auto', 'NCHW', 'NHWC'] as const;
export type Layout = (typeof layouts)[number];

export const policies = ['latest', 'dropOldest', 'dropNewest', 'skip', 'block'] as const;
export type Policy = (typeof policies)[number];

export const sourceKinds = [
  'scene',
  'camera',
  'screen',
  'video',
  'images',
  'websocket',
  'mjpeg',
  'audio',
  'files',
  'constant',
  ...workKinds,
] as const;
export type SourceKind = (typeof sourceKinds)[number];

/** How the wait before the next attempt grows. */
export const backoffs = ['fixed', 'exponential'] as const;

export const protocols = ['auto', 'plain', 'stream', 'weir.v1'] as const;
export type Protocol = (typeof protocols)[number];

/** One of several sources that share the engine. */
export type NamedSource = InferOutput<typeof NamedSourceSchema>;

export type Settings = InferOutput<typeof SettingsSchema>;

/** Passed beside the settings: they belong in no link and in no export. */
export interface Beside {
  readonly files?: readonly File[];
  readonly credentials?: Credentials;
}

/** A change of settings. */
export type SettingsChange = Omit<DeepPartial<Settings>, 'source' | 'sources'> & {
  /** Alone it also ends the use of several sources. */
  readonly source?: DeepPartial<Settings['source']> & Beside;
  /** The whole list; what an entry leaves open stays as it was in the source of that name, or is the default. */
  readonly sources?: readonly (DeepPartial<NamedSource> & Beside)[];
};

export const defaultSettings: Settings = {
  source: {
    kind: 'scene',
    ratePerS: 30,
    arrivals: 'constant',
    width: 1280,
    height: 720,
    seed: 17,
    difficulty: 0.5,
    motion: 1,
    cutS: 0,
    url: '',
    protocol: 'auto',
    loop: true,
    speed: 1,
    startS: 0,
    deviceId: '',
    input: 'microphone',
    sampleRate: 16_000,
    windowSamples: 512,
    contextSamples: 0,
    value: 0.5,
    queue: '',
    consumer: 'weir',
    subject: '',
    prefetch: 0,
  },
  sources: [],
  flow: {
    policy: 'auto',
    capacity: 2,
    capacityBytes: null,
    maxAgeMs: null,
    deadlineMs: null,
    maxMissRatio: 0.01,
    maxInFlight: null,
    maxOpen: null,
    rateLimit: null,
    batch: { maxSize: 1, maxDelayMs: 5 },
    order: 'completion',
    limiter: { kind: 'fixed', min: 1, max: 16, targetMs: null },
    codel: { targetMs: null, intervalMs: 100 },
  },
  engine: {
    provider: 'auto',
    threads: 0,
    sessions: 0,
    aim: 'auto',
    firstRunLimitMs: 60_000,
    maxLosses: 2,
    graph: 'all',
    layout: 'auto',
    fixSizes: false,
    graphCapture: false,
    serviceMs: 20,
    distribution: 'constant',
    stallEveryMs: 0,
    stallMs: 0,
  },
  alerts: '',
  settling: {
    maxAttempts: 5,
    backoff: 'exponential',
    backoffMs: 1000,
    maxBackoffMs: 30_000,
    ackWaitMs: 30_000,
    results: '',
    dead: '',
    hosts: '',
    breakAfter: 10,
    drainMs: 10_000,
  },
  windowS: 30,
};

export type DeepPartial<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [K in keyof T]?: DeepPartial<T[K]> }
    : T;

/** What runs: the named ones, or the one source under the name of its kind. */
export function sourcesOf({ source, sources }: Pick<Settings, 'source' | 'sources'>): readonly NamedSource[] {
  return sources.length > 0 ? sources : [{ id: source.kind, weight: 1, ...source }];
}
