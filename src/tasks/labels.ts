/**
 * Class names out of a model's own metadata, in the forms that exporters write them.
 * The text comes from the file, so it is parsed by pattern, never evaluated, and capped.
 */
const maxLabels = 100_000;
const maxLabelLength = 200;

/** `names` of a YOLO export (`{0: 'person', 1: 'bicycle'}`), or `labels`, `classes`, `class_names` as list or JSON. */
export function labelsOf(metadata: Readonly<Record<string, string>>): string[] | undefined {
  for (const key of ['names', 'labels', 'classes', 'class_names']) {
    const text = metadata[key];
    const labels = text === undefined ? [] : parse(text);
    if (labels.length > 0) return labels;
  }
  return undefined;
}

function parse(text: string): string[] {
  const trimmed = text.trim();
  if (trimmed.startsWith('{')) return parseMap(trimmed);
  if (trimmed.startsWith('[')) return quoted(trimmed).map(clean).slice(0, maxLabels);
  const separator = trimmed.includes('\n') ? /\r?\n/ : /\s*,\s*/;
  return trimmed.split(separator).map(clean).filter(Boolean).slice(0, maxLabels);
}

const entry = /["']?(\d{1,6})["']?\s*:\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/g;

function parseMap(text: string): string[] {
  const found = new Map<number, string>();
  for (const [, index, single, double] of text.matchAll(entry)) found.set(Number(index), clean(single ?? double ?? ''));
  const size = Math.min(maxLabels, [...found.keys()].reduce((a, b) => Math.max(a, b), -1) + 1);
  return Array.from({ length: size }, (_, i) => found.get(i) ?? `class ${i}`);
}

function quoted(text: string): string[] {
  return [...text.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/g)].map(
    ([, single, double]) => single ?? double ?? '',
  );
}

function clean(label: string): string {
  return label
    .replace(/\\(.)/g, '$1')
    .replace(/[\x00-\x1f\x7f]/g, ' ')
    .trim()
    .slice(0, maxLabelLength);
}

export function labelOf(labels: readonly string[] | undefined, index: number): string {
  return labels?.[index] ?? `class ${index}`;
}
