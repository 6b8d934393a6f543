/** Dark, light or the system's choice; kept in this browser, and read back as plain colours for canvases. */

export type Theme = 'dark' | 'light';

const key = 'weir.theme';
const listeners = new Set<() => void>();
const system = matchMedia('(prefers-color-scheme: dark)');
let colours = new Map<string, string>();
let version = 0;

function changed(): void {
  colours = new Map();
  version += 1;
  for (const listener of listeners) listener();
}
system.addEventListener('change', changed);

export function themeNow(): Theme {
  const chosen = document.documentElement.dataset['theme'];
  if (chosen === 'dark' || chosen === 'light') return chosen;
  return system.matches ? 'dark' : 'light';
}

export function toggleTheme(): void {
  const next: Theme = themeNow() === 'dark' ? 'light' : 'dark';
  document.documentElement.dataset['theme'] = next;
  try {
    // The system's own choice is not written down, so that the page goes on following it.
    if (next === (system.matches ? 'dark' : 'light')) localStorage.removeItem(key);
    else localStorage.setItem(key, next);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
  changed();
}

export function onTheme(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Grows with every change of colours. */
export function themeVersion(): number {
  return version;
}

/** The value of a colour token such as `--grid`, resolved for a canvas. */
export function colour(token: string): string {
  const known = colours.get(token);
  if (known !== undefined) return known;
  // A custom property is returned as written (`light-dark(...)`); a real property is resolved.
  const probe = document.createElement('i');
  probe.style.color = `var(${token})`;
  document.body.append(probe);
  const resolved = getComputedStyle(probe).color;
  probe.remove();
  colours.set(token, resolved);
  return resolved;
}
