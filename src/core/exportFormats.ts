/** What the numbers of a run can leave as; one list for the menu, the palette and `weir.export`. */
export const exportFormats = ['json', 'csv', 'openmetrics', 'trace', 'results-jsonl', 'results-csv'] as const;
export type ExportFormat = (typeof exportFormats)[number];
/** Made where the frames and their histograms are. */
export type PipelineExport = Exclude<ExportFormat, 'json' | 'csv'>;
