/**
 * The room rule: which room may import which, as an allowlist; `npm run lint` runs it over `src/`.
 * Exceptions stand in `exceptions` below, each with its reason; one that is no longer needed is a violation too.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ImportUse, importsOf, resolveImport } from './imports.ts';

const middle = [
  'sources',
  'brokers',
  'flow',
  'pixels',
  'engine',
  'tasks',
  'models',
  'sinks',
  'metrics',
  'lab',
] as const;

/** room -> rooms of ours it may import besides itself. `main` and `trustedTypes` are the files at the root of `src`. */
export const arrow: Readonly<Record<string, readonly string[]>> = {
  trustedTypes: [],
  core: [],
  ...Object.fromEntries(middle.map((room) => [room, ['core']])),
  pipeline: ['core', ...middle, 'trustedTypes'],
  store: ['core'],
  api: ['core', 'store', 'pipeline'],
  ui: ['core', 'store', 'api'],
  main: ['core', 'store', 'api', 'ui', 'pipeline', 'trustedTypes'],
};

/** Rooms that run on the page, where a worker's code would be dead weight. */
const pageRooms = ['api', 'store', 'ui', 'main'];

/** package (or its scope) -> rooms that may use it; a package that is not listed may be used anywhere. */
const packageRooms: Readonly<Record<string, readonly string[]>> = {
  react: ['ui', 'main'],
  'react-dom': ['ui', 'main'],
  '@base-ui': ['ui'],
  'lucide-react': ['ui'],
  uplot: ['ui'],
  zustand: ['store', 'ui'],
  'onnxruntime-web': ['engine'],
  '@nats-io': ['brokers'],
  '@stomp': ['brokers'],
  valibot: ['core', 'api', 'tasks', 'models'],
};

export const exceptions: readonly { readonly from: string; readonly to: string; readonly reason: string }[] = [];

export interface Violation {
  readonly file: string;
  readonly imports: string;
  readonly why: string;
}

/** `files`: path below `src` (with slashes) -> source text. */
export function violations(files: Readonly<Record<string, string>>, allowed = exceptions): Violation[] {
  const found: Violation[] = [];
  const used = new Set<number>();
  for (const [file, text] of Object.entries(files)) {
    for (const use of importsOf(text)) {
      const why = judge(file, use);
      if (why === undefined) continue;
      const target = resolveImport(file, use.specifier) ?? use.specifier;
      const index = allowed.findIndex(({ from, to }) => from === file && to === target);
      if (index >= 0) used.add(index);
      else found.push({ file, imports: use.specifier, why });
    }
  }
  allowed.forEach(({ from, to }, index) => {
    if (!used.has(index)) found.push({ file: from, imports: to, why: 'this exception is not needed any more' });
  });
  return found;
}

function judge(file: string, use: ImportUse): string | undefined {
  const room = roomOf(file);
  const isTest = /\.(test|fixture)\.tsx?$/.test(file);
  if (!use.specifier.startsWith('.')) return isTest ? undefined : judgePackage(room, use);
  const target = resolveImport(file, use.specifier);
  if (target === undefined) return isTest ? undefined : 'it leads out of src';
  const to = roomOf(target);
  const rooms = arrow[room];
  if (rooms === undefined) return `"${room}" is no room`;
  if (to !== room && !rooms.includes(to))
    return `${room} may import ${rooms.join(', ') || 'nothing of ours'}, not ${to}`;
  if (isTest || use.typeOnly) return undefined;
  if (to === 'trustedTypes' && room === 'pipeline' && !file.endsWith('.worker.ts'))
    return 'only entries of a thread set its policy';
  const onPage = pageRooms.includes(room) || isPageHalf(file);
  if (isPageHalf(target) && !onPage) return 'a page half runs on the page: a worker may import its types only';
  const isWorkerCode = [...middle, 'pipeline'].some((name) => name === to) && !isPageHalf(target);
  const spawns = use.kind === 'url' && target.endsWith('.worker.ts');
  if (onPage && isWorkerCode && !spawns)
    return 'code on the page may import types and page halves of worker rooms only';
  return undefined;
}

function judgePackage(room: string, use: ImportUse): string | undefined {
  if (room === 'core') {
    const isFine = use.specifier === 'valibot' || (use.specifier === 'rxjs' && use.typeOnly);
    return isFine ? undefined : 'core may use valibot and types of rxjs only';
  }
  const entry = Object.entries(packageRooms).find(
    ([name]) => use.specifier === name || use.specifier.startsWith(`${name}/`),
  );
  if (entry === undefined || use.typeOnly || entry[1].includes(room)) return undefined;
  return `${entry[0]} belongs to ${entry[1].join(' and ')}`;
}

function roomOf(path: string): string {
  const slash = path.indexOf('/');
  return slash < 0 ? path.replace(/(\.test)?\.tsx?$/, '') : path.slice(0, slash);
}

function isPageHalf(path: string): boolean {
  return /\.page\.tsx?$/.test(path);
}

function readSources(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const sources = names
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => /\.tsx?$/.test(name) && !name.includes('/assembly/'));
  return Object.fromEntries(sources.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = violations(readSources('src'));
  for (const { file, imports, why } of found) console.error(`src/${file} imports ${imports}: ${why}`);
  if (found.length > 0) process.exitCode = 1;
}
