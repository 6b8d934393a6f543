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
    name === '' ||
    // Control characters and ORT's own "*/_ORT_MEM_ADDR_/*" marker, which it reads as an address in memory.
    /[\x00-\x1f*]/.test(name) ||
    /^[a-z][a-z0-9+.-]*:/i.test(name) ||
    parts[0] === '' ||
    parts.includes('..');
  if (hostile) {
    const shown = name === '' ? 'no name' : `“${path.slice(0, 100)}”`;
    throw new WeirError('bad-external-path', `The model points to weights outside its own folder: ${shown}.`);
  }
  return name;
}

/**
 * @param names of the files that were given, without folders
 * @throws WeirError missing-external-data that names the files to drop together
 */
export function checkExternalFiles(facts: ModelFacts, names: readonly string[]): void {
  const missing = facts.externalFiles.filter((path) => !names.includes(path) && !names.includes(baseName(path)));
  if (missing.length === 0) return;
  const shown = missing.slice(0, 3).map(baseName).join(', ');
  const more = missing.length > 3 ? ` and ${missing.length - 3} more` : '';
  throw new WeirError(
    'missing-external-data',
    `The weights are missing. This model keeps them in ${shown}${more}: drop the files together.`,
  );
}

function baseName(path: string): string {
  return path.split(/[/\\]/).pop() ?? path;
}
