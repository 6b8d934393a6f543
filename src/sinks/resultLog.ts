/** The newest rows of results, of bounded number: a ring, so that a run of a week holds as much as one of a minute. */
import type { LogRow, LogView } from '../core/logRow.ts';

export interface ResultLog {
  add(rows: readonly LogRow[]): void;
  clear(): void;
  /** @param search words that must all stand in a row's label or source, in any case; empty: all rows */
  look(search: string, limit: number): LogView;
  /** One JSON object a line, oldest first. */
  jsonLines(): string;
  /** RFC 4180, with a header, oldest first. */
  csv(): string;
}

/** About 5 MB. */
const defaultCapacity = 20_000;

export function createResultLog(capacity = defaultCapacity): ResultLog {
  let ring: LogRow[] = [];
  /** Where the next row goes once the ring is full. */
  let next = 0;
  let total = 0;

  function oldestFirst(): LogRow[] {
    return ring.length < capacity ? ring : [...ring.slice(next), ...ring.slice(0, next)];
  }

  return {
    add(rows) {
      for (const row of rows) {
        if (ring.length < capacity) ring.push(row);
        else ring[next] = row;
        next = (next + 1) % capacity;
        total += 1;
      }
    },
    clear() {
      ring = [];
      next = 0;
      total = 0;
    },
    look(search, limit) {
      const words = search.toLowerCase().split(/\s+/).filter(Boolean);
      const rows: LogRow[] = [];
      let matching = 0;
      for (let i = ring.length - 1; i >= 0; i--) {
        const row = ring[ring.length < capacity ? i : (next + i) % capacity];
        if (row === undefined || !matches(row, words)) continue;
        matching += 1;
        if (rows.length < limit) rows.push(row);
      }
      return { rows, matching, kept: ring.length, total };
    },
    jsonLines: () =>
      oldestFirst()
        .map((row) => `${JSON.stringify({ ...row, time: new Date(row.at).toISOString() })}\n`)
        .join(''),
    csv: () => `time,source,frame,label,score,x,y,width,height\r\n${oldestFirst().map(csvLine).join('')}`,
  };
}

function matches({ label, source }: LogRow, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const text = `${label} ${source}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

function csvLine({ at, source, frame, label, score, box }: LogRow): string {
  const cells = [new Date(at).toISOString(), source, frame, label, score, ...(box ?? ['', '', '', ''])];
  return `${cells.map(cell).join(',')}\r\n`;
}

/** Labels come from a model: a cell that a spreadsheet would run is made text. */
function cell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
