/**
 * Names of external data files, judged and matched: a model may keep its weights beside itself.
 * The names come from the file, so one that points outside the model's own folder is refused.
 */
import type { ModelFacts } from '../core/card.ts';
import { WeirError } from '../core/errors.ts';

/**
 * A relative path below the model's folder, without a leading "./".
 * @throws WeirError bad-external-path for absolute paths, "..", addresses and ORT's memory markers
 */
export function checkExternalPath(path: string): string {
  const name = path.replace(/^(\.\/)+/, '');
  const parts = name.split(/[/\\]/);
  const hostile =
    // No file, but a folder.
    /^\.?$|[/\\]\.?$/.test(name) ||
    // Control characters and ORT's own "*/_ORT_MEM_ADDR_/*" marker, which it reads as an address in memory.
    /[\x00-\x1f*]/.test(name) ||
    /^[a-z][a-z0-9+.-]*:/i.test(name) ||
    parts[0] === '' ||
    parts.includes('..');
  if (hostile) {
    const shown = path === '' ? 'no name' : `“${path.slice(0, 100)}”`;
    throw new WeirError('bad-external-path', `The model points to weights outside its own folder: ${shown}.`);
  }
  return name;
}

export interface GivenFile {
  readonly name: string;
  readonly bytes: number;
}

/**
 * @param given all files that came together, without folders
 * @throws WeirError missing-external-data that names the files to drop together, or the one that is too short
 */
export function checkExternalFiles({ externalFiles }: ModelFacts, given: readonly GivenFile[]): void {
  const missing = externalFiles.filter(({ path }) => fileFor(path, given) === undefined);
  if (missing.length > 0) {
    const shown = missing.slice(0, 3).map(({ path }) => baseName(path));
    const more = missing.length > 3 ? ` and ${missing.length - 3} more` : '';
    throw new WeirError(
      'missing-external-data',
      `The weights are missing. This model keeps them in ${shown.join(', ')}${more}: drop the files together.`,
    );
  }
  for (const { path, bytes } of externalFiles) {
    const file = fileFor(path, given);
    if (file === undefined || file.bytes >= bytes) continue;
    throw new WeirError(
      'missing-external-data',
      `${baseName(path)} has ${file.bytes} bytes, but the model reads ${bytes}: it is cut off, or of another model.`,
    );
  }
}

/** Dropped files have no folders; the model names its weights by path. */
export function fileFor<F extends { readonly name: string }>(path: string, given: readonly F[]): F | undefined {
  return given.find(({ name }) => name === path) ?? given.find(({ name }) => name === baseName(path));
}

function baseName(path: string): string {
  return path.split(/[/\\]/).pop() ?? path;
}
