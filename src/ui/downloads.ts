/** An exported text or a kept model as a file of this computer. */
import type { ExportFormat } from '../core/exportFormats.ts';

const files: Readonly<Record<ExportFormat, readonly [name: string, type: string]>> = {
  json: ['weir-snapshot.json', 'application/json'],
  csv: ['weir-seconds.csv', 'text/csv'],
  openmetrics: ['weir-metrics.txt', 'application/openmetrics-text'],
  trace: ['weir-trace.json', 'application/json'],
  'results-jsonl': ['weir-results.jsonl', 'application/jsonl'],
  'results-csv': ['weir-results.csv', 'text/csv'],
};

export function download(format: ExportFormat, text: string): void {
  const [name, type] = files[format];
  saveText(name, type, text);
}

export function saveText(name: string, type: string, text: string): void {
  downloadFile(name, new Blob([text], { type }));
}

export function downloadFile(name: string, file: Blob): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
