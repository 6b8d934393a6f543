/**
 * The run as OpenMetrics text, which Prometheus and OpenTelemetry collectors read: counters of every frame by source,
 * latencies as histograms in seconds. Counts are since the start, as counters must be.
 */
import { dropCauses } from '../../core/outcome.ts';
import type { Counts, Snapshot } from '../../core/snapshot.ts';
import { cellEndMs, type Histogram } from '../histogram.ts';

export interface OpenMetricsInput {
  readonly snapshot: Snapshot;
  /** Share of the time in which the engine was busy, 0..1. */
  readonly utilisation: number;
  /** Of the whole run. */
  readonly histograms: Readonly<Record<'response' | 'service' | 'queueing', Histogram>>;
}

/** Upper bounds in seconds: a third of a decade apart, with those that frame rates make interesting. */
const bounds = [0.001, 0.002, 0.005, 0.01, 0.016, 0.033, 0.05, 0.066, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60] as const;

type Labels = Readonly<Record<string, string>>;

export function openMetrics({ snapshot, utilisation, histograms }: OpenMetricsInput): string {
  const lines: string[] = [];
  const sources = Object.entries(snapshot.sources);

  function family(name: string, type: 'counter' | 'gauge' | 'histogram' | 'info', help: string, unit?: string): void {
    lines.push(`# TYPE ${name} ${type}`);
    if (unit !== undefined) lines.push(`# UNIT ${name} ${unit}`);
    lines.push(`# HELP ${name} ${help}`);
  }
  const sample = (name: string, labels: Labels, value: number) => lines.push(`${name}${labelled(labels)} ${value}`);
  function bySource(name: string, type: 'counter' | 'gauge', help: string, of: (counts: Counts) => number): void {
    family(name, type, help);
    for (const [source, counts] of sources) sample(type === 'counter' ? `${name}_total` : name, { source }, of(counts));
  }

  bySource('weir_frames_offered', 'counter', 'Frames that stood at the gate.', ({ offered }) => offered);
  bySource('weir_frames_admitted', 'counter', 'Frames that the gate let in.', ({ admitted }) => admitted);
  bySource('weir_frames_completed', 'counter', 'Frames with a result.', ({ completed }) => completed);
  bySource('weir_frames_failed', 'counter', 'Frames that failed.', ({ failed }) => failed);
  bySource('weir_frames_released', 'counter', 'Frames that were given back unprocessed.', ({ released }) => released);
  bySource(
    'weir_frames_missed',
    'counter',
    'Frames that were lost before they reached the gate.',
    ({ missed }) => missed,
  );
  family('weir_frames_dropped', 'counter', 'Frames that were dropped, by cause; newest is the refusal at the gate.');
  for (const [source, counts] of sources)
    for (const cause of dropCauses) sample('weir_frames_dropped_total', { source, cause }, counts.dropped[cause]);
  bySource('weir_frames_queued', 'gauge', 'Frames in the queue now.', ({ queued }) => queued);
  bySource(
    'weir_frames_in_flight',
    'gauge',
    'Frames between the queue and their settlement now.',
    ({ inFlight }) => inFlight,
  );

  histogram('weir_response_time_seconds', 'From when a frame should have arrived to its result.', histograms.response);
  histogram('weir_service_time_seconds', 'From its beginning in the engine to its outputs.', histograms.service);
  histogram('weir_queueing_delay_seconds', 'In the queue, of all that were admitted.', histograms.queueing);

  family('weir_stage_seconds', 'gauge', 'Mean of a stage over the window.', 'seconds');
  for (const [stage, ms] of Object.entries(snapshot.stagesMs)) sample('weir_stage_seconds', { stage }, seconds(ms));
  const { mean: ageMs } = snapshot.ageMs;
  if (ageMs !== undefined) {
    family('weir_age_of_information_seconds', 'gauge', 'Mean age of the result on screen over the window.', 'seconds');
    sample('weir_age_of_information_seconds', {}, seconds(ageMs));
  }
  family(
    'weir_deadline_miss_ratio',
    'gauge',
    'Late, dropped and failed among those that ended, over the window.',
    'ratio',
  );
  sample('weir_deadline_miss_ratio', {}, snapshot.missRatio);
  family('weir_engine_utilisation_ratio', 'gauge', 'Busy share of all sessions over the window.', 'ratio');
  sample('weir_engine_utilisation_ratio', {}, utilisation);
  const { provider, threads, sessions } = snapshot.engine;
  family('weir_engine', 'info', 'What truly runs.');
  sample(
    'weir_engine_info',
    { provider, threads: `${threads}`, sessions: `${sessions}`, model: snapshot.model?.name ?? '' },
    1,
  );
  lines.push('# EOF', '');
  return lines.join('\n');

  function histogram(name: string, help: string, values: Histogram): void {
    family(name, 'histogram', help, 'seconds');
    let cell = 0;
    let below = 0;
    for (const bound of bounds) {
      // A cell belongs to the first bound that holds all of it.
      for (; cell < values.counts.length && cellEndMs(cell) <= bound * 1000; cell++) below += values.counts[cell] ?? 0;
      sample(`${name}_bucket`, { le: le(bound) }, below);
    }
    sample(`${name}_bucket`, { le: '+Inf' }, values.count);
    sample(`${name}_sum`, {}, seconds(values.mean() * values.count));
    sample(`${name}_count`, {}, values.count);
  }
}

const seconds = (ms: number) => Number((ms / 1000).toPrecision(9));
/** A float in its canonical form. */
const le = (bound: number) => (Number.isInteger(bound) ? `${bound}.0` : `${bound}`);

function labelled(labels: Labels): string {
  const all = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`,
  );
  return all.length === 0 ? '' : `{${all.join(',')}}`;
}
