/** What every setting may be: the check of the URL hash and of `weir.configure`. Times in ms, rates per s. */
import * as v from 'valibot';
import { parseAlertRules } from './alertRules.ts';
import { WeirError } from './errors.ts';
import { backoffs, graphLevels, layouts, limiterKinds, policies, protocols, sourceKinds } from './settings.ts';

const positive = v.pipe(v.number(), v.finite(), v.gtValue(0));
const whole = (min: number, max: number) => v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));
const bounded = (min: number, max: number) => v.pipe(v.number(), v.finite(), v.minValue(min), v.maxValue(max));
/** A positive number or `null` for "off" (`undefined` does not survive JSON). */
const optionalMs = v.nullable(positive);

function whyNoRules(text: string): string {
  try {
    parseAlertRules(text);
    return '';
  } catch (error) {
    return WeirError.wrap(error, 'bad-settings').message;
  }
}
const isRules = (text: string) => whyNoRules(text) === '';
const name = v.pipe(v.string(), v.maxLength(200), v.regex(/^[^\s\u0000-\u001f]*$/, 'A name has no spaces.'));

const SourceSchema = v.strictObject({
  kind: v.picklist(sourceKinds),
  /** scene, constant, images, files */
  ratePerS: bounded(0.1, 2000),
  arrivals: v.picklist(['constant', 'poisson']),
  width: whole(16, 4096),
  height: whole(16, 4096),
  seed: whole(0, 0xffffffff),
  /** scene: 0 = plain and sharp, 0.5 = medium, 1 = crowded, smeared, noisy */
  difficulty: bounded(0, 1),
  /** scene: how fast things move; 1 = calm, 8 = very fast, 0 = still */
  motion: bounded(0, 16),
  /** scene: another one after so many seconds; 0 = never */
  cutS: bounded(0, 3600),
  /** websocket, mjpeg */
  url: v.pipe(v.string(), v.maxLength(2000)),
  /** websocket: how the sender is held back; `auto` is `plain`, which cannot be */
  protocol: v.picklist(protocols),
  /** video, sound file: 1 = as it was recorded; 0 = as fast as it is served, also for images and files */
  speed: bounded(0, 16),
  /** video, sound file: where it begins, s; a change jumps there. A loop begins at 0. */
  startS: bounded(0, 1e6),
  /** images, files, video, sound file: begin again at the end */
  loop: v.boolean(),
  /** camera, microphone: empty = the browser's default */
  deviceId: v.pipe(v.string(), v.maxLength(500)),
  /** audio */
  input: v.picklist(['microphone', 'file']),
  /** audio: what the model was trained on; sound of another rate is resampled */
  sampleRate: whole(1000, 192_000),
  /** audio: new samples in each window */
  windowSamples: whole(16, 1_048_576),
  /** audio: samples of the sound before a window that stand in front of it */
  contextSamples: whole(0, 1_048_576),
  /** constant */
  value: v.pipe(v.number(), v.finite()),
  /** rabbitmq: a queue that exists; nats: a stream of JetStream */
  queue: name,
  /** nats: the durable consumer that all workers share; made when it is not there */
  consumer: v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/, 'A consumer has 1 to 64 letters, digits, "-" or "_".')),
  /** nats: a subject of core NATS as a live source, instead of a queue */
  subject: name,
  /** nats, rabbitmq: jobs at this worker at once; 0 = slots + what hides the way to the broker, 2 to 16 */
  prefetch: whole(0, 256),
});

/** What becomes of the jobs of a work queue. */
const SettlingSchema = v.strictObject({
  /** A job that failed so often becomes a dead letter. */
  maxAttempts: whole(1, 100),
  backoff: v.picklist(backoffs),
  /** Of the first retry; with jitter between nought and it, and twice as much each time where it is exponential. */
  backoffMs: bounded(100, 600_000),
  maxBackoffMs: bounded(100, 3_600_000),
  /** nats: an unacknowledged job comes again after so long without a word */
  ackWaitMs: bounded(1000, 3_600_000),
  /** rabbitmq: a queue, or /exchange/NAME/KEY; nats: a subject that a stream stores. Empty = QUEUE.results */
  results: name,
  /** Like `results`, for dead letters. Empty = QUEUE.dead */
  dead: name,
  /** Hosts, parted by spaces, from which a job may name the address of its image. */
  hosts: v.pipe(v.string(), v.maxLength(1000)),
  /** So many failures in a row stop the taking for a while. */
  breakAfter: whole(1, 1000),
  /** How long what was begun may still end when the work stops. */
  drainMs: bounded(0, 600_000),
});

/** One of several sources that share the engine. */
export const NamedSourceSchema = v.strictObject({
  id: v.pipe(v.string(), v.regex(/^[\w-]{1,32}$/, 'A name of a source has 1 to 32 letters, digits, "-" or "_".')),
  /** Share of the engine beside the others when there is not enough for all; only the ratio matters. */
  weight: bounded(0.01, 1000),
  ...SourceSchema.entries,
});

const SourcesSchema = v.pipe(
  v.array(NamedSourceSchema),
  v.maxLength(8, 'At most 8 sources share an engine.'),
  v.check((all) => new Set(all.map(({ id }) => id)).size === all.length, 'Two sources have the same name.'),
);

const FlowSchema = v.strictObject({
  /** `auto` takes the source's own default (DESIGN.md section 4). */
  policy: v.picklist(['auto', ...policies]),
  /** Places in the queue, items. */
  capacity: whole(1, 1_000_000),
  /** Bytes that may wait in the queue; null = only items count. */
  capacityBytes: v.nullable(whole(1, 2 ** 40)),
  /** Expire at dequeue when now - scheduled is larger. */
  maxAgeMs: optionalMs,
  /** The objective: a result later than this after `scheduled` is a miss. */
  deadlineMs: optionalMs,
  /** Share of the offered that may miss the deadline before the objective counts as breached. */
  maxMissRatio: bounded(0, 1),
  /** Slots: deliveries inside the engine; null = sessions + 1, with `latest` and `skip` = sessions. */
  maxInFlight: v.nullable(whole(1, 64)),
  /** From dequeue to settle; null = slots + 2. */
  maxOpen: v.nullable(whole(1, 1024)),
  /** Frames per s that each source may bring to the gate: refuses under a lossy policy, paces under `block`. */
  rateLimit: v.nullable(bounded(0.01, 100_000)),
  /** Frames that run together, for models with a free batch dimension: flushed when full or when the first has waited so long. */
  batch: v.strictObject({ maxSize: whole(1, 64), maxDelayMs: bounded(0, 60_000) }),
  /** Whether results leave in the order of arrival of their source, or as they are ready. */
  order: v.picklist(['arrival', 'completion']),
  /** What sets the slots: `fixed` obeys maxInFlight; the others move between min and max by what latency tells them. */
  limiter: v.pipe(
    v.strictObject({
      kind: v.picklist(limiterKinds),
      min: whole(1, 64),
      max: whole(1, 64),
      /** aimd: latency in the engine above this lowers the limit; null = three mean service times. */
      targetMs: optionalMs,
    }),
    v.check(({ min, max }) => min <= max, 'The least limit is above the largest.'),
  ),
  /** Shedding by sojourn time (CoDel, RFC 8289); targetMs null = off. */
  codel: v.strictObject({ targetMs: optionalMs, intervalMs: positive }),
});

const EngineSchema = v.strictObject({
  provider: v.picklist(['auto', 'webgpu', 'wasm', 'simulated']),
  /** 0 = chosen from the cores. */
  threads: whole(0, 32),
  /** 0 = chosen by `aim`. */
  sessions: whole(0, 8),
  /** What the choice of sessions is for; `auto`: throughput where every source waits for demand, else latency. */
  aim: v.picklist(['auto', 'latency', 'throughput']),
  /** The first run, which also compiles, counts as hung after this time; later ones by what the runs before took. */
  firstRunLimitMs: bounded(1000, 600_000),
  /** Losses of the GPU within 60 s after which WASM takes over; null = never. */
  maxLosses: v.nullable(whole(1, 1000)),
  /** How far the runtime may rewrite the graph before it runs it. */
  graph: v.picklist(graphLevels),
  /** WebGPU: order of the dimensions inside the runtime; `auto` is its own choice. */
  layout: v.picklist(layouts),
  /** Free dimensions get the sizes that the card feeds, before the runtime plans; other sizes are then refused. */
  fixSizes: v.boolean(),
  /** WebGPU: the commands of a run are recorded once and replayed; off by itself where the outputs would differ. */
  graphCapture: v.boolean(),
  /** simulated engine only */
  serviceMs: bounded(0, 60_000),
  distribution: v.picklist(['constant', 'exponential', 'bimodal']),
  /** simulated: every so many ms a stall of `stallMs`; 0 = never. */
  stallEveryMs: bounded(0, 600_000),
  stallMs: bounded(0, 60_000),
});

export const SettingsSchema = v.strictObject({
  source: SourceSchema,
  /** Several sources before one engine; while there is one here, `source` is not in force. */
  sources: SourcesSchema,
  flow: FlowSchema,
  engine: EngineSchema,
  /** When a result is worth a notice: `person > 0.8 for 2 s; car > 0.5`. */
  alerts: v.pipe(
    v.string(),
    v.maxLength(1000),
    v.check(isRules, ({ input }) => whyNoRules(input)),
  ),
  settling: SettlingSchema,
  windowS: whole(5, 600),
});
