/** What a bench hands back: a table for people, one JSON line for machines. */

export interface BenchResult {
  /** Rows of the table, header first. */
  readonly table: readonly (readonly (string | number)[])[];
  /** Exactly one of `ratio` and `value`, in JSON order, with interval, unit and verdict. */
  readonly figure: ({ readonly ratio: number; readonly again?: number } | { readonly value: number }) & {
    readonly low: number;
    readonly high: number;
    readonly unit: string;
    readonly pass: boolean;
  };
  readonly details: Readonly<Record<string, unknown>>;
}

/** There is nothing here to measure, and that is all there is to say. */
export class NothingToMeasure extends Error {}

export interface BenchEntry {
  readonly about: string;
  run(): Promise<BenchResult>;
}

export function formatTable(rows: BenchResult['table']): string {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? rounded(cell) : cell)));
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  '),
    )
    .join('\n');
}

export function jsonLine(bench: string, { figure, details }: BenchResult): string {
  return JSON.stringify({ bench, ...figure, ...details }, (_, value: unknown) =>
    typeof value === 'number' ? Number(value.toPrecision(6)) : value,
  );
}

function rounded(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(4);
}
