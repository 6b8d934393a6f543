/** Files made from the store: the snapshot as JSON and the closed seconds as CSV. */
import { dropCauses } from '../core/outcome.ts';
import type { StationValues } from '../store/station.ts';
import type { Timeline } from '../store/timeline.ts';

export function downloadSnapshot({ snapshot, live, settings, model }: StationValues): void {
  const trace = {
    settings: { ...settings, source: { ...settings.source, url: undefined } },
    snapshot,
    live,
    card: model?.card,
  };
  download('weir-snapshot.json', 'application/json', JSON.stringify(trace, undefined, 2));
}

export function downloadSeconds(timeline: Timeline): void {
  download('weir-seconds.csv', 'text/csv', secondsCsv(timeline));
}

/** One row per closed second; empty cells where there were too few samples. */
export function secondsCsv({ seconds }: Pick<Timeline, 'seconds'>): string {
  const head = [
    'at_ms',
    'offered',
    'completed',
    'failed',
    ...dropCauses.map((cause) => `dropped_${cause}`),
    'queued_mean',
    'in_flight_mean',
    'at_limit',
    'p50_ms',
    'p95_ms',
    'p99_ms',
  ];
  const rows = seconds.map((second) => [
    second.at.toFixed(0),
    second.offered,
    second.completed,
    second.failed,
    ...dropCauses.map((cause) => second.dropped[cause]),
    second.queuedMean.toFixed(3),
    second.inFlightMean.toFixed(3),
    second.atLimit.toFixed(3),
    second.p50?.toFixed(3) ?? '',
    second.p95?.toFixed(3) ?? '',
    second.p99?.toFixed(3) ?? '',
  ]);
  return [head, ...rows].map((row) => row.join(',')).join('\r\n');
}

function download(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
