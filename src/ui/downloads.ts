/** An exported text as a file of this computer. */
import type { ExportFormat } from '../core/exportFormats.ts';

const files: Readonly<Record<ExportFormat, readonly [name: string, type: string]>> = {
  json: ['weir-snapshot.json', 'application/json'],
  csv: ['weir-seconds.csv', 'text/csv'],
  openmetrics: ['weir-metrics.txt', 'application/openmetrics-text'],
  trace: ['weir-trace.json', 'application/json'],
};

export function download(format: ExportFormat, text: string): void {
  const [name, type] = files[format];
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
