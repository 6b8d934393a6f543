/** Numbers as the page writes them: fixed decimals, a narrow space between thousands, a true minus. */

const narrowSpace = '\u202f';

/** A rate or a time in ms: one decimal. */
export function one(value: number): string {
  return Number.isFinite(value) ? minus(grouped(value.toFixed(1))) : '–';
}

/** A whole count, in full. */
export function count(value: number): string {
  return Number.isFinite(value) ? minus(grouped(Math.round(value).toFixed(0))) : '–';
}

/** A number as a person would write it: no needless zeros. */
export function plain(value: number): string {
  return minus(grouped(String(Number(value.toPrecision(6)))));
}

export function percent(share: number, decimals = 0): string {
  return `${(share * 100).toFixed(decimals)} %`;
}

/** 9:12 or 1:02:33. */
export function clockTime(ms: number): string {
  const total = Math.floor(ms / 1000);
  const [hours, minutes, seconds] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  const tail = `${String(seconds).padStart(2, '0')}`;
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`;
}

export function bytes(value: number): string {
  if (value < 1000) return `${value} bytes`;
  if (value < 1e6) return `${(value / 1e3).toFixed(1)} kB`;
  return value < 1e9 ? `${(value / 1e6).toFixed(1)} MB` : `${(value / 1e9).toFixed(2)} GB`;
}

/** Strings of models, messages and addresses are hostile: capped, on one line. */
export function capped(text: string, length = 200): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}

/** How long ago, in one unit. */
export function ago(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ago`;
  return `${Math.floor(minutes / 1440)} days ago`;
}

export function dims(shape: readonly (number | string)[]): string {
  return shape.length === 0 ? 'scalar' : shape.map((size) => capped(String(size), 20)).join(' × ');
}

function grouped(digits: string): string {
  const [whole = '', fraction] = digits.split('.');
  const spaced = whole.replace(/\B(?=(\d{3})+$)/g, narrowSpace);
  return fraction === undefined ? spaced : `${spaced}.${fraction}`;
}

function minus(text: string): string {
  return text.replace('-', '−');
}
