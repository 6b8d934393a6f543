/** Exports that are made from frames and histograms; loaded when somebody asks for one. */
import type { PipelineExport } from '../core/exportFormats.ts';
import type { Telemetry } from '../core/telemetry.ts';
import type { Metrics } from '../metrics/createMetrics.ts';
import { chromeTrace } from '../metrics/export/chromeTrace.ts';
import { openMetrics } from '../metrics/export/openMetrics.ts';

/** As much as a person can look through. */
const traceMs = 10_000;

export function exportText(
  format: Exclude<PipelineExport, 'results-jsonl' | 'results-csv'>,
  metrics: Metrics,
  { snapshot, live }: Pick<Telemetry, 'snapshot' | 'live'>,
  now: number,
): string {
  if (format === 'trace') return chromeTrace(metrics.frames(now - traceMs));
  return openMetrics({ snapshot, utilisation: live.utilisation, histograms: metrics.histograms() });
}
