/** What a TypeScript file imports, read from its text: enough for the room rule, without a compiler. */

export interface ImportUse {
  readonly specifier: string;
  readonly typeOnly: boolean;
  /** `url`: `new URL('./x.worker.ts', import.meta.url)`. */
  readonly kind: 'import' | 'dynamic' | 'url';
}

/** In order of kind; comments are taken out first, so that an example in a doc is no import. */
export function importsOf(text: string): ImportUse[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[\s;{}()])\/\/[^\n]*/g, '$1');
  const found: ImportUse[] = [];
  for (const match of code.matchAll(/\b(import|export)\s+(type\s+)?([^'";]*?from\s*)?['"]([^'"\n]+)['"]/g)) {
    const [, keyword, type, clause, specifier = ''] = match;
    // `export 'x'` does not exist, and a string after the word in other code is no import.
    if (keyword === 'export' && clause === undefined) continue;
    found.push({ specifier, typeOnly: type !== undefined || namesTypesOnly(clause), kind: 'import' });
  }
  for (const [whole, specifier = ''] of code.matchAll(/\bimport\(\s*['"]([^'"\n]+)['"]\s*\)/g)) {
    const at = code.indexOf(whole);
    found.push({ specifier, typeOnly: /(typeof|[:=<|&]|as)\s*$/.test(code.slice(0, at)), kind: 'dynamic' });
  }
  for (const [, specifier = ''] of code.matchAll(/new URL\(\s*['"](\.[^'"\n]+)['"]\s*,\s*import\.meta\.url\s*\)/g))
    found.push({ specifier, typeOnly: false, kind: 'url' });
  return found;
}

/** `import { type A, type B } from` loads nothing. */
function namesTypesOnly(clause: string | undefined): boolean {
  const names = clause?.match(/^\s*\{([^}]*)\}/)?.[1];
  if (names === undefined) return false;
  return names.split(',').every((name) => name.trim() === '' || /^type\s/.test(name.trim()));
}

/** The path below `src` that a relative specifier leads to, or undefined when it leads out of `src`. */
export function resolveImport(file: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  const parts = file.split('/').slice(0, -1);
  for (const part of (specifier.split('?')[0] ?? '').split('/')) {
    if (part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}
