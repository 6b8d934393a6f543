/** The exports in words, for the menu and the palette. */
import type { ExportFormat } from '../core/exportFormats.ts';

export const exportsInOrder: readonly {
  readonly format: ExportFormat;
  readonly name: string;
  readonly note: string;
}[] = [
  { format: 'json', name: 'Everything, JSON', note: 'Counts, percentiles, stages, settings, and each second.' },
  { format: 'csv', name: 'Seconds, CSV', note: 'One row per second of the last half hour.' },
  {
    format: 'trace',
    name: 'Trace, Perfetto',
    note: 'Every frame of the last 10 s on its way; ui.perfetto.dev opens it.',
  },
  { format: 'openmetrics', name: 'Metrics, OpenMetrics', note: 'Counters and histograms as Prometheus reads them.' },
  { format: 'results-jsonl', name: 'Results, JSON lines', note: 'One object per label: time, frame, score, box.' },
  { format: 'results-csv', name: 'Results, CSV', note: 'The same as a table.' },
];
