/** The closed seconds as a table: one row each, units in the names, empty cells where there were too few samples. */
import { dropCauses } from '../core/outcome.ts';
import type { Timeline } from './timeline.ts';

export function secondsCsv({ seconds }: Pick<Timeline, 'seconds'>): string {
  const head = [
    'at_ms',
    'offered',
    'completed',
    'failed',
    ...dropCauses.map((cause) => `dropped_${cause}`),
    'misses',
    'queued_mean',
    'queue_limit',
    'in_flight_mean',
    'in_flight_limit',
    'at_limit_ratio',
    'response_p50_ms',
    'response_p95_ms',
    'response_p99_ms',
  ];
  const rows = seconds.map((second) => [
    second.at.toFixed(0),
    second.offered,
    second.completed,
    second.failed,
    ...dropCauses.map((cause) => second.dropped[cause]),
    second.misses,
    second.queuedMean.toFixed(3),
    second.queueLimit,
    second.inFlightMean.toFixed(3),
    second.inFlightLimit,
    second.atLimit.toFixed(3),
    second.p50?.toFixed(3) ?? '',
    second.p95?.toFixed(3) ?? '',
    second.p99?.toFixed(3) ?? '',
  ]);
  return [head, ...rows].map((row) => row.join(',')).join('\r\n');
}
